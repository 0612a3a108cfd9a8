/* SPDX-License-Identifier: MIT */
/* Services: lists, adding, changing. */
#include "config.h"

#include "store/service.h"

#include "base/alloc.h"
#include "base/ticks.h"
#include "domain/words.h"
#include "store/audit.h"
#include "store/impl.h"

#include <json-c/json.h>

#include <string.h>

#define SERVICES_MAX 10000

#define READ_text(db, at) alloc_text(dbconn_text(db, at))
#define READ_int(db, at) dbconn_int(db, at)
#define READ_flag(db, at) (dbconn_int(db, at) != 0)
#define READ(type, kind, member, ...) out->member = READ_##type(db, ++at);

void store_service_read(const struct dbconn *db, size_t at,
			struct service *out)
{
	out->id = dbconn_int(db, at);
	out->changes = dbconn_int(db, ++at);
	out->changed_at_s = dbconn_time_ms(db, ++at) / 1000;
	out->edition = dbconn_int(db, ++at);
	service_words_read(out, dbconn_text(db, ++at));
	SERVICE_MEMBERS(READ)
}

static void service_read(const struct dbconn *db, void *row)
{
	store_service_read(db, 0, row);
}

static void service_drop(void *row)
{
	service_release(row);
}

int store_services(struct store *s, struct service **out, size_t *count_out,
		   struct fault *why)
{
	static const struct dbquery query = {
		"SELECT " STORE_SERVICE_SELECT " FROM service v ORDER BY v.id",
		STORE_SERVICE_COLUMNS,
	};
	struct dbrows rows = { .read = service_read, .release = service_drop,
			       .size = sizeof(**out) };
	int r = dbconn_list(s->db, DB_CALL_BARE(&query), &rows, why);

	*out = rows.list;
	*count_out = rows.count;
	return r;
}

int store_service_by_slug(struct store *s, const char *slug,
			  struct service *out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT " STORE_SERVICE_SELECT
		" FROM service v WHERE v.slug = ?",
		STORE_SERVICE_COLUMNS,
	};

	memset(out, 0, sizeof(*out));
	int r = dbconn_get(s->db, &query, DB_VALUES(DB_ASCII(slug)), why);

	if (r == 1)
		store_service_read(s->db, 0, out);
	return r;
}

/* ---- changes ------------------------------------------------------------ */

#define SET(type, kind, member, column, ...) ", " column " = ?"
#define VALUE_text DB_TEXT
#define VALUE_int DB_INT
#define VALUE_flag DB_INT
#define VALUE(type, kind, member, ...) VALUE_##type(service->member),

/* As it is stored; borrowed from texts. */
static const char *words_text(struct json_object *texts)
{
	return json_object_to_json_string_ext(texts, JSON_C_TO_STRING_PLAIN);
}

int store_service_add(struct store *s, const struct service *service,
		      int64_t *id_out, struct fault *why)
{
	static const struct dbquery insert = DB_CHANGE(
		"INSERT INTO service SET id = DEFAULT, texts = ?"
		SERVICE_MEMBERS(SET));
	static const struct dbquery find = {
		"SELECT id FROM service WHERE slug = ?", "i",
	};
	const struct dbvalue slug[] = { DB_TEXT(service->slug) };
	int r;

	*id_out = store_id_find(s, &find, DB_ARRAY(slug), why);
	if (*id_out != 0)
		return *id_out < 0 ? -1 : 0;

	struct json_object *texts = service_words_json(service);
	const struct dbvalue values[] = {
		DB_TEXT(words_text(texts)), SERVICE_MEMBERS(VALUE)
	};

	r = dbconn_run(s->db, &insert, DB_ARRAY(values), why);
	json_object_put(texts);
	if (r == 0) {
		*id_out = dbconn_insert_id(s->db);
		return 1;
	}
	/* Somebody else added it between the two. */
	if (dbconn_error(s->db) == DBCONN_DUPLICATE)
		*id_out = store_id_find(s, &find, DB_ARRAY(slug), why);
	return *id_out > 0 ? 0 : -1;
}

static int service_write(struct store *s, const struct service *service,
			 struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE service SET edition = edition + 1, texts = ?"
		SERVICE_MEMBERS(SET) " WHERE id = ?");
	struct json_object *texts = service_words_json(service);
	const struct dbvalue values[] = {
		DB_TEXT(words_text(texts)), SERVICE_MEMBERS(VALUE)
		DB_INT(service->id),
	};
	int r = dbconn_run(s->db, &query, DB_ARRAY(values), why);

	json_object_put(texts);
	return r;
}

static int offer_body(struct store *s, void *arg, struct fault *why)
{
	struct service_offer *o = arg;
	int r = store_service_add(s, o->service, &o->id, why);

	if (r != 1)
		return r < 0 ? -1 : STORE_MEANWHILE;

	const struct audit_entry entry = {
		o->by, "service_added", o->service->slug, "",
	};

	return store_audit_add(s, &entry, why);
}

int store_offer_service(struct store *s, struct service_offer *offer,
			struct fault *why)
{
	int r = store_transaction(s, offer_body, offer, why);

	return r < 0 ? -1 : r == STORE_CHANGED;
}

/* Reads it, keeps it locked and compares.  0, or -1. */
static int seen_compare(struct store *s, const struct service *service,
			struct service_seen *out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT " STORE_SERVICE_SELECT
		" FROM service v WHERE v.id = ? FOR UPDATE",
		STORE_SERVICE_COLUMNS,
	};
	struct service before = { .id = 0 };

	if (dbconn_get(s->db, &query, DB_VALUES(DB_INT(service->id)),
		       why) < 0)
		return -1;
	store_service_read(s->db, 0, &before);
	service_seen_compare(&before, service, out);
	service_release(&before);
	return 0;
}

int store_edition_count(struct store *s, int64_t service_id,
			struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE service SET edition = edition + 1 WHERE id = ?");

	return dbconn_run(s->db, &query, DB_VALUES(DB_INT(service_id)), why);
}

static int seen_count(struct store *s, const struct seen_change *change,
		      struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE service SET changes = changes + 1, changed_at = ? "
		"WHERE id = ?");

	return dbconn_run(s->db, &query,
			  DB_VALUES(DB_TIME_MS(change->at_ms),
				    DB_INT(change->service_id)), why);
}

static int alter_body(struct store *s, void *arg, struct fault *why)
{
	struct service_alteration *a = arg;
	struct seen_change change = { .service_id = a->service->id,
				      .at_ms = wall_ms() };

	if (seen_compare(s, a->service, &change.seen, why) < 0 ||
	    service_write(s, a->service, why) < 0)
		return -1;
	if (*change.seen.what != '\0') {
		/* It stays so after a COMMIT that was not answered. */
		a->seen = change.seen;
		if (seen_count(s, &change, why) < 0 ||
		    (a->tell && store_tell_begin(s, &change, why) < 0))
			return -1;
	}

	const struct audit_entry entry = {
		a->by, "service_changed", a->service->slug, change.seen.what,
	};

	return store_audit_add(s, &entry, why);
}

int store_alter_service(struct store *s, struct service_alteration *a,
			struct fault *why)
{
	a->seen.what = "";
	a->booked = 0;
	if (store_transaction(s, alter_body, a, why) < 0)
		return -1;
	if (*a->seen.what != '\0')
		a->booked = store_service_booked(s, a->service->id,
						 a->seen.langs, why);
	return a->booked < 0 ? -1 : 0;
}

int64_t store_service_booked(struct store *s, int64_t id, const char *langs,
			     struct fault *why)
{
	static const struct dbquery query = {
		"SELECT COUNT(*) FROM slot s FORCE INDEX (slot_service_start) "
		"STRAIGHT_JOIN booking b ON b.slot_id = s.id "
		"WHERE s.service_id = ? AND s.starts_at > NOW() "
		"AND b.cancelled_at IS NULL AND b.erased_at IS NULL "
		"AND " STORE_READS("b.locale"),
		"i",
	};

	if (dbconn_get(s->db, &query,
		       DB_VALUES(DB_INT(id), STORE_READS_VALUES(langs)),
		       why) < 0)
		return -1;
	return dbconn_int(s->db, 0);
}

/* ---- what is ahead ------------------------------------------------------ */

static void numbers_read(const struct dbconn *db, void *row)
{
	struct service_numbers *n = row;

	n->service_id = dbconn_int(db, 0);
	n->slots = dbconn_int(db, 1);
	n->capacity = dbconn_int(db, 2);
	n->booked = dbconn_int(db, 3);
	n->next_at_s = dbconn_time_ms(db, 4) / 1000;
	/* The column is as wide as this member. */
	dbconn_text_copy(db, 5, n->next_zone, sizeof(n->next_zone));
}

int store_service_numbers(struct store *s, struct service_numbers **out,
			  size_t *count_out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT n.service_id, n.slots, n.capacity, n.booked, "
		"n.next_at, f.zone FROM (SELECT s.service_id, "
		"COUNT(*) AS slots, "
		"CAST(SUM(" STORE_PLACES ") AS SIGNED) AS capacity, "
		"CAST(SUM(i.booked) AS SIGNED) AS booked, "
		"MIN(s.starts_at) AS next_at FROM slot s "
		"JOIN slot_inventory i ON i.slot_id = s.id "
		"WHERE s.starts_at > NOW() GROUP BY s.service_id) n "
		"JOIN slot f ON f.service_id = n.service_id "
		"AND f.starts_at = n.next_at ORDER BY n.service_id",
		"iiiidt",
	};
	struct dbrows rows = { .read = numbers_read, .size = sizeof(**out),
			       .max = SERVICES_MAX };
	int r = dbconn_list(s->db, DB_CALL_BARE(&query), &rows, why);

	*out = rows.list;
	*count_out = rows.count;
	return r;
}
