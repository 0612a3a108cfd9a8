/* SPDX-License-Identifier: MIT */
/* Names of rows that must never name another one. */
#include "config.h"

#include "store/names.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "domain/token.h"
#include "store/audit.h"
#include "store/impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define RETRIES_MAX 5		/* rows that somebody holds */
#define NUMBERS_SINCE_S INT64_C(1577836800)	/* 2020 */

int64_t store_ids_until(struct store *s, const struct dbquery *query,
			int64_t after, struct fault *why)
{
	if (dbconn_get(s->db, query, DB_VALUES(DB_INT(after)), why) < 0)
		return -1;
	return dbconn_int(s->db, 0);
}

/* A table, and what is done to some of its rows at a time. */
struct sweep {
	struct dbquery last;
	struct dbquery ids;
	struct dbquery rows;	/* values, then ids above and up to; changes
				   rows, or reads a count */
};

#define SWEEP_OF(table) { STORE_LAST_OF(table) }, { STORE_IDS_OF(table) }
#define SWEEP_VALUES_MAX 2

/* Runs the statement over all rows.  How many it changed or counted, or -1. */
static int64_t sweep(struct store *s, const struct sweep *w,
		     struct dbvalues values, struct fault *why)
{
	struct dbvalue all[SWEEP_VALUES_MAX + 2];
	int64_t after = 0;
	int64_t count = 0;
	int64_t until;
	int64_t last;
	int retries = 0;

	if (dbconn_get(s->db, &w->last, DB_NO_VALUES, why) < 0)
		return -1;
	last = dbconn_int(s->db, 0);
	must(values.count <= SWEEP_VALUES_MAX);
	for (size_t i = 0; i < values.count; i++)
		all[i] = values.list[i];
	for (;;) {
		until = store_ids_until(s, &w->ids, after, why);
		if (until <= 0)
			return until < 0 ? -1 : count;
		all[values.count] = (struct dbvalue)DB_INT(after);
		all[values.count + 1] = (struct dbvalue)DB_INT(until);
		if (dbconn_run(s->db, &w->rows,
			       (struct dbvalues){ all, values.count + 2 },
			       why) == 0 &&
		    (!w->rows.columns || dbconn_next(s->db, why) == 1)) {
			count += w->rows.columns ? dbconn_int(s->db, 0) :
						   dbconn_affected(s->db);
			after = until;
			store_tell(s, after, last);
			retries = 0;
		} else if (dbconn_error(s->db) != DBCONN_BUSY ||
			   ++retries > RETRIES_MAX) {
			return -1;
		}
	}
}

/* Both with the same values.  Their sum, or -1. */
static int64_t sweep_both(struct store *s, const struct sweep sweeps[2],
			 struct dbvalues values, struct fault *why)
{
	int64_t first = sweep(s, &sweeps[0], values, why);
	int64_t second = first < 0 ? -1 : sweep(s, &sweeps[1], values, why);

	return second < 0 ? -1 : first + second;
}

/* ---- links -------------------------------------------------------------- */

#define RANGE "id > ? AND id <= ?"

int store_links_fill(struct store *s, int64_t *count_out, struct fault *why)
{
	/* One draw for each run; a hash of it and of the id is as good as a
	 * draw for each row, and a replica gets the same by any format.
	 * MariaDB 11 reads a small table whole if it is let, and all that it
	 * reads is locked. */
#define FILL(table) \
	"UPDATE " table " FORCE INDEX (PRIMARY) SET nonce = " \
	"UNHEX(LEFT(SHA2(CONCAT(?, '" table "', id), 256), 32)) " \
	"WHERE " RANGE " AND nonce IS NULL"
	static const struct sweep sweeps[] = {
		{ SWEEP_OF("booking"), { FILL("booking"), NULL } },
		{ SWEEP_OF("waiting"), { FILL("waiting"), NULL } },
	};
	uint8_t drawn[2 * TOKEN_NONCE_BYTES];
	char hex[2 * sizeof(drawn) + 1];

	token_nonce_draw(drawn);
	token_nonce_draw(drawn + TOKEN_NONCE_BYTES);
	str_hex(hex, drawn, sizeof(drawn));
	*count_out = sweep_both(s, sweeps, DB_VALUES(DB_TEXT(hex)), why);
	return *count_out < 0 ? -1 : 0;
}

int store_calendar_fill(struct store *s, struct fault *why)
{
	static const struct sweep bookings = {
		SWEEP_OF("booking"),
		{ "UPDATE booking b FORCE INDEX (PRIMARY) "
		  "JOIN slot s ON s.id = b.slot_id SET b.calendar_domain = ?, "
		  "b.calendar_sender = NULLIF(?, '') "
		  "WHERE b.id > ? AND b.id <= ? AND b.calendar_domain IS NULL "
		  "AND s.ends_at > NOW()", NULL },
	};

	return sweep(s, &bookings, DB_VALUES(DB_TEXT(s->calendar.domain),
					     DB_TEXT(s->calendar.sender)),
		     why) < 0 ? -1 : 0;
}

int store_links_missing(struct store *s, int64_t *count_out,
			struct fault *why)
{
#define COUNT(table) \
	"SELECT COUNT(*) FROM " table " WHERE " RANGE " AND nonce IS NULL"
	static const struct sweep tables[] = {
		{ SWEEP_OF("booking"), { COUNT("booking"), "i" } },
		{ SWEEP_OF("waiting"), { COUNT("waiting"), "i" } },
	};

	*count_out = sweep_both(s, tables, DB_NO_VALUES, why);
	return *count_out < 0 ? -1 : 0;
}

/* ---- counters ----------------------------------------------------------- */

/* Ids no longer counted up (slot) still are by an older program. */
#define MAX_OF(table, column) \
	"COALESCE((SELECT MAX(" column ") FROM " table "), 0)"
static const struct {
	const char *table;
	struct dbquery made;
	struct dbquery known;
} counters[STORE_COUNTERS] = {
#define OWN_ONLY(table) \
	{ table, { "SHOW CREATE TABLE " table, "tt" }, \
	  { "SELECT " MAX_OF(table, "id"), "i" } }
#define AND_ELSEWHERE(table, others) \
	{ table, { "SHOW CREATE TABLE " table, "tt" }, \
	  { "SELECT GREATEST(" MAX_OF(table, "id") ", " others ")", "i" } }
	AND_ELSEWHERE("service", MAX_OF("slot", "service_id") ", "
		      MAX_OF("feed", "service_id")),
	AND_ELSEWHERE("slot", MAX_OF("booking", "slot_id") ", "
		      MAX_OF("waiting", "slot_id")),
	AND_ELSEWHERE("booking", MAX_OF("notification", "booking_id") ", "
		      MAX_OF("booking_event", "booking_id") ", "
		      MAX_OF("waiting", "booking_id") ", "
		      MAX_OF("answer", "booking_id")),
	AND_ELSEWHERE("waiting", MAX_OF("notification", "waiting_id")),
	OWN_ONLY("notification"),
	OWN_ONLY("booking_event"),
	OWN_ONLY("audit"),
	OWN_ONLY("form_key"),
	OWN_ONLY("api_key"),
	OWN_ONLY("feed"),
	AND_ELSEWHERE("question", MAX_OF("answer", "question_id")),
};

/* From SHOW CREATE TABLE: MySQL's information_schema may be a day behind. */
static int64_t next_of(const char *made)
{
	static const char word[] = " AUTO_INCREMENT=";
	const char *at = strstr(made, word);

	return at ? strtoll(at + strlen(word), NULL, 10) : 1;
}

int store_counter_read(struct store *s, size_t i, struct store_counter *out,
		       struct fault *why)
{
	must(i < STORE_COUNTERS);
	out->table = counters[i].table;
	/* In this order: rows that come in between raise what is read last. */
	if (dbconn_get(s->db, &counters[i].known, DB_NO_VALUES, why) < 0)
		return -1;
	out->known = dbconn_int(s->db, 0);
	if (dbconn_get(s->db, &counters[i].made, DB_NO_VALUES, why) < 0)
		return -1;
	out->next = next_of(dbconn_text(s->db, 1));
	return 0;
}

int store_counter_raise(struct store *s, const struct store_counter *counter,
			struct fault *why)
{
	int64_t to = wall_ms() * 1000;
	char *sql;
	int r;

	if (to <= counter->known)
		to = counter->known + 1;
	if (to <= counter->next)
		return 0;
	sql = alloc_printf("ALTER TABLE %s AUTO_INCREMENT = %" PRId64,
			   counter->table, to);
	r = dbconn_exec(s->db, sql, strlen(sql), why);
	free(sql);
	return r;
}

/* ---- after a restore ---------------------------------------------------- */

int store_restored(struct store *s, const char *actor, int64_t *count_out,
		   struct fault *why)
{
	static const struct sweep bookings = {
		SWEEP_OF("booking"),
		{ "UPDATE booking SET revision = GREATEST(revision + 1, ?), "
		  "sequence = GREATEST(sequence + 1, ?) WHERE " RANGE, NULL },
	};
	static const struct sweep places = {
		SWEEP_OF("waiting"),
		{ "UPDATE waiting SET offers = GREATEST(offers + 1, ?) "
		  "WHERE " RANGE, NULL },
	};
	const struct store_actor by = { .name = actor, .request_id = "" };
	/* Seconds: beyond what was given out since, also when the same backup
	 * is restored twice.  It fits into an INT until 2088. */
	int64_t number = wall_ms() / 1000 - NUMBERS_SINCE_S;
	const struct dbvalue values[] = { DB_INT(number), DB_INT(number) };
	int64_t changed;
	int64_t waiting;

	*count_out = 0;
	for (size_t i = 0; i < STORE_COUNTERS; i++) {
		struct store_counter counter;

		if (store_counter_read(s, i, &counter, why) < 0 ||
		    store_counter_raise(s, &counter, why) < 0)
			return -1;
	}
	changed = sweep(s, &bookings, DB_ARRAY(values), why);
	waiting = changed < 0 ? -1 :
		  sweep(s, &places, (struct dbvalues){ values, 1 }, why);
	if (waiting < 0)
		return -1;
	*count_out = changed + waiting;

	const struct audit_entry entry = { &by, "restored", "database", "" };

	return store_audit_add(s, &entry, why);
}
