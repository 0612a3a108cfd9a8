/* SPDX-License-Identifier: MIT */
/* A booking's history, and what the store forgets by age. */
#include "config.h"

#include "store_change.h"

#include "dbconn.h"
#include "store_impl.h"
#include "str.h"
#include "ticks.h"

#include <string.h>

#define KEY_LIFE "24 HOUR"
#define KEYS_AT_ONCE 1000
#define ERASED_AT_ONCE 100

/* ---- history ------------------------------------------------------------- */

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

/* ---- forgetting ---------------------------------------------------------- */

int store_keys_forget(struct store *s, struct fault *why)
{
	static const struct dbquery query = {
		"UPDATE booking b JOIN (SELECT id FROM booking "
		"WHERE idem_key IS NOT NULL "
		"AND created_at < NOW(3) - INTERVAL " KEY_LIFE " LIMIT ?) o "
		"ON o.id = b.id SET b.idem_key = NULL",
		NULL,
	};
	struct dbvalue limit = DB_INT(KEYS_AT_ONCE);

	return dbconn_run(s->db, &query, &limit, 1, why);
}

int store_erase_old(struct store *s, int64_t retention_ms, struct fault *why)
{
	static const struct dbquery bookings = {
		"SELECT b.ref FROM slot s JOIN booking b ON b.slot_id = s.id "
		"WHERE s.ends_at < ? AND b.erased_at IS NULL LIMIT ?",
		"t",
	};
	static const struct dbquery mails = {
		STORE_FORGET_WAITING "w.slot_id IN "
		"(SELECT id FROM slot WHERE ends_at < ?)",
		NULL,
	};
	static const struct dbquery waiting = {
		"DELETE FROM waiting WHERE slot_id IN "
		"(SELECT id FROM slot WHERE ends_at < ?)",
		NULL,
	};
	static const struct store_actor by = { .name = "system",
					       .request_id = "" };
	const struct dbvalue values[] = {
		DB_TIME_MS(wall_ms() - retention_ms), DB_INT(ERASED_AT_ONCE),
	};
	char refs[ERASED_AT_ONCE][STORE_REF_LEN + 1];
	int count = 0;
	int r;

	if (dbconn_run(s->db, &mails, values, 1, why) < 0 ||
	    dbconn_run(s->db, &waiting, values, 1, why) < 0 ||
	    dbconn_run(s->db, &bookings, values, ARRAY_COUNT(values), why) < 0)
		return -1;
	while ((r = dbconn_next(s->db, why)) == 1 && count < ERASED_AT_ONCE)
		must(str_copy(refs[count++], STORE_REF_LEN + 1,
			      dbconn_text(s->db, 0)));
	for (int i = 0; r >= 0 && i < count; i++) {
		struct booking_view v;

		r = store_booking_by_ref(s, refs[i], &v, why);
		if (r == 1)
			r = store_erase(s, &v, false, &by, why);
		booking_view_release(&v);
	}
	return r < 0 ? -1 : count;
}
