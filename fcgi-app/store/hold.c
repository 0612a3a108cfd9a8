/* SPDX-License-Identifier: MIT */
/*
 * Bookings whose address is to be confirmed before they count.
 *
 * Each is a place of the waiting list that was offered at once: so its seats
 * count as taken until it is confirmed or lapses, by what is there for offers.
 */
#include "config.h"

#include "base/crashpoint.h"
#include "base/ticks.h"
#include "domain/offer.h"
#include "store/impl.h"
#include "store/waiting.h"

#include <json-c/json.h>

#include <string.h>

/* The lowest number that no other one of this address has.  1 found,
 * STORE_MEANWHILE, STORE_TOO_OFTEN, -1. */
static int number_find(struct store *s, const struct booking_request *req,
		       int64_t *number_out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT (SELECT COUNT(*) FROM booking WHERE idem_key = ?), "
		"(SELECT CAST(BIT_OR(1 << check_number) AS SIGNED) "
		"FROM waiting WHERE email = ? AND check_number IS NOT NULL)",
		"ii",
	};
	const struct dbvalue values[] = {
		DB_BYTES(req->idem_key, sizeof(req->idem_key)),
		DB_TEXT(req->email),
	};
	int64_t used;
	int64_t number = 1;

	if (dbconn_get(s->db, &query, DB_ARRAY(values), why) < 0)
		return -1;
	if (dbconn_int(s->db, 0) > 0)
		return STORE_MEANWHILE;
	used = dbconn_int(s->db, 1);
	while (used & (INT64_C(1) << number))
		number++;
	*number_out = number;
	return number > OFFER_CHECKS_MAX ? STORE_TOO_OFTEN : STORE_CHANGED;
}

static int place_insert(struct store *s, struct new_booking *b,
			int64_t number, struct fault *why)
{
	/* Two requests at once may find the same number: then one of them is
	 * a duplicate, and looks again. */
	static const struct dbquery query = DB_CHANGE(
		"INSERT INTO waiting (ref, slot_id, seats, name, email, "
		"locale, state, created_at, nonce, old_link, offers, in_line, "
		"check_number, idem_key, req_hash, request_id, notes, answers, "
		"offered_at, offer_until) "
		"VALUES (?, ?, ?, ?, ?, ?, " SQL_OFFERED ", ?, ?, 0, 1, NULL, "
		"?, ?, ?, ?, ?, ?, ?, ?)");
	const struct booking_request *req = b->req;
	const struct offer_clock clock = {
		.made_at_ms = b->created_at_ms,
		.starts_at_ms = b->slot->starts_at_s * 1000,
	};
	struct json_object *rows = req->answers && req->answers->count > 0 ?
		store_answers_rows(req->answers) : NULL;
	struct dbvalue answers = { .type = DBVALUE_NULL };

	if (rows)
		answers = (struct dbvalue)DB_TEXT(
			json_object_to_json_string(rows));

	const struct dbvalue values[] = {
		DB_TEXT(b->ref),
		DB_INT(req->slot_id),
		DB_INT(req->seats),
		DB_TEXT(req->name),
		DB_TEXT(req->email),
		DB_TEXT(req->locale),
		DB_TIME_MS(b->created_at_ms),
		DB_BYTES(b->nonce, sizeof(b->nonce)),
		DB_INT(number),
		DB_BYTES(req->idem_key, sizeof(req->idem_key)),
		DB_BYTES(req->req_hash, sizeof(req->req_hash)),
		DB_TEXT(req->request_id),
		DB_TEXT(req->notes),
		answers,
		DB_TIME_MS(b->created_at_ms),
		DB_TIME_MS(offer_until_ms(&clock)),
	};
	int r = dbconn_run(s->db, &query, DB_ARRAY(values), why);

	json_object_put(rows);
	if (r < 0)
		return -1;
	b->id = -dbconn_insert_id(s->db);
	CRASH_POINT("hold: place written");
	return 0;
}

int store_hold_insert(struct store *s, struct new_booking *b,
		      struct fault *why)
{
	struct outbox_rows mail = {
		.list = { {
			.ref = b->ref,
			.word = STORE_HOLD_WORD,
			.kind = KIND_CONFIRM,
			.due_in_ms = b->req->due_in_ms,
		} },
		.count = 1,
	};
	int64_t number;
	int r = number_find(s, b->req, &number, why);

	if (r != STORE_CHANGED)
		return r;
	if (place_insert(s, b, number, why) < 0)
		return -1;
	mail.list[0].waiting_id = -b->id;
	if (store_outbox_add(s, &mail, b->created_at_ms, why) < 0)
		return -1;
	return STORE_CHANGED;
}

int store_hold_known(struct store *s, const struct booking_request *req,
		     struct booking_view *view, struct fault *why)
{
	/* One that has lapsed keeps no key: the form may be sent again. */
	static const struct dbquery query = {
		"SELECT ref, req_hash = ? FROM waiting WHERE idem_key = ? "
		"AND state = " SQL_OFFERED, "ti",
	};
	const struct dbvalue values[] = {
		DB_BYTES(req->req_hash, sizeof(req->req_hash)),
		DB_BYTES(req->idem_key, sizeof(req->idem_key)),
	};
	char ref[STORE_REF_LEN + 1];
	struct waiting_view w;
	int r = dbconn_get(s->db, &query, DB_ARRAY(values), why);

	if (r != 1)
		return r < 0 ? -1 : STORE_NO_SLOT;
	if (dbconn_int(s->db, 1) == 0)
		return STORE_KEY_REUSED;
	dbconn_text_copy(s->db, 0, ref, sizeof(ref));
	r = store_waiting_by_ref(s, ref, &w, why);
	*view = w.as_booking;	/* takes its texts */
	return r < 0 ? -1 : r == 0 ? STORE_NO_SLOT : STORE_HELD_BEFORE;
}

static int again_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery lock = {
		"SELECT state FROM waiting WHERE id = ? AND in_line IS NULL "
		"FOR UPDATE", "i",
	};
	const struct store_again *a = arg;
	const struct link_wish wish = {
		-a->held->id, wall_ms(), a->pause_ms, a->desk != NULL,
	};
	struct outbox_rows mail = {
		.list = { {
			.waiting_id = wish.waiting_id,
			.ref = a->held->ref,
			.word = STORE_HOLD_WORD,
			.kind = KIND_CONFIRM,
		} },
		.count = 1,
	};
	const struct desk_deed deed = { a->desk, "waiting_resent",
					a->held->ref };
	int r = dbconn_get(s->db, &lock, DB_VALUES(DB_INT(wish.waiting_id)),
			   why);

	if (r < 0)
		return -1;
	if (r == 0 || dbconn_int(s->db, 0) != WAITING_OFFERED)
		return STORE_MEANWHILE;
	mail.list[0].number = store_link_number(s, &wish, why);
	if (mail.list[0].number < 0)
		return mail.list[0].number == -1 ? STORE_MEANWHILE : -1;
	if (store_outbox_add(s, &mail, wish.now_ms, why) < 0 ||
	    store_desk_note(s, &deed, why) < 0)
		return -1;
	return STORE_CHANGED;
}

int store_hold_again(struct store *s, const struct store_again *again,
		     struct fault *why)
{
	struct store_again a = *again;

	return store_transaction(s, again_body, &a, why);
}
