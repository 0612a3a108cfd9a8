/* SPDX-License-Identifier: MIT */
/* The waiting list of a slot: joining it, and what is due in it. */
#include "config.h"

#include "store/waiting.h"

#include "base/alloc.h"
#include "base/crashpoint.h"
#include "base/ticks.h"
#include "domain/offer.h"
#include "domain/token.h"
#include "domain/zone.h"
#include "store/answers.h"
#include "store/audit.h"
#include "store/impl.h"
#include "store/view.h"

#include <stdio.h>
#include <string.h>

#define TEND_MAX 50
#define TEND_LIMIT "50"		/* the same, for SQL */

/* ---- reading ------------------------------------------------------------- */

#define WAITING_SELECT \
	"SELECT w.id, w.ref, w.state, w.seats, w.name, w.email, w.locale, " \
	"w.created_at, w.offer_until, w.booking_id, w.nonce, w.old_link, " \
	"w.in_line IS NULL, w.notes, w.offered_at, w.told_at, w.idem_key, " \
	"w.req_hash, w.untold, " STORE_SLOT_SELECT ", " STORE_SERVICE_SELECT \
	" FROM waiting w " \
	"JOIN slot s ON s.id = w.slot_id " \
	"JOIN slot_inventory i ON i.slot_id = s.id " \
	"JOIN service v ON v.id = s.service_id "
#define WAITING_COLUMNS \
	"itiitttdditiitddtti" STORE_SLOT_COLUMNS STORE_SERVICE_COLUMNS
#define WAITING_SLOT 19		/* the slot's first column */

/* The place in its line: of the index alone. */
static int position_read(struct store *s, struct waiting_view *w,
			 int64_t untold, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT COUNT(*) FROM waiting FORCE INDEX (waiting_next) "
		"WHERE slot_id = ? AND state = " SQL_IN_LINE
		" AND (untold < ? OR (untold = ? AND id <= ?))",
		"i",
	};
	struct booking_view *v = &w->as_booking;
	const struct dbvalue values[] = {
		DB_INT(v->slot.id), DB_INT(untold), DB_INT(untold),
		DB_INT(w->id),
	};

	if (w->state != WAITING_IN_LINE)
		return 0;
	if (dbconn_get(s->db, &query, DB_ARRAY(values), why) < 0)
		return -1;
	v->line_position = dbconn_int(s->db, 0);
	return 0;
}

/* What a booking that is to be confirmed has besides. */
static void held_read(const struct dbconn *db, struct waiting_view *out)
{
	out->as_booking.held = dbconn_int(db, 12) != 0;
	out->has_key = dbconn_text_len(db, 16) == sizeof(out->idem_key);
	if (out->has_key)
		memcpy(out->idem_key, dbconn_text(db, 16),
		       sizeof(out->idem_key));
	if (dbconn_text_len(db, 17) == sizeof(out->req_hash))
		memcpy(out->req_hash, dbconn_text(db, 17),
		       sizeof(out->req_hash));
}

static int waiting_get(struct store *s, struct dbcall call,
		       struct waiting_view *out, struct fault *why)
{
	const struct dbconn *db = s->db;
	struct booking_view *v = &out->as_booking;

	memset(out, 0, sizeof(*out));
	int r = dbconn_get(s->db, call.query, call.values, why);

	if (r != 1)
		return r;
	out->id = dbconn_int(db, 0);
	out->state = (enum waiting_state)dbconn_int(db, 2);
	out->booking_id = dbconn_int(db, 9);
	v->id = -out->id;
	v->link.id = v->id;
	store_link_read(db, 10, &v->link);
	dbconn_text_copy(db, 1, v->ref, sizeof(v->ref));
	v->seats = dbconn_int(db, 3);
	v->name = alloc_text(dbconn_text(db, 4));
	v->email = alloc_text(dbconn_text(db, 5));
	v->locale = alloc_text(dbconn_text(db, 6));
	v->notes = alloc_text(dbconn_text(db, 13));
	v->cancel_reason = alloc_text("");
	v->created_at_s = dbconn_time_ms(db, 7) / 1000;
	v->offer_until_s = dbconn_time_ms(db, 8) / 1000;
	v->offered_at_s = dbconn_time_ms(db, 14) / 1000;
	v->told_at_s = dbconn_time_ms(db, 15) / 1000;
	held_read(db, out);
	store_slot_read(db, WAITING_SLOT, &v->slot);
	store_service_read(db, WAITING_SLOT + strlen(STORE_SLOT_COLUMNS),
			   &v->service);
	if (position_read(s, out, dbconn_int(db, 18), why) == 0)
		return 1;
	waiting_view_release(out);
	return -1;
}

int store_waiting_by_ref(struct store *s, const char *ref,
			 struct waiting_view *out, struct fault *why)
{
	static const struct dbquery query = {
		WAITING_SELECT "WHERE w.ref = ?", WAITING_COLUMNS,
	};

	return waiting_get(s, DB_CALL(&query, DB_ASCII(ref)), out, why);
}

int store_view_of(struct store *s, const struct notification *row,
		  struct booking_view *out, struct fault *why)
{
	static const struct dbquery offered = {
		WAITING_SELECT "WHERE w.id = ? AND w.state = " SQL_OFFERED,
		WAITING_COLUMNS,
	};
	static const struct dbquery in_line = {
		WAITING_SELECT "WHERE w.id = ? AND w.state = " SQL_IN_LINE,
		WAITING_COLUMNS,
	};
	static const struct dbquery removed = {
		WAITING_SELECT "WHERE w.id = ? AND w.state = " SQL_REMOVED,
		WAITING_COLUMNS,
	};
	struct waiting_view w;
	int r;

	if (row->waiting_id) {
		const struct dbquery *query =
			strcmp(row->kind, KIND_PLACE_WAITING) == 0 ? &in_line :
			strcmp(row->kind, KIND_PLACE_REMOVED) == 0 ? &removed :
								     &offered;

		r = waiting_get(s, DB_CALL(query, DB_INT(row->waiting_id)), &w,
				why);
		*out = w.as_booking;	/* takes its texts */
		return r;
	}
	r = store_booking_by_id(s, row->booking_id, out, why);
	if (r == 1 && out->erased && strcmp(row->kind, KIND_ORGANISER) != 0) {
		booking_view_release(out);
		r = 0;
	}
	/* Only the organiser's mail tells them. */
	if (r == 1 && strcmp(row->kind, KIND_ORGANISER) == 0 &&
	    store_answers(s, out, why) < 0) {
		booking_view_release(out);
		r = -1;
	}
	return r;
}

/* ---- joining ------------------------------------------------------------ */

struct joining {
	struct store_joining *of;
	int64_t now_ms;
	int64_t id;
	bool offered;
};

/* The place that this address has in the line of this slot, locked: 1 found,
 * 0 none, -1.  *over_out: it waits for nothing any more. */
static int join_find(struct store *s, struct joining *j, bool *over_out,
		     struct fault *why)
{
	static const struct dbquery query = {
		"SELECT id, ref, state FROM waiting "
		"WHERE slot_id = ? AND email = ? AND in_line = 1 FOR UPDATE",
		"iti",
	};

	*over_out = false;
	int r = dbconn_get(s->db, &query, DB_VALUES(DB_INT(j->of->req->slot_id),
						    DB_TEXT(j->of->req->email)),
			   why);

	if (r != 1)
		return r;
	j->id = dbconn_int(s->db, 0);
	dbconn_text_copy(s->db, 1, j->of->ref, sizeof(j->of->ref));
	j->offered = dbconn_int(s->db, 2) == WAITING_OFFERED;
	*over_out = dbconn_int(s->db, 2) > WAITING_OFFERED;
	return 1;
}

static int join_insert(struct store *s, struct joining *j, struct fault *why)
{
	static const struct dbquery insert = DB_CHANGE(
		"INSERT INTO waiting (ref, slot_id, seats, name, email, "
		"locale, state, created_at, nonce, old_link) "
		"VALUES (?, ?, ?, ?, ?, ?, " SQL_IN_LINE ", ?, ?, 0)");
	const struct booking_request *req = j->of->req;

	uint8_t nonce[TOKEN_NONCE_BYTES];

	token_row_draw(s->ref_prefix, j->of->ref, nonce);

	const struct dbvalue values[] = {
		DB_TEXT(j->of->ref),
		DB_INT(req->slot_id),
		DB_INT(req->seats),
		DB_TEXT(req->name),
		DB_TEXT(req->email),
		DB_TEXT(req->locale),
		DB_TIME_MS(j->now_ms),
		DB_BYTES(nonce, sizeof(nonce)),
	};

	if (dbconn_run(s->db, &insert, DB_ARRAY(values), why) < 0)
		return -1;
	j->id = dbconn_insert_id(s->db);
	j->offered = false;
	return 0;
}

int store_link_number(struct store *s, const struct link_wish *wish,
		      struct fault *why)
{
	static const struct dbquery query = {
		"SELECT COUNT(*), COALESCE(SUM(state = " SQL_OPEN "), 0), "
		"MAX(created_at) FROM notification WHERE waiting_id = ?",
		"iid",
	};

	if (dbconn_get(s->db, &query, DB_VALUES(DB_INT(wish->waiting_id)),
		       why) < 0)
		return -2;

	int64_t count = dbconn_int(s->db, 0);

	bool on_its_way = dbconn_int(s->db, 1) > 0;
	bool over = count > STORE_RESENDS_MAX ||
		    (count > 0 &&
		     dbconn_time_ms(s->db, 2) + wish->pause_ms > wish->now_ms);

	return on_its_way || (over && !wish->unlimited) ? -1 : (int)count;
}

int store_desk_note(struct store *s, const struct desk_deed *deed,
		    struct fault *why)
{
	const struct store_desk *desk = deed->desk;
	char at[ZONE_ISO_SIZE];
	char detail[ZONE_ISO_SIZE + STORE_REF_LEN + 1];

	if (!desk)
		return 0;
	zone_iso(desk->slot->zone, desk->slot->starts_at_s * 1000, at);
	(void)snprintf(detail, sizeof(detail), "%s %s", at, deed->ref);

	const struct audit_entry entry = {
		desk->by, deed->action, desk->slug, detail,
	};

	return store_audit_add(s, &entry, why);
}

/* Only what came of it: joining again may lead to nothing. */
static int join_note(struct store *s, const struct store_joining *of,
		     struct fault *why)
{
	const struct desk_deed deed = {
		of->desk, of->added ? "waiting_added" : "waiting_resent",
		of->ref,
	};

	return of->added || of->mailed ? store_desk_note(s, &deed, why) : 0;
}

static int join_body(struct store *s, void *arg, struct fault *why)
{
	struct joining *j = arg;
	struct outbox_rows rows = { .count = 1 };
	struct outbox_row *mail = &rows.list[0];
	bool over;
	int found = join_find(s, j, &over, why);

	if (found == 1 && over && j->of->known_only)
		return STORE_MEANWHILE;
	if (found == 1 && over) {
		/* Anybody back after an offer lapsed goes to the end of the
		 * line: the id is the order, so the old place makes way. */
		found = 0;
		if (store_place_drop(s, j->id, why) < 0)
			return -1;
	}
	if (found == 0 && j->of->known_only)
		return STORE_MEANWHILE;
	if (found < 0 || (found == 0 && join_insert(s, j, why) < 0))
		return -1;
	j->of->added = found == 0;
	mail->number = store_link_number(s, &(struct link_wish){
		j->id, j->now_ms, j->of->pause_ms, j->of->desk != NULL,
	}, why);
	if (mail->number < -1)
		return -1;
	mail->waiting_id = j->id;
	mail->ref = j->of->ref;
	mail->word = j->offered ? "again" : "wait";
	mail->kind = j->offered ? KIND_PLACE_FREE : KIND_PLACE_WAITING;
	j->of->mailed = mail->number >= 0;
	if ((j->of->mailed &&
	     store_outbox_add(s, &rows, j->now_ms, why) < 0) ||
	    join_note(s, j->of, why) < 0)
		return -1;
	return STORE_CHANGED;
}

int store_wait(struct store *s, struct store_joining *joining,
	       struct fault *why)
{
	struct joining j = { .of = joining, .now_ms = wall_ms() };
	int r = store_transaction(s, join_body, &j, why);

	/* Somebody joined with that address at the same moment (or, once in
	 * 10^12, there is such a reference): now they are found. */
	if (r < 0 && dbconn_error(s->db) == DBCONN_DUPLICATE)
		r = store_transaction(s, join_body, &j, why);
	if (r < 0 && dbconn_error(s->db) == DBCONN_NO_PARENT)
		return STORE_NO_PLACE;
	joining->mailed = joining->mailed && r == STORE_CHANGED;
	return r;
}

/* ---- what is due --------------------------------------------------------- */

/* What is looked after, a place at a time. */
struct tending {
	const struct waiting_view *w;
	struct quiet_hours quiet;
};

/* When the mail server took the first mail about the offer, in Unix ms; 0 = not
 * yet; -1.  Nothing is locked: receipts lock mails before they look at anything
 * else, and whatever takes an offer the place before its mails. */
static int64_t told_at_ms(struct store *s, int64_t waiting_id,
			  struct fault *why)
{
	static const struct dbquery query = {
		"SELECT MIN(n.final_at) FROM waiting w JOIN notification n "
		"ON n.waiting_id = w.id AND n.created_at >= w.offered_at "
		"WHERE w.id = ? AND n.state = " SQL_SENT, "d",
	};

	return dbconn_get(s->db, &query, DB_VALUES(DB_INT(waiting_id)),
			  why) < 0 ? -1 : dbconn_time_ms(s->db, 0);
}

/* Its time runs from when the mail server took the mail. */
static int told_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE waiting SET told_at = ?, offer_until = ? "
		"WHERE id = ? AND state = " SQL_OFFERED
		" AND told_at IS NULL");
	const struct tending *t = arg;
	struct offer_clock clock = offer_clock_of(&t->w->as_booking,
						  &t->quiet);
	int64_t told_ms = told_at_ms(s, t->w->id, why);

	clock.told_at_ms = told_ms;
	if (told_ms <= 0)
		return told_ms < 0 ? -1 : STORE_MEANWHILE;
	return store_update(s, &query, DB_VALUES(
		DB_TIME_MS(told_ms), DB_TIME_MS(offer_until_ms(&clock)),
		DB_INT(t->w->id)), why);
}

/* Nothing is kept any more: the statement has said so of the place. */
static int end_offer(struct store *s, const struct dbquery *query,
		     const struct waiting_view *w, struct fault *why)
{
	const struct booking_view *v = &w->as_booking;
	int r = store_update(s, query, DB_VALUES(DB_INT(OFFER_UNTOLD_MAX),
						 DB_INT(w->id)), why);

	if (r != STORE_CHANGED)
		return r;
	CRASH_POINT("waiting: offer ended");
	if (store_offer_abort(s, w->id, why) < 0)
		return -1;
	return store_seats_free(s, v, v->seats, why);
}

/* Nobody loses a turn who was not told of it: they wait again, behind those who
 * were, a few times.  A booking that is not confirmed lapses.  Columns are set
 * from left to right. */
#define OFFER_END \
	"UPDATE waiting SET state = IF(told_at IS NULL AND in_line = 1 " \
	"AND untold + 1 < ?, " SQL_IN_LINE ", " \
	SQL_LAPSED "), untold = untold + (told_at IS NULL), " \
	"check_number = NULL, idem_key = NULL " \
	"WHERE id = ? AND state = " SQL_OFFERED " AND "

static int lapse_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		OFFER_END "offer_until <= NOW(3)");
	const struct tending *t = arg;

	return end_offer(s, &query, t->w, why);
}

/* No mail about the offer was taken, or is on its way. */
#define UNTELLABLE \
	"told_at IS NULL AND NOT EXISTS (SELECT 1 FROM notification n " \
	"WHERE n.waiting_id = waiting.id " \
	"AND n.created_at >= waiting.offered_at " \
	"AND n.state IN (" SQL_OPEN ", " SQL_SENT "))"

static int untellable_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		OFFER_END "told_at IS NULL");
	const struct tending *t = arg;

	return end_offer(s, &query, t->w, why);
}

/* Whoever was removed has been told, or cannot be. */
static int removed_body(struct store *s, void *arg, struct fault *why)
{
	const struct tending *t = arg;

	return store_place_drop(s, t->w->id, why) < 0 ? -1 : STORE_CHANGED;
}

static int offer_body(struct store *s, void *arg, struct fault *why)
{
	const struct tending *t = arg;

	return store_seats_free(s, &t->w->as_booking, 0, why);
}

static void id_read(const struct dbconn *db, void *row)
{
	int64_t *id = row;

	*id = dbconn_int(db, 0);
}

/* What is found to be due, and what is done about each. */
struct due_places {
	const struct dbquery query;	/* of ids, at most TEND_MAX */
	int (*body)(struct store *s, void *arg, struct fault *why);
};

/* Returns how many there were, or -1. */
static int tend(struct store *s, const struct due_places *due,
		const struct quiet_hours *quiet, struct fault *why)
{
	static const struct dbquery get = {
		WAITING_SELECT "WHERE w.id = ?", WAITING_COLUMNS,
	};
	int64_t ids[TEND_MAX];
	struct dbrows rows = { .read = id_read, .size = sizeof(ids[0]),
			       .max = TEND_MAX, .list = ids };

	if (dbconn_list(s->db, DB_CALL_BARE(&due->query), &rows, why) < 0)
		return -1;
	for (size_t i = 0; i < rows.count; i++) {
		struct waiting_view w;
		struct tending t = { &w, *quiet };
		int r = waiting_get(s, DB_CALL(&get, DB_INT(ids[i])), &w, why);

		if (r == 1)
			r = store_transaction(s, due->body, &t, why);
		waiting_view_release(&w);
		if (r < 0)
			return -1;
	}
	return (int)rows.count;
}

int store_waiting_tend(struct store *s, const struct quiet_hours *quiet,
		       struct fault *why)
{
	/* In this order: a place whose time begins does not lapse. */
	static const struct due_places all[] = {
		{ { "SELECT id FROM waiting WHERE state = " SQL_OFFERED
		    " AND told_at IS NULL AND EXISTS (SELECT 1 "
		    "FROM notification n WHERE n.waiting_id = waiting.id "
		    "AND n.created_at >= waiting.offered_at "
		    "AND n.state = " SQL_SENT ") LIMIT " TEND_LIMIT, "i" },
		  told_body },
		{ { "SELECT id FROM waiting WHERE state = " SQL_OFFERED
		    " AND " UNTELLABLE " LIMIT " TEND_LIMIT, "i" },
		  untellable_body },
		{ { "SELECT id FROM waiting WHERE state = " SQL_OFFERED
		    " AND offer_until <= NOW(3) ORDER BY offer_until "
		    "LIMIT " TEND_LIMIT, "i" },
		  lapse_body },
		{ { "SELECT id FROM waiting WHERE state = " SQL_REMOVED
		    " AND NOT EXISTS (SELECT 1 FROM notification n "
		    "WHERE n.waiting_id = waiting.id "
		    "AND n.state = " SQL_OPEN ") LIMIT " TEND_LIMIT, "i" },
		  removed_body },
		/* One place in line for each slot that has room for
		 * somebody. */
		{ { "SELECT MIN(w.id) FROM waiting w "
		    "JOIN slot_inventory i ON i.slot_id = w.slot_id "
		    "JOIN slot s ON s.id = w.slot_id "
		    "WHERE w.state = " SQL_IN_LINE
		    " AND i.booked + w.seats <= i.capacity "
		    "AND i.closed = 0 AND s.starts_at > NOW() "
		    "GROUP BY w.slot_id LIMIT " TEND_LIMIT, "i" },
		  offer_body },
	};
	int count = 0;
	bool more = false;

	for (size_t i = 0; i < ARRAY_COUNT(all); i++) {
		int r = tend(s, &all[i], quiet, why);

		if (r < 0)
			return -1;
		count += r;
		more |= r == TEND_MAX;
		/* Before all clocks run that can, none is over. */
		if (i == 0 && more)
			break;
	}
	return more ? STORE_TEND_MORE : count > 0;
}
