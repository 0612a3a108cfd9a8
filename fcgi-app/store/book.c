/* SPDX-License-Identifier: MIT */
/* The transaction that books: never twice for one key, never too many. */
#include "config.h"

#include "store/book.h"

#include "base/alloc.h"
#include "base/crashpoint.h"
#include "base/str.h"
#include "base/ticks.h"
#include "db/transaction.h"
#include "domain/offer.h"
#include "domain/token.h"
#include "store/impl.h"
#include "store/slot.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

/* After deadlocks and lock waits: of equal forms of which the first is refused,
 * InnoDB lets one go on at a time. */
#define RETRIES_MAX 10
#define RETRY_WITHIN_MS 4000	/* nothing is begun again later than this */
#define UNSURE_WITHIN_MS 2000	/* to find out what became of a COMMIT */

/* ---- one attempt -------------------------------------------------------- */

enum attempt {
	ATTEMPT_BOOKED,
	ATTEMPT_FULL,
	ATTEMPT_NO_SLOT,
	ATTEMPT_OUTDATED,	/* the service is of another edition */
	ATTEMPT_DUPLICATE,	/* the key, or (once in 10^12) the ref */
	ATTEMPT_UNCONFIRMED,	/* too many of the address are */
	ATTEMPT_AGAIN,		/* nothing was changed */
	ATTEMPT_UNSURE,		/* the COMMIT was not answered */
	ATTEMPT_FAILED,
};

static int insert_booking(struct store *s, struct new_booking *b,
			  struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"INSERT INTO booking (ref, version, slot_id, seats, name, "
		"email, locale, notes, idem_key, req_hash, created_at, "
		"request_id, nonce, old_link, calendar_domain, "
		"calendar_sender) VALUES "
		"(?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, NULLIF(?, ''))");
	const struct booking_request *req = b->req;
	struct dbvalue key = DB_BYTES(req->idem_key, sizeof(req->idem_key));

	if (!b->has_key)
		key.type = DBVALUE_NULL;

	const struct dbvalue values[] = {
		DB_TEXT(b->ref),
		DB_INT(req->slot_id),
		DB_INT(req->seats),
		DB_TEXT(req->name),
		DB_TEXT(req->email),
		DB_TEXT(req->locale),
		DB_TEXT(req->notes),
		key,
		DB_BYTES(req->req_hash, sizeof(req->req_hash)),
		DB_TIME_MS(b->created_at_ms),
		DB_TEXT(req->request_id),
		DB_BYTES(b->nonce, sizeof(b->nonce)),
		DB_TEXT(s->calendar.domain),
		DB_TEXT(s->calendar.sender),
	};

	if (dbconn_run(s->db, &query, DB_ARRAY(values), why) < 0)
		return -1;
	b->id = dbconn_insert_id(s->db);
	CRASH_POINT("book: booking written");
	return 0;
}

int store_booking_insert(struct store *s, struct new_booking *b,
			 struct fault *why)
{
	struct booking_view v = { .slot = *b->slot, .service = *b->service };
	struct outbox_rows rows = {
		.list = { {
			.ref = b->ref,
			.word = "confirm",
			.kind = KIND_CONFIRMED,
			.due_in_ms = b->req->due_in_ms,
		} },
		.count = 1,
	};

	if (insert_booking(s, b, why) < 0 ||
	    store_answers_insert(s, b->id, b->req->answers, why) < 0)
		return -1;
	v.id = b->id;
	rows.list[0].booking_id = b->id;
	must(str_copy(v.ref, sizeof(v.ref), b->ref));
	store_outbox_plan(&rows, &v, "booked", b->created_at_ms);
	return store_outbox_add(s, &rows, b->created_at_ms, why);
}

/* Rolls back and says what the failure of the last statement means. */
static enum attempt attempt_given_up(struct store *s)
{
	enum dbconn_error error = dbconn_error(s->db);

	dbconn_rollback(s->db);
	switch (error) {
	case DBCONN_DUPLICATE:
		return ATTEMPT_DUPLICATE;
	case DBCONN_NO_PARENT:
		return ATTEMPT_NO_SLOT;
	case DBCONN_BUSY:
	case DBCONN_DEAD:
		return ATTEMPT_AGAIN;
	default:
		return ATTEMPT_FAILED;
	}
}

static bool is_held(const struct new_booking *b)
{
	return b->service->confirm_min > 0;
}

/* The rows of the booking, or of the place that is kept until its address is
 * confirmed. */
static int rows_insert(struct store *s, struct new_booking *b,
		       struct fault *why)
{
	if (is_held(b))
		return store_hold_insert(s, b, why);
	return store_booking_insert(s, b, why) < 0 ? -1 : STORE_CHANGED;
}

/* Why no seats were taken, now that the transaction is over. */
static enum attempt not_taken(struct store *s, const struct new_booking *b,
			      struct fault *why)
{
	static const struct dbquery query = {
		"SELECT edition FROM service WHERE id = ?", "i",
	};

	dbconn_rollback(s->db);
	if (dbconn_get(s->db, &query, DB_VALUES(DB_INT(b->service->id)),
		       why) < 0)
		return attempt_given_up(s);
	if (dbconn_int(s->db, 0) != b->req->edition)
		return ATTEMPT_OUTDATED;
	store_full_remember(s, b->req->slot_id);
	return ATTEMPT_FULL;
}

/* Keeps the service as it is until the transaction ends.  A store_change,
 * MEANWHILE = it is of another edition, or -1. */
static int service_steady(struct store *s, const struct new_booking *b,
			  struct fault *why)
{
	static const struct dbquery query = {
		"SELECT edition FROM service WHERE id = ? LOCK IN SHARE MODE",
		"i",
	};

	if (!b->req->steady)
		return STORE_CHANGED;
	if (dbconn_get(s->db, &query, DB_VALUES(DB_INT(b->service->id)),
		       why) < 0)
		return -1;
	return dbconn_int(s->db, 0) == b->req->edition ? STORE_CHANGED :
							 STORE_MEANWHILE;
}

/*
 * The order matters: first the rows nobody else wants, so that a duplicate
 * never touches the counter, and the counter that everybody wants last, so
 * that its lock is held for no longer than the COMMIT.
 */
static enum attempt attempt(struct store *s, struct new_booking *b,
			    struct fault *why)
{
	int steady = dbconn_begin(s->db, why) < 0 ? -1 :
		     service_steady(s, b, why);
	int written = steady == STORE_CHANGED ? rows_insert(s, b, why) : -1;
	const struct seats_wish wish = {
		.slot_id = b->req->slot_id,
		.seats = b->req->seats,
		.service_id = b->service->id,
		.edition = b->req->edition,
	};
	int taken = written == STORE_CHANGED ?
		store_seats_take(s, &wish, why) : -1;

	if (steady == STORE_MEANWHILE) {
		dbconn_rollback(s->db);
		return ATTEMPT_OUTDATED;
	}
	if (written == STORE_MEANWHILE || written == STORE_TOO_OFTEN) {
		dbconn_rollback(s->db);
		return written == STORE_MEANWHILE ? ATTEMPT_DUPLICATE :
						    ATTEMPT_UNCONFIRMED;
	}
	if (taken < 0)
		return attempt_given_up(s);
	CRASH_POINT("book: seats taken");
	if (taken != STORE_CHANGED)
		return not_taken(s, b, why);
	if (!dbconn_commit(s->db, why))
		return ATTEMPT_BOOKED;
	if (dbconn_error(s->db) == DBCONN_DEAD)
		return ATTEMPT_UNSURE;
	return attempt_given_up(s);
}

/* ---- what was booked with this key before ------------------------------- */

#define UNDECIDED (-2)	/* no store_booked yet, and no fault */

/* As known_by_key(), of what is still to be confirmed. */
static int hold_known(struct store *s, const struct new_booking *b,
		      struct booking_view *view, struct fault *why)
{
	int r = store_hold_known(s, b->req, view, why);

	if (r == STORE_NO_SLOT)
		return UNDECIDED;
	return r == STORE_HELD_BEFORE && strcmp(view->ref, b->ref) == 0 ?
		STORE_HELD : r;
}

/* Fills *view.  A store_booked; UNDECIDED if there is nothing; -1. */
static int known_by_key(struct store *s, const struct new_booking *b,
			struct booking_view *view, struct fault *why)
{
	static const struct dbquery query = {
		STORE_VIEW_SELECT "WHERE b.idem_key = ?", STORE_VIEW_COLUMNS,
	};
	const struct dbvalue key[] = {
		DB_BYTES(b->req->idem_key, sizeof(b->req->idem_key)),
	};
	int r = store_view_get(s, DB_CALL_ARRAY(&query, key), view, why);

	if (r == 0)
		return hold_known(s, b, view, why);
	if (r < 0)
		return -1;
	if (!store_view_is_of(s->db, b->req)) {
		booking_view_release(view);
		return STORE_KEY_REUSED;
	}
	/* Our own COMMIT whose answer was lost: nobody has pushed it yet. */
	return strcmp(view->ref, b->ref) ? STORE_REPLAYED : STORE_BOOKED;
}

int store_key_known(struct store *s, const uint8_t key[16], struct fault *why)
{
	static const struct dbquery query = {
		"SELECT 1 FROM booking WHERE idem_key = ? UNION "
		"SELECT 1 FROM waiting WHERE idem_key = ?", "i",
	};
	const struct dbvalue values[] = { DB_BYTES(key, 16),
					  DB_BYTES(key, 16) };

	return dbconn_get(s->db, &query, DB_ARRAY(values), why);
}

static void pause_ms(int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL); /* shorter is as good */
}

/* Processes that collided must not collide again. */
static int64_t jitter_ms(void)
{
	return 2 + (ticks_ms() * 7 + getpid()) % 19;
}

/* What a loop over attempts has gone through. */
struct history {
	int64_t began_ms;
	int retries;
	int deaths;
	bool unsure;
	int64_t unsure_since_ms;
};

/* Waits a little and says whether to try again. */
static bool once_more(struct history *h, bool dead)
{
	int64_t now_ms = ticks_ms();

	/* Only a database that comes back can tell what became of it. */
	if (h->unsure) {
		if (now_ms - h->unsure_since_ms >= UNSURE_WITHIN_MS)
			return false;
		pause_ms(50 + jitter_ms());
		return true;
	}
	if (now_ms - h->began_ms >= RETRY_WITHIN_MS ||
	    ++h->retries > RETRIES_MAX || (dead && ++h->deaths > 1))
		return false;
	pause_ms(jitter_ms());
	return true;
}

/*
 * Attempts until there is an answer.  After an unknown COMMIT the same rows are
 * written again, rather than looked for: the unique key makes the server wait
 * for the old transaction's end, so a duplicate proves that it took place and
 * success that it did not.
 */
static int book(struct store *s, struct new_booking *b,
		struct booking_view *view, struct fault *why)
{
	struct history h = { .began_ms = ticks_ms() };
	int r;

	for (;;) {
		switch (attempt(s, b, why)) {
		case ATTEMPT_BOOKED:
			return is_held(b) ? STORE_HELD : STORE_BOOKED;
		case ATTEMPT_UNCONFIRMED:
			r = known_by_key(s, b, view, why);
			return r == UNDECIDED ? STORE_UNCONFIRMED : r;
		case ATTEMPT_FULL:
			return STORE_FULL;
		case ATTEMPT_OUTDATED:
			return STORE_OUTDATED;
		case ATTEMPT_NO_SLOT:
			return STORE_NO_SLOT;
		case ATTEMPT_DUPLICATE:
			r = known_by_key(s, b, view, why);
			if (r >= 0)
				return r;
			if (r == UNDECIDED)
				token_ref_draw(s->ref_prefix, b->ref);
			break;
		case ATTEMPT_UNSURE:
			if (!h.unsure)
				h.unsure_since_ms = ticks_ms();
			h.unsure = true;
			break;
		case ATTEMPT_AGAIN:
			break;
		case ATTEMPT_FAILED:
			goto failed;
		}
		if (!once_more(&h, dbconn_error(s->db) == DBCONN_DEAD))
			goto failed;
	}
failed:
	if (h.unsure && why)
		why->class = FAULT_UNSURE;
	return -1;
}

/* The view of what has just been written; takes the service. */
static void view_of_new(const struct new_booking *b, struct service *service,
			struct booking_view *view)
{
	const struct booking_request *req = b->req;

	*view = (struct booking_view){
		.id = b->id,
		.link = { .id = b->id, .drawn = true },
		.seats = req->seats,
		.name = alloc_text(req->name),
		.email = alloc_text(req->email),
		.locale = alloc_text(req->locale),
		.notes = alloc_text(req->notes),
		.cancel_reason = alloc_text(""),
		.created_at_s = b->created_at_ms / 1000,
		.slot = *b->slot,
		.service = *service,
	};
	if (is_held(b)) {
		view->held = true;
		view->offered_at_s = view->created_at_s;
		view->offer_until_s = offer_until_ms(&(struct offer_clock){
			.made_at_ms = b->created_at_ms,
			.starts_at_ms = b->slot->starts_at_s * 1000,
		}) / 1000;
	}
	must(str_copy(view->ref, sizeof(view->ref), b->ref));
	memcpy(view->link.nonce, b->nonce, sizeof(b->nonce));
	memset(service, 0, sizeof(*service));
	for (size_t i = 0; req->answers && i < req->answers->count; i++)
		answers_add(&view->answers, &req->answers->list[i]);
}

/* Answers that need no transaction.  A store_booked, or UNDECIDED if it must be
 * tried, or -1. */
static int answer_early(struct store *s, const struct new_booking *b,
			struct booking_view *view, struct fault *why)
{
	int r;

	if (b->slot->starts_at_s <= b->created_at_ms / 1000) {
		r = known_by_key(s, b, view, why);
		return r == UNDECIDED ? STORE_PAST : r;
	}
	if (store_full_is_remembered(s, b->slot->id)) {
		r = store_full_peek(s, b->req, why);
		if (r)
			return r < 0 ? -1 : STORE_FULL;
	}
	return UNDECIDED;
}

void store_book_mail(const struct booking_view *view,
		     char envelope_id[STORE_ENVELOPE_ID_MAX + 1])
{
	const struct outbox_row row = {
		.ref = view->ref,
		.word = view->held ? STORE_HOLD_WORD : "confirm",
	};

	store_outbox_id(&row, envelope_id);
}

int store_book(struct store *s, const struct booking_request *req,
	       struct booking_view *view, struct fault *why)
{
	struct new_booking b = {
		.req = req,
		.has_key = true,
		.created_at_ms = wall_ms(),
	};
	struct slot slot = { .id = req->slot_id };
	struct service service;

	must(req->seats > 0);
	memset(view, 0, sizeof(*view));

	int r = store_slot_cached(s, &slot, &service, why);

	/* When it begins may have been mended. */
	if (r == 1 && slot.starts_at_s <= b.created_at_ms / 1000) {
		service_release(&service);
		r = store_slot(s, &slot, &service, why);
	}
	if (r != 1)
		return r < 0 ? -1 : STORE_NO_SLOT;
	if (service.edition != req->edition) {
		service_release(&service);
		return STORE_OUTDATED;
	}
	b.slot = &slot;
	b.service = &service;
	token_row_draw(s->ref_prefix, b.ref, b.nonce);
	r = answer_early(s, &b, view, why);
	if (r == UNDECIDED)
		r = book(s, &b, view, why);
	if ((r == STORE_BOOKED || r == STORE_HELD) && !view->name) {
		view_of_new(&b, &service, view);
		view->calendar = s->calendar;
	}
	service_release(&service);
	return r;
}
