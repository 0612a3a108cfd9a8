/* SPDX-License-Identifier: MIT */
/* Who did what. */
#include "config.h"

#include "store/audit.h"

#include "base/str.h"
#include "base/ticks.h"
#include "db/conn.h"
#include "store/impl.h"

#include <string.h>

int store_events(struct store *s, int64_t booking_id,
		 struct booking_event *out, size_t max, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT at, actor, action, detail, request_id "
		"FROM booking_event WHERE booking_id = ? ORDER BY id LIMIT ?",
		"dtttt",
	};
	const struct dbvalue values[] = {
		DB_INT(booking_id), DB_INT((int64_t)max),
	};
	int count = 0;
	int r;

	if (dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why) < 0)
		return -1;
	while ((r = dbconn_next(s->db, why)) == 1 && (size_t)count < max) {
		struct booking_event *e = &out[count++];

		/* The columns are as wide as these members. */
		e->at_ms = dbconn_time_ms(s->db, 0);
		must(str_copy(e->actor, sizeof(e->actor),
			      dbconn_text(s->db, 1)));
		must(str_copy(e->action, sizeof(e->action),
			      dbconn_text(s->db, 2)));
		must(str_copy(e->detail, sizeof(e->detail),
			      dbconn_text(s->db, 3)));
		must(str_copy(e->request_id, sizeof(e->request_id),
			      dbconn_text(s->db, 4)));
	}
	return r < 0 ? -1 : count;
}

int store_audit_add(struct store *s, const struct store_actor *by,
		    const char *action, const char *object,
		    const char *detail, struct fault *why)
{
	static const struct dbquery query = {
		"INSERT INTO audit (at, actor, action, object, detail, "
		"request_id) VALUES (?, ?, ?, ?, ?, ?)",
		NULL,
	};
	const struct dbvalue values[] = {
		DB_TIME_MS(wall_ms()),
		DB_TEXT(by->name),
		DB_TEXT(action),
		DB_TEXT(object),
		DB_TEXT(detail),
		DB_TEXT(by->request_id),
	};

	return dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why);
}

static void audit_read(const struct dbconn *db, void *row)
{
	struct audit_row *a = row;

	a->at_ms = dbconn_time_ms(db, 0);
	store_text_read(db, 1, a->actor, sizeof(a->actor));
	store_text_read(db, 2, a->action, sizeof(a->action));
	store_text_read(db, 3, a->object, sizeof(a->object));
	store_text_read(db, 4, a->detail, sizeof(a->detail));
	store_text_read(db, 5, a->request_id, sizeof(a->request_id));
	a->is_booking = dbconn_int(db, 6) != 0;
}

int store_audit(struct store *s, size_t max, struct audit_row **out,
		size_t *count_out, struct fault *why)
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
	void *list = NULL;
	int r;

	*count_out = 0;
	r = dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why);
	if (r == 0)
		r = store_rows_read(s, max, sizeof(**out), audit_read, &list,
				    count_out, why);
	*out = list;
	return r;
}
