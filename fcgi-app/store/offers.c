/* SPDX-License-Identifier: MIT */
/*
 * Offers of places that became free to those who wait for one.
 *
 * An offer counts as booked until it lapses, so nobody else can take the place
 * meanwhile and nothing is overbooked.  So does a booking whose address is to
 * be confirmed, which is taken as an offer is.  Locks are taken in this order:
 * waiting, then the stock.
 */
#include "config.h"

#include "store/waiting.h"

#include "base/crashpoint.h"
#include "base/ticks.h"
#include "domain/offer.h"
#include "domain/token.h"
#include "store/impl.h"

#include <string.h>

#define LINE_READ 50		/* of one slot, at once */

struct in_line {
	int64_t id;
	char ref[STORE_REF_LEN + 1];
	int64_t seats;
	int offers;	/* that it had before */
};

/* ---- offers -------------------------------------------------------------- */

static void line_read(const struct dbconn *db, void *row)
{
	struct in_line *w = row;

	w->id = dbconn_int(db, 0);
	dbconn_text_copy(db, 1, w->ref, sizeof(w->ref));
	w->seats = dbconn_int(db, 2);
	w->offers = (int)dbconn_int(db, 3);
}

/* The first in line, locked, into out.  Returns how many, or -1. */
static int line_lock(struct store *s, int64_t slot_id,
		     struct in_line out[LINE_READ], struct fault *why)
{
	static const struct dbquery query = {
		"SELECT id, ref, seats, offers FROM waiting "
		"WHERE slot_id = ? AND state = " SQL_IN_LINE
		" ORDER BY untold, id LIMIT ? FOR UPDATE",
		"itii",
	};
	struct dbrows rows = { .read = line_read, .size = sizeof(*out),
			       .max = LINE_READ, .list = out };
	int r = dbconn_list(s->db, &query, DB_VALUES(DB_INT(slot_id),
						     DB_INT(LINE_READ)),
			    &rows, why);

	return r < 0 ? -1 : (int)rows.count;
}

/* What is kept for the first in line. */
struct offer {
	int64_t slot_id;
	int64_t now_ms;
	int64_t until_ms;
};

/* Keeps seats for one place in line if enough are free.  0, or -1. */
static int offer_make(struct store *s, const struct offer *o,
		      const struct in_line *w, struct fault *why)
{
	static const struct dbquery mark = DB_CHANGE(
		"UPDATE waiting SET state = " SQL_OFFERED ", offered_at = ?, "
		"offer_until = ?, told_at = NULL, offers = offers + 1 "
		"WHERE id = ?");
	const struct dbvalue marks[] = {
		DB_TIME_MS(o->now_ms), DB_TIME_MS(o->until_ms), DB_INT(w->id),
	};
	const struct outbox_rows mail = {
		.list = { {
			.waiting_id = w->id,
			.ref = w->ref,
			.word = "place",
			.number = w->offers,
			.kind = KIND_PLACE_FREE,
		} },
		.count = 1,
	};
	int r = store_seats_take(s, &(struct seats_wish){
		.slot_id = o->slot_id, .seats = w->seats,
	}, why);

	if (r != STORE_CHANGED)
		return r < 0 ? -1 : 0;
	if (dbconn_run(s->db, &mark, DB_ARRAY(marks), why) < 0)
		return -1;
	return store_outbox_add(s, &mail, o->now_ms, why);
}

int store_seats_free(struct store *s, const struct booking_view *v,
		     int64_t seats, struct fault *why)
{
	static const struct dbquery give = DB_CHANGE(
		"UPDATE slot_inventory SET booked = booked - ? "
		"WHERE slot_id = ?");
	struct in_line line[LINE_READ];
	int64_t now_ms = wall_ms();
	/* Its time runs from when they are told. */
	const struct offer_clock clock = {
		.made_at_ms = now_ms,
		.starts_at_ms = v->slot.starts_at_s * 1000,
	};
	const struct offer o = { v->slot.id, now_ms, offer_until_ms(&clock) };
	int count = 0;

	if (o.until_ms > now_ms)
		count = line_lock(s, v->slot.id, line, why);
	if (count < 0 ||
	    (seats && dbconn_run(s->db, &give, DB_VALUES(DB_INT(seats),
							 DB_INT(v->slot.id)),
				 why) < 0))
		return -1;
	/* Somebody who wants too many does not hold up the rest. */
	for (int i = 0; i < count; i++)
		if (offer_make(s, &o, &line[i], why) < 0)
			return -1;
	return 0;
}

/* ---- an offer becomes a booking ------------------------------------------ */

struct taking {
	int64_t waiting_id;
	struct new_booking made;
};

/* The seats are counted already: the stock is not touched. */
static int take_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery mark = DB_CHANGE(
		"UPDATE waiting SET state = " SQL_BOOKED
		", check_number = NULL, notes = '', answers = NULL "
		"WHERE id = ? AND state = " SQL_OFFERED
		" AND offer_until > NOW(3)");
	static const struct dbquery join = DB_CHANGE(
		"UPDATE waiting SET booking_id = ? WHERE id = ?");
	struct taking *t = arg;
	int r = store_update(s, &mark, DB_VALUES(DB_INT(t->waiting_id)), why);

	if (r != STORE_CHANGED)
		return r;
	CRASH_POINT("waiting: offer taken");
	token_row_draw(s->ref_prefix, t->made.ref, t->made.nonce);
	if (store_booking_insert(s, &t->made, why) < 0)
		return -1;
	return dbconn_run(s->db, &join, DB_VALUES(DB_INT(t->made.id),
						  DB_INT(t->waiting_id)), why);
}

int store_offer_take(struct store *s, const struct waiting_view *w,
		     const char *request_id, char ref_out[STORE_REF_LEN + 1],
		     struct fault *why)
{
	const struct booking_view *v = &w->as_booking;
	struct booking_request req = {
		.slot_id = v->slot.id,
		.seats = v->seats,
		.name = v->name,
		.email = v->email,
		.locale = v->locale,
		.notes = v->notes,
		.request_id = request_id,
		.answers = &v->answers,
	};
	struct taking t = {
		.waiting_id = w->id,
		.made = {
			.req = &req,
			.slot = &v->slot,
			.service = &v->service,
			.created_at_ms = wall_ms(),
		},
	};
	int r;

	memcpy(req.idem_key, w->idem_key, sizeof(req.idem_key));
	memcpy(req.req_hash, w->req_hash, sizeof(req.req_hash));
	t.made.has_key = w->has_key;
	r = store_transaction(s, take_body, &t, why);
	/* The same form booked at once, by a process that did not know yet that
	 * addresses are to be confirmed: both were wanted. */
	if (r < 0 && w->has_key && dbconn_error(s->db) == DBCONN_DUPLICATE) {
		t.made.has_key = false;
		r = store_transaction(s, take_body, &t, why);
	}

	memcpy(ref_out, t.made.ref, sizeof(t.made.ref));
	return r;
}
