/* SPDX-License-Identifier: MIT */
/* A place in line that is given up, by whoever has it or by an organiser. */
#include "config.h"

#include "store/waiting.h"

#include "base/ticks.h"
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

/* Locks a place in line.  Its state, GONE if it is there no more, or -1. */
#define GONE (WAITING_REMOVED + 1)
static int state_lock(struct store *s, int64_t waiting_id, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT state FROM waiting WHERE id = ? FOR UPDATE", "i",
	};

	int r = dbconn_get(s->db, &query, DB_VALUES(DB_INT(waiting_id)), why);

	return r == 1 ? (int)dbconn_int(s->db, 0) : r == 0 ? GONE : -1;
}

static int leave_body(struct store *s, void *arg, struct fault *why)
{
	const struct waiting_view *w = arg;
	const struct booking_view *v = &w->as_booking;
	int state = state_lock(s, w->id, why);

	if (state < 0 || store_offer_abort(s, w->id, why) < 0 ||
	    store_place_drop(s, w->id, why) < 0)
		return -1;
	return state == WAITING_OFFERED ?
		store_seats_free(s, v, v->seats, why) : STORE_CHANGED;
}

int store_waiting_leave(struct store *s, const struct waiting_view *w,
			struct fault *why)
{
	struct waiting_view copy = *w;	/* borrows */

	return store_transaction(s, leave_body, &copy, why);
}

struct removal {
	const struct waiting_view *w;
	const struct store_desk *desk;
};

/* Nothing is waited for any more; what names them stays for the mail that tells
 * them, and the form may be sent again. */
static int removal_mark(struct store *s, const struct waiting_view *w,
			struct fault *why)
{
	static const struct dbquery mark = DB_CHANGE(
		"UPDATE waiting SET state = " SQL_REMOVED
		", check_number = NULL, idem_key = NULL WHERE id = ?");
	const struct outbox_rows mail = {
		.list = { {
			.waiting_id = w->id,
			.ref = w->as_booking.ref,
			.word = "removed",
			.kind = KIND_PLACE_REMOVED,
		} },
		.count = 1,
	};

	if (dbconn_run(s->db, &mark, DB_VALUES(DB_INT(w->id)), why) < 0)
		return -1;
	return store_outbox_add(s, &mail, wall_ms(), why);
}

static int remove_body(struct store *s, void *arg, struct fault *why)
{
	const struct removal *r = arg;
	const struct booking_view *v = &r->w->as_booking;
	const struct desk_deed deed = { r->desk, "waiting_removed", v->ref };
	bool ahead = v->slot.starts_at_s > wall_ms() / 1000;
	int state = state_lock(s, r->w->id, why);

	if (state < 0)
		return -1;
	if (state > WAITING_OFFERED)
		return STORE_MEANWHILE;
	if (store_offer_abort(s, r->w->id, why) < 0 ||
	    (ahead ? removal_mark(s, r->w, why) :
		     store_place_drop(s, r->w->id, why)) < 0 ||
	    store_desk_note(s, &deed, why) < 0)
		return -1;
	return state == WAITING_OFFERED ?
		store_seats_free(s, v, v->seats, why) : STORE_CHANGED;
}

int store_waiting_remove(struct store *s, const struct waiting_view *w,
			 const struct store_desk *desk, struct fault *why)
{
	struct removal r = { w, desk };

	return store_transaction(s, remove_body, &r, why);
}
