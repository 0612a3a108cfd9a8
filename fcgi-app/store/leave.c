/* SPDX-License-Identifier: MIT */
/* A place in line that is given up. */
#include "config.h"

#include "store/waiting.h"

#include "store/impl.h"

int store_place_drop(struct store *s, int64_t id, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"DELETE FROM waiting WHERE id = ?");

	if (store_forget_waiting(s, id, why) < 0)
		return -1;
	return dbconn_run(s->db, &query, DB_VALUES(DB_INT(id)), why);
}

int store_offer_abort(struct store *s, int64_t waiting_id, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE notification SET state = " SQL_ABORTED
		", final_at = NOW(3), "
		"due_at = NOW(3) WHERE waiting_id = ? AND state = " SQL_OPEN);

	return dbconn_run(s->db, &query, DB_VALUES(DB_INT(waiting_id)), why);
}

/* Locks a place in line: 1 if anything is kept for it, 0, -1. */
static int offer_lock(struct store *s, int64_t waiting_id, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT state FROM waiting WHERE id = ? FOR UPDATE", "i",
	};

	int r = dbconn_get(s->db, &query, DB_VALUES(DB_INT(waiting_id)), why);

	return r == 1 ? dbconn_int(s->db, 0) == WAITING_OFFERED : r;
}

static int leave_body(struct store *s, void *arg, struct fault *why)
{
	const struct waiting_view *w = arg;
	const struct booking_view *v = &w->as_booking;
	int offered = offer_lock(s, w->id, why);

	if (offered < 0 || store_offer_abort(s, w->id, why) < 0 ||
	    store_place_drop(s, w->id, why) < 0)
		return -1;
	return offered ? store_seats_free(s, v, v->seats, why) : STORE_CHANGED;
}

int store_waiting_leave(struct store *s, const struct waiting_view *w,
			struct fault *why)
{
	struct waiting_view copy = *w;	/* borrows */

	return store_transaction(s, leave_body, &copy, why);
}
