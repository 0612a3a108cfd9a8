/* SPDX-License-Identifier: MIT */
/* Who did what. */
#include "config.h"

#include "store/audit.h"

#include "base/ticks.h"
#include "store/impl.h"

#include <string.h>

static void event_read(const struct dbconn *db, void *row)
{
	struct booking_event *e = row;

	e->at_ms = dbconn_time_ms(db, 0);
	dbconn_text_copy(db, 1, e->actor, sizeof(e->actor));
	dbconn_text_copy(db, 2, e->action, sizeof(e->action));
	dbconn_text_copy(db, 3, e->detail, sizeof(e->detail));
	dbconn_text_copy(db, 4, e->request_id, sizeof(e->request_id));
}

int store_events(struct store *s, int64_t booking_id,
		 struct booking_event out[STORE_EVENTS_MAX],
		 struct fault *why)
{
	static const struct dbquery query = {
		"SELECT at, actor, action, detail, request_id "
		"FROM booking_event WHERE booking_id = ? ORDER BY id LIMIT ?",
		"dtttt",
	};
	struct dbrows rows = { .read = event_read, .size = sizeof(*out),
			       .max = STORE_EVENTS_MAX, .list = out };
	int r = dbconn_list(s->db, DB_CALL(&query, DB_INT(booking_id),
				       DB_INT(STORE_EVENTS_MAX)), &rows, why);

	return r < 0 ? -1 : (int)rows.count;
}

int store_event_last(struct store *s, int64_t booking_id,
		     struct booking_event *out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT at, actor, action, detail, request_id "
		"FROM booking_event WHERE booking_id = ? "
		"ORDER BY id DESC LIMIT 1",
		"dtttt",
	};
	int r = dbconn_get(s->db, &query, DB_VALUES(DB_INT(booking_id)), why);

	if (r == 1)
		event_read(s->db, out);
	return r;
}

int store_event_add(struct store *s, int64_t booking_id,
		    const struct audit_entry *entry, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"INSERT INTO booking_event (booking_id, at, actor, action, "
		"detail, request_id) VALUES (?, ?, ?, ?, ?, ?)");
	const struct dbvalue values[] = {
		DB_INT(booking_id),
		DB_TIME_MS(wall_ms()),
		DB_TEXT(entry->by->name),
		DB_TEXT(entry->action),
		DB_TEXT(entry->detail),
		DB_TEXT(entry->by->request_id),
	};

	return dbconn_run(s->db, &query, DB_ARRAY(values), why);
}

int store_audit_add(struct store *s, const struct audit_entry *entry,
		    struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"INSERT INTO audit (at, actor, action, object, detail, "
		"request_id) VALUES (?, ?, ?, ?, ?, ?)");
	const struct dbvalue values[] = {
		DB_TIME_MS(wall_ms()),
		DB_TEXT(entry->by->name),
		DB_TEXT(entry->action),
		DB_TEXT(entry->object),
		DB_TEXT(entry->detail),
		DB_TEXT(entry->by->request_id),
	};

	return dbconn_run(s->db, &query, DB_ARRAY(values), why);
}

static int acted_record(struct store *s, const struct acted *a,
			struct fault *why)
{
	static const struct dbquery query = {
		"SELECT 1 FROM (SELECT at, actor, action, object, detail "
		"FROM audit ORDER BY id DESC LIMIT 100) a WHERE a.actor = ? "
		"AND a.action = ? AND a.object = ? AND a.at >= ? "
		"AND LEFT(a.detail, CHAR_LENGTH(?)) = ? LIMIT 1",
		"i",
	};
	const struct dbvalue values[] = {
		DB_TEXT(a->actor), DB_ASCII(a->action), DB_ASCII(a->object),
		DB_TIME_MS(a->since_ms), DB_TEXT(a->detail),
		DB_TEXT(a->detail),
	};

	return dbconn_get(s->db, &query, DB_ARRAY(values), why);
}

int store_acted(struct store *s, const struct acted *a, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT 1 FROM (SELECT at, actor, action FROM booking_event "
		"WHERE booking_id = ? ORDER BY id DESC LIMIT 100) e "
		"WHERE e.actor = ? AND e.action = ? AND e.at >= ? LIMIT 1",
		"i",
	};
	const struct dbvalue values[] = {
		DB_INT(a->booking_id), DB_TEXT(a->actor),
		DB_ASCII(a->action), DB_TIME_MS(a->since_ms),
	};

	if (a->booking_id == 0)
		return acted_record(s, a, why);
	return dbconn_get(s->db, &query, DB_ARRAY(values), why);
}

static int audited_body(struct store *s, void *arg, struct fault *why)
{
	const struct audited *c = arg;
	int r = store_update(s, c->query, c->values, why);

	if (r < 0 && dbconn_error(s->db) == DBCONN_DUPLICATE)
		return STORE_MEANWHILE;
	if (r == STORE_CHANGED)
		r = store_audit_add(s, &c->entry, why);
	return r;
}

int store_audited(struct store *s, const struct audited *change,
		  struct fault *why)
{
	struct audited c = *change;
	int r = store_transaction(s, audited_body, &c, why);

	if (r == STORE_MEANWHILE && c.proof)
		return dbconn_get(s->db, c.proof, c.drawn, why);
	return r < 0 ? -1 : r == STORE_CHANGED;
}

static void audit_read(const struct dbconn *db, void *row)
{
	struct audit_row *a = row;

	a->at_ms = dbconn_time_ms(db, 0);
	dbconn_text_copy(db, 1, a->actor, sizeof(a->actor));
	dbconn_text_copy(db, 2, a->action, sizeof(a->action));
	dbconn_text_copy(db, 3, a->object, sizeof(a->object));
	dbconn_text_copy(db, 4, a->detail, sizeof(a->detail));
	dbconn_text_copy(db, 5, a->request_id, sizeof(a->request_id));
	a->is_booking = dbconn_int(db, 6) != 0;
}

int store_audit(struct store *s, size_t max, struct audit_rows *out,
		struct fault *why)
{
	static const struct dbquery query = {
		"(SELECT e.at AS happened, e.actor, e.action, b.ref, e.detail, "
		"e.request_id, 1 FROM booking_event e JOIN booking b "
		"ON b.id = e.booking_id WHERE e.actor NOT IN "
		"('visitor', 'system') ORDER BY e.id DESC LIMIT ?) "
		"UNION ALL (SELECT at, actor, action, object, detail, "
		"request_id, 0 FROM audit ORDER BY id DESC LIMIT ?) "
		"ORDER BY happened DESC LIMIT ?",
		"dttttti",
	};
	const struct dbvalue values[] = {
		DB_INT((int64_t)max),
		DB_INT((int64_t)max),
		DB_INT((int64_t)max),
	};
	struct dbrows rows = { .read = audit_read, .size = sizeof(*out->list),
			       .max = max };
	int r = dbconn_list(s->db, DB_CALL_ARRAY(&query, values), &rows, why);

	*out = (struct audit_rows){ rows.list, rows.count };
	return r;
}
