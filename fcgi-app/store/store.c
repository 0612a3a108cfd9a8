/* SPDX-License-Identifier: MIT */
/* The handle of the store, and what all its files use. */
#include "config.h"

#include "store/store.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "db/transaction.h"
#include "store/impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define RETRIES_MAX 3
#define PAUSE_MS 5

static void states_check(void)
{
	static const struct {
		const char *sql;
		int state;
	} states[] = {
		{ SQL_OPEN, NOTIFICATION_OPEN },
		{ SQL_SENT, NOTIFICATION_SENT },
		{ SQL_DEAD, NOTIFICATION_DEAD },
		{ SQL_EXPIRED, NOTIFICATION_EXPIRED },
		{ SQL_ABORTED, NOTIFICATION_ABORTED },
		{ SQL_RETURNED, QUEUE_FATE_RETURNED },
		{ SQL_COMPLAINED, QUEUE_FATE_COMPLAINED },
		{ SQL_FORGET_NOT, FORGET_NOT },
		{ SQL_FORGET_NOW, FORGET_NOW },
		{ SQL_IN_LINE, WAITING_IN_LINE },
		{ SQL_OFFERED, WAITING_OFFERED },
		{ SQL_BOOKED, WAITING_BOOKED },
		{ SQL_LAPSED, WAITING_LAPSED },
		{ SQL_REMOVED, WAITING_REMOVED },
	};

	for (size_t i = 0; i < ARRAY_COUNT(states); i++)
		must(states[i].sql[0] - '0' == states[i].state);
}

struct store *store_new(struct dbconn *db)
{
	struct store *s = alloc_zeroed(1, sizeof(*s));

	states_check();
	s->db = db;
	return s;
}

void store_watch(struct store *s, struct store_watcher watcher)
{
	s->watcher = watcher;
}

void store_tell(const struct store *s, int64_t done, int64_t of)
{
	if (s->watcher.tell)
		s->watcher.tell(s->watcher.arg, done, of);
}

void store_calendar_set(struct store *s, const char *domain,
			const char *sender)
{
	must(str_copy(s->calendar.domain, sizeof(s->calendar.domain), domain));
	must(str_copy(s->calendar.sender, sizeof(s->calendar.sender), sender));
}

void store_ref_prefix_set(struct store *s, const char *prefix)
{
	must(str_copy(s->ref_prefix, sizeof(s->ref_prefix), prefix));
}

void store_free(struct store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < STORE_SLOTS_CACHED; i++)
		store_cached_slot_free(s->slots[i]);
	free(s);
}

int store_ping(struct store *s, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT MAX(version) FROM schema_version", "i",
	};

	if (dbconn_get(s->db, &query, DB_NO_VALUES, why) < 0)
		return -1;

	int64_t version = dbconn_int(s->db, 0);

	if (version < STORE_SCHEMA_VERSION)
		return fault_set(why, FAULT_CONFIG,
				 "the schema is version %" PRId64
				 ", %d is needed: run bookctl migrate",
				 version, STORE_SCHEMA_VERSION);
	return 0;
}

const char *store_setting(const struct store *s)
{
	return dbconn_setting(s->db);
}

int store_may_write(struct store *s, struct fault *why)
{
	return dbconn_may_write(s->db, why);
}

int store_rights_check(struct store *s, struct fault *why)
{
	/* The right is looked at before the condition is. */
	static const struct dbquery queries[] = {
		{ "INSERT INTO notification SELECT * FROM notification "
		  "WHERE 1 = 0", NULL },
		{ "UPDATE slot_inventory SET booked = booked WHERE 1 = 0",
		  NULL },
		{ "DELETE FROM waiting WHERE 1 = 0", NULL },
	};

	for (size_t i = 0; i < ARRAY_COUNT(queries); i++) {
		if (dbconn_run(s->db, &queries[i], DB_NO_VALUES, why) < 0)
			return -1;
	}
	return 0;
}

int store_rights_excess(struct store *s, char *out, size_t size,
			struct fault *why)
{
#define OWN \
	"grantee = CONCAT(\"'\", SUBSTRING_INDEX(CURRENT_USER(), '@', 1), " \
	"\"'@'\", SUBSTRING_INDEX(CURRENT_USER(), '@', -1), \"'\")"
	static const struct dbquery query = {
		"SELECT CONCAT(privilege_type, ' on *.*') "
		"FROM information_schema.user_privileges "
		"WHERE privilege_type <> 'USAGE' AND " OWN " UNION ALL "
		"SELECT CONCAT(privilege_type, ' on ', table_schema, '.*') "
		"FROM information_schema.schema_privileges WHERE " OWN
		" UNION ALL "
		"SELECT CONCAT(privilege_type, ' on ', table_name) "
		"FROM information_schema.table_privileges "
		"WHERE table_schema = DATABASE() AND " OWN " AND ("
		"(table_name = 'api_key' AND privilege_type <> 'SELECT') OR "
		"(table_name IN ('audit', 'booking_event') AND "
		"privilege_type NOT IN ('SELECT', 'INSERT'))) LIMIT 1", "t",
	};
#undef OWN
	int found = dbconn_get(s->db, &query, DB_NO_VALUES, why);

	if (found == 1)
		(void)str_printable(out, size, dbconn_text(s->db, 0));
	return found;
}

#define LAST_SECOND INT64_C(253402300799)	/* of the year 9999 */

int64_t store_within_s(int64_t at_s)
{
	if (at_s < 0)
		return 0;
	return at_s < LAST_SECOND ? at_s : LAST_SECOND;
}

int store_transaction(struct store *s,
		      int (*body)(struct store *s, void *arg,
				  struct fault *why),
		      void *arg, struct fault *why)
{
	for (int retries = 0; ; retries++) {
		struct timespec pause = { 0, PAUSE_MS * 1000000 };
		int r = -1;

		if (dbconn_begin(s->db, why) == 0)
			r = body(s, arg, why);
		if (r == STORE_CHANGED)
			r = dbconn_commit(s->db, why);
		if (r == STORE_CHANGED)
			return r;

		enum dbconn_error error = dbconn_error(s->db);

		dbconn_rollback(s->db);
		if (r > 0 || retries == RETRIES_MAX ||
		    (error != DBCONN_BUSY && error != DBCONN_DEAD))
			return r;
		(void)nanosleep(&pause, NULL); /* shorter is as good */
	}
}

int store_update(struct store *s, const struct dbquery *query,
		 struct dbvalues values, struct fault *why)
{
	if (dbconn_run(s->db, query, values, why) < 0)
		return -1;
	return dbconn_affected(s->db) ? STORE_CHANGED : STORE_MEANWHILE;
}

int64_t store_id_find(struct store *s, const struct dbquery *query,
		      struct dbvalues values, struct fault *why)
{
	int r = dbconn_get(s->db, query, values, why);

	return r == 1 ? dbconn_int(s->db, 0) : r;
}

int store_use_note(struct store *s, const struct dbquery *query,
		   const struct last_use *last, struct fault *why)
{
	int64_t now_ms = wall_ms();
	int64_t today_ms = now_ms - now_ms % DAY_MS;

	if (last->on_ms == today_ms)
		return 0;
	return dbconn_run(s->db, query, DB_VALUES(DB_TIME_MS(today_ms),
						  DB_INT(last->id)), why);
}
