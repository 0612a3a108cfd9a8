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

/* The beginning of a slot's line. */
struct line {
	struct in_line list[LINE_READ];
	size_t count;
	int64_t slot_id;
	int64_t most;	/* seats: of those only who want no more */
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

/* Reads the first in line, locked.  0, or -1. */
static int line_lock(struct store *s, struct line *line, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT id, ref, seats, offers FROM waiting "
		"WHERE slot_id = ? AND state = " SQL_IN_LINE " AND seats <= ? "
		"ORDER BY untold, id LIMIT ? FOR UPDATE",
		"itii",
	};
	struct dbrows rows = { .read = line_read, .size = sizeof(*line->list),
			       .max = LINE_READ, .list = line->list };
	int r = dbconn_list(s->db, DB_CALL(&query, DB_INT(line->slot_id),
				       DB_INT(line->most), DB_INT(LINE_READ)),
			    &rows, why);

	line->count = r < 0 ? 0 : rows.count;
	return r < 0 ? -1 : 0;
}

/* What is kept for the first in line. */
struct offer {
	int64_t slot_id;
	int64_t now_ms;
	int64_t until_ms;
};

/* Keeps seats for one place in line if enough are free.  1, 0, or -1. */
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
	return store_outbox_add(s, &mail, o->now_ms, why) < 0 ? -1 : 1;
}

/* Offers what is free to those who were read: somebody who wants too many does
 * not hold up the rest.  0, or -1. */
static int offer_all(struct store *s, const struct offer *o, struct line *line,
		     struct fault *why)
{
	for (size_t i = 0; i < line->count; i++) {
		const struct in_line *w = &line->list[i];
		int r = w->seats > line->most ? 1 : offer_make(s, o, w, why);

		if (r < 0)
			return -1;
		if (r == 0)
			line->most = w->seats - 1;
	}
	return 0;
}

int store_seats_free(struct store *s, const struct booking_view *v,
		     int64_t seats, struct fault *why)
{
	static const struct dbquery give = DB_CHANGE(
		"UPDATE slot_inventory SET booked = booked - ? "
		"WHERE slot_id = ?");
	struct line line = { .slot_id = v->slot.id, .most = INT32_MAX };
	int64_t now_ms = wall_ms();
	/* Its time runs from when they are told. */
	const struct offer_clock clock = {
		.made_at_ms = now_ms,
		.starts_at_ms = v->slot.starts_at_s * 1000,
	};
	const struct offer o = { v->slot.id, now_ms, offer_until_ms(&clock) };

	if ((o.until_ms > now_ms && line_lock(s, &line, why) < 0) ||
	    (seats && dbconn_run(s->db, &give, DB_VALUES(DB_INT(seats),
							 DB_INT(v->slot.id)),
				 why) < 0))
		return -1;
	while (line.count > 0) {
		if (offer_all(s, &o, &line, why) < 0)
			return -1;
		/* Those behind are locked later than the stock, unlike all
		 * others: a deadlock has the transaction tried again. */
		if (line.count < LINE_READ || line.most == 0)
			break;
		if (line_lock(s, &line, why) < 0)
			return -1;
	}
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

int store_offer_take(struct store *s, struct store_taking *taking,
		     struct fault *why)
{
	const struct waiting_view *w = taking->w;
	const struct booking_view *v = &w->as_booking;
	struct booking_request req = {
		.slot_id = v->slot.id,
		.seats = v->seats,
		.name = v->name,
		.email = v->email,
		.locale = v->locale,
		.notes = v->notes,
		.request_id = taking->request_id,
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
	memcpy(taking->ref, t.made.ref, sizeof(t.made.ref));
	return r;
}
