/* SPDX-License-Identifier: MIT */
/* What the files of the store share: its memory, and reading a booking. */
#ifndef STORE_IMPL_H
#define STORE_IMPL_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/fault.h"
#include "db/conn.h"
#include "db/rows.h"
#include "domain/model.h"
#include "domain/words.h"
#include "store/audit.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define STORE_SLOTS_CACHED 1024	/* direct-mapped by slot id */
#define STORE_FULL_MARKS 256	/* likewise */
#define STORE_CACHE_LIFE_MS 60000	/* of what never changes of a slot */

struct cached_slot;

struct full_mark {
	int64_t slot_id;
	int64_t until_ms;	/* ticks */
};

struct store {
	struct dbconn *db;
	struct store_watcher watcher;
	struct calendar_names calendar;	/* of bookings that are made now */
	char ref_prefix[TOKEN_PREFIX_MAX + 1];	/* of their references */
	struct cached_slot *slots[STORE_SLOTS_CACHED];
	struct full_mark full[STORE_FULL_MARKS];
};

/* The states as SQL writes them: constants, for which plans and indexes can be
 * chosen.  store.c holds them to the enums. */
#define SQL_OPEN "0"
#define SQL_SENT "1"
#define SQL_DEAD "2"
#define SQL_EXPIRED "3"
#define SQL_ABORTED "4"
#define SQL_RETURNED "3"	/* of fates */
#define SQL_COMPLAINED "4"
#define SQL_FORGET_NOT "0"
#define SQL_FORGET_NOW "1"
#define SQL_IN_LINE "0"
#define SQL_OFFERED "1"
#define SQL_BOOKED "2"
#define SQL_LAPSED "3"
#define SQL_REMOVED "4"

#define STORE_SELECT_ONE(type, kind, member, column, ...) ", v." column
#define STORE_SERVICE_SELECT \
	"v.id, v.changes, v.changed_at, v.edition, v.texts" \
	SERVICE_MEMBERS(STORE_SELECT_ONE)

#define STORE_LETTER_text "t"
#define STORE_LETTER_int "i"
#define STORE_LETTER_flag "i"
#define STORE_LETTER(type, ...) STORE_LETTER_##type
#define STORE_SERVICE_COLUMNS "iidit" SERVICE_MEMBERS(STORE_LETTER)

#define STORE_SLOT_SELECT \
	"s.id, s.service_id, s.starts_at, s.ends_at, s.zone, i.capacity, " \
	"i.booked, i.closed"
#define STORE_SLOT_COLUMNS "iiddtiii"

/* The values of "s.service_id = ? AND s.starts_at >= ? AND s.starts_at < ?";
 * where a service of 0 means all, its id stands once more before them. */
#define STORE_SPAN_VALUES(span) \
	DB_INT((span)->service_id), \
	DB_TIME_MS(store_within_s((span)->from_s) * 1000), \
	DB_TIME_MS(store_within_s((span)->until_s) * 1000)
#define STORE_MAX_VALUE(span) \
	DB_INT((span)->max > 0 ? (int64_t)(span)->max : INT64_MAX)

/* Whose language is among these: see struct service_seen. */
#define STORE_READS(locale) \
	"(? = '' OR (FIND_IN_SET(" locale ", ?) > 0) = ?)"
#define STORE_READS_VALUES(langs) \
	DB_TEXT((langs) + (*(langs) != '\0')), \
	DB_TEXT((langs) + (*(langs) != '\0')), DB_INT(*(langs) != '-')

/* What was answered with a booking that is to be confirmed, as rows of a. */
#define SQL_ANSWERS_OF(json) \
	"JSON_TABLE(" json ", '$[*]' COLUMNS (" \
	"question BIGINT PATH '$.question', " \
	"seat INT PATH '$.seat', " \
	"text VARCHAR(1000) PATH '$.text', " \
	"phone VARCHAR(15) PATH '$.phone')) a"

/* A slot's places as sums count them: of a closed one, those taken. */
#define STORE_PLACES "IF(i.closed, i.booked, i.capacity)"

#define STORE_VIEW_SELECT \
	"SELECT b.id, b.ref, b.version, b.cancelled_at, b.seats, b.name, " \
	"b.email, b.locale, b.notes, b.created_at, b.req_hash, b.revision, " \
	"b.sequence, b.resends, b.corrections, b.cancelled_by, " \
	"b.cancel_reason, b.changed_at, b.erased_at, b.nonce, b.old_link, " \
	"b.calendar_domain, b.calendar_sender, " \
	STORE_SLOT_SELECT ", " STORE_SERVICE_SELECT " FROM booking b " \
	"JOIN slot s ON s.id = b.slot_id " \
	"JOIN slot_inventory i ON i.slot_id = s.id " \
	"JOIN service v ON v.id = s.service_id "
#define STORE_VIEW_COLUMNS \
	"itidittttdtiiiiitddtitt" STORE_SLOT_COLUMNS STORE_SERVICE_COLUMNS

/*
 * Runs a STORE_VIEW_SELECT with one value in its WHERE and reads its only row.
 * 1 found, 0 not, -1 fault.
 */
int store_view_get(struct store *s, struct dbcall call,
		   struct booking_view *out, struct fault *why) MUST_USE;

/* Is that row's stored hash the one of req? */
bool store_view_is_of(const struct dbconn *db,
		      const struct booking_request *req);

/* Patterns for LIKE ... ESCAPE '!', of a text that is looked for. */
struct store_patterns {
	struct buf begins;	/* a text begins with it */
	struct buf key;		/* a key of a name does (domain/namekey.h) */
	struct buf holds;	/* a text holds it */
};
void store_patterns_make(struct store_patterns *p, const char *text);
void store_patterns_release(struct store_patterns *p);

/* Tells whoever watches. */
void store_tell(const struct store *s, int64_t done, int64_t of);

/* Reads the columns nonce and old_link, from column at. */
void store_link_read(const struct dbconn *db, size_t at,
		     struct token_seed *out);

void store_cached_slot_free(struct cached_slot *c);

/* Marks a slot as full, for the next second. */
void store_full_remember(struct store *s, int64_t slot_id);

bool store_full_is_remembered(struct store *s, int64_t slot_id);

/*
 * Is there still no room?  One read outside any transaction: 9 times cheaper
 * than to begin and fail.  A request that was booked before is let through.
 * 1 full, 0 worth trying, -1 fault.
 */
int store_full_peek(struct store *s, const struct booking_request *req,
		    struct fault *why) MUST_USE;

/* The columns of STORE_SLOT_SELECT and STORE_SERVICE_SELECT, from column at. */
void store_slot_read(const struct dbconn *db, size_t at, struct slot *out);
void store_service_read(const struct dbconn *db, size_t at,
			struct service *out);

/* The one id that a query finds, 0 = none, -1. */
int64_t store_id_find(struct store *s, const struct dbquery *query,
		      struct dbvalues values, struct fault *why) MUST_USE;

/* Writes slots with their counters, in the transaction that is open, and fills
 * in their ids: 0 for one of which the service has another at that time. */
int store_slots_insert(struct store *s, struct slot *slots, size_t count,
		       struct fault *why) MUST_USE;

/* A row that is to be written into the outbox. */
struct outbox_row {
	int64_t booking_id;	/* 0 = none */
	int64_t waiting_id;	/* 0 = none */
	const char *ref;
	const char *word;	/* the id is "{ref}.{word}.{number}" */
	int number;
	const char *kind;
	const char *detail;	/* NULL = "" */
	int64_t begins_at_ms;	/* 0 = at once */
	int64_t was_at_s;	/* 0 = it was not moved */
	const char *was_zone;	/* of that; NULL = "" */
	int64_t due_in_ms;	/* if at once: the relay's first look */
};
#define STORE_OUTBOX_ROWS_MAX 3

/* What one change writes there. */
struct outbox_rows {
	struct outbox_row list[STORE_OUTBOX_ROWS_MAX];
	size_t count;
};

/* Writes the id of a row. */
void store_outbox_id(const struct outbox_row *row,
		     char out[STORE_ENVELOPE_ID_MAX + 1]);

/* Adds them with one statement, in the transaction that is open. */
int store_outbox_add(struct store *s, const struct outbox_rows *rows,
		     int64_t created_at_ms, struct fault *why) MUST_USE;

/* Appends what a new or changed booking leads to besides its own mail: a
 * reminder, the organiser's mail.  The revision is their number. */
void store_outbox_plan(struct outbox_rows *rows, const struct booking_view *v,
		       const char *event, int64_t now_ms);

/* A service that has changed, so that people see it. */
struct seen_change {
	int64_t service_id;
	int64_t at_ms;
	struct service_seen seen;
};

/* Has everybody who has booked a slot of the service that is ahead be told by
 * the relay (tell.h) who sees the difference, in the transaction that is
 * open. */
int store_tell_begin(struct store *s, const struct seen_change *change,
		     struct fault *why) MUST_USE;

/* Whom of a slot to tell next, and of what. */
struct slot_telling {
	int64_t slot_id;
	const char *what;	/* the mail's detail */
	const char *langs;	/* who reads these: see service_seen */
	int64_t before_ms;	/* who booked later knows */
	size_t max;		/* so many, STORE_TELL_MAX at most */
	int64_t *after;		/* in and out: the last one's id; 0 = none */
};
#define STORE_TELL_MAX 100

/* Writes a mail KIND_CHANGED for each, in the transaction that is open, and
 * keeps their bookings locked.  Returns how many there were; -1. */
int store_tell_slot(struct store *s, const struct slot_telling *t,
		    struct fault *why) MUST_USE;

/* Takes all open rows of a booking out: the relay takes those that may be in
 * the queue out of it.  only_begun leaves reminders alone that wait. */
int store_outbox_abort(struct store *s, int64_t booking_id, bool only_begun,
		       struct fault *why) MUST_USE;

/*
 * Has the relay take the jobs of these mails out of the queue, and drops what
 * mail servers said, in the transaction that is open: of a booking and of the
 * place in line that it came from; or of a place in line.
 */
int store_forget_booking(struct store *s, int64_t booking_id,
			 struct fault *why) MUST_USE;
int store_forget_waiting(struct store *s, int64_t waiting_id,
			 struct fault *why) MUST_USE;

/* The middle of a statement that does so for places in line, w: the mails of
 * each, and not the places of each mail.  Its end is a condition. */
#define STORE_FORGET_MAILS_OF \
	"STRAIGHT_JOIN notification n ON n.waiting_id = w.id " \
	"SET n.forget = " SQL_FORGET_NOW ", n.due_at = NOW(3), " \
	"n.reply = '', n.fate_text = '' WHERE "
#define STORE_FORGET_WAITING "UPDATE waiting w " STORE_FORGET_MAILS_OF

/*
 * Gives seats of the booking's slot back (0 = none, something else has changed)
 * and offers what is free to those who wait, in the transaction that is open.
 */
int store_seats_free(struct store *s, const struct booking_view *v,
		     int64_t seats, struct fault *why) MUST_USE;

/*
 * Runs body in a transaction: committed if it returns STORE_CHANGED, else
 * rolled back.
 *
 * After a deadlock or with a dead connection all of it is tried again, at most
 * three times and also if the COMMIT was not answered: body must find out by
 * itself whether it has been done.  Returns what body returned, or -1.
 */
int store_transaction(struct store *s,
		      int (*body)(struct store *s, void *arg,
				  struct fault *why),
		      void *arg, struct fault *why) MUST_USE;

/* Runs a statement that changes rows: STORE_CHANGED, STORE_MEANWHILE if it
 * found none to change, -1. */
int store_update(struct store *s, const struct dbquery *query,
		 struct dbvalues values, struct fault *why) MUST_USE;

/* A change by one statement, and its line in the record of who did what. */
struct audited {
	const struct dbquery *query;
	struct dbvalues values;
	struct audit_entry entry;
	/* Finds a row by what was drawn for this change and nobody else has: it
	 * was made, although its COMMIT had no answer; NULL = none can. */
	const struct dbquery *proof;
	struct dbvalues drawn;
};

/* Writes both or neither: 1, 0 = there is no such row to change, or one like it
 * is there already, -1. */
int store_audited(struct store *s, const struct audited *change,
		  struct fault *why) MUST_USE;

/* Of a row that opens something: when that was last done. */
struct last_use {
	int64_t id;
	int64_t on_ms;		/* the day's beginning in UTC; 0 = never yet */
};

/* Notes by that statement that the row is used today: one write a day is enough
 * to see which ones nobody needs any more. */
int store_use_note(struct store *s, const struct dbquery *query,
		   const struct last_use *last, struct fault *why) MUST_USE;

/* Adds a line to a booking's history, in the transaction that is open. */
int store_event_add(struct store *s, int64_t booking_id,
		    const struct audit_entry *entry, struct fault *why)
	MUST_USE;

/* What goes into the rows of a booking and of its mails. */
struct new_booking {
	const struct booking_request *req;
	bool has_key;		/* of the request: it may come twice */
	const struct slot *slot;
	const struct service *service;
	int64_t created_at_ms;
	char ref[STORE_REF_LEN + 1];	/* drawn, as the nonce is */
	uint8_t nonce[TOKEN_NONCE_BYTES];
	int64_t id;		/* of the row that was written */
};

/* Writes answers of a booking (NULL = none) with one statement, or deletes all
 * of them, in the transaction that is open.  0, or -1. */
int store_answers_insert(struct store *s, int64_t booking_id,
			 const struct answers *answers, struct fault *why)
	MUST_USE;
int store_answers_erase(struct store *s, int64_t booking_id,
			struct fault *why) MUST_USE;

/* Answers as JSON, which the database makes rows of; the caller's. */
struct json_object *store_answers_rows(const struct answers *answers)
	MUST_USE;

/* Deletes the keys by which its name is found, in the transaction that is
 * open; those of a place in line go with it. */
int store_booking_unnamed(struct store *s, int64_t booking_id,
			  struct fault *why) MUST_USE;

/* Writes them, in the transaction that is open; not the stock.  0, or -1. */
int store_booking_insert(struct store *s, struct new_booking *b,
			 struct fault *why) MUST_USE;

/*
 * The same for one whose address is to be confirmed: a place that is offered at
 * once, and its mail.  STORE_CHANGED, STORE_MEANWHILE (its key has made a
 * booking), STORE_TOO_OFTEN (OFFER_CHECKS_MAX of its address), -1.
 */
int store_hold_insert(struct store *s, struct new_booking *b,
		      struct fault *why) MUST_USE;

/* Finds one that still waits to be confirmed by the request's key.
 * STORE_HELD_BEFORE, STORE_KEY_REUSED, -1; STORE_NO_SLOT if there is none. */
int store_hold_known(struct store *s, const struct booking_request *req,
		     struct booking_view *view, struct fault *why) MUST_USE;

/* A mail that has the link to a place. */
struct link_wish {
	int64_t waiting_id;
	int64_t now_ms;
	int64_t pause_ms;	/* so long after the last one */
	bool unlimited;		/* neither that, nor their number, matters */
};

/* The number of the next one, -1 if none is to be sent now, -2 on a fault: none
 * is on its way, and it was not sent STORE_RESENDS_MAX times. */
int store_link_number(struct store *s, const struct link_wish *wish,
		      struct fault *why) MUST_USE;

/* What an organiser did to a place in line. */
struct desk_deed {
	const struct store_desk *desk;	/* NULL = nobody: there is nothing to
					   record */
	const char *action;
	const char *ref;
};

/* Records it.  0, or -1. */
int store_desk_note(struct store *s, const struct desk_deed *deed,
		    struct fault *why) MUST_USE;

/* The mails of a place in line need not go out any more.  0 or more, or -1. */
int store_offer_abort(struct store *s, int64_t waiting_id, struct fault *why)
	MUST_USE;

/* Deletes a place in line, and has the jobs of its mails forgotten.  0 or more,
 * or -1. */
int store_place_drop(struct store *s, int64_t id, struct fault *why) MUST_USE;

/* The word in the id of its mail. */
#define STORE_HOLD_WORD "check"

/* Which seats, and by which edition of what service they were asked for: 0 =
 * what the service has does not matter. */
struct seats_wish {
	int64_t slot_id;
	int64_t seats;
	int64_t service_id;
	int64_t edition;
};

/* Takes seats of a slot if that many are free, in the open transaction:
 * STORE_CHANGED, STORE_NO_PLACE (also if it is closed, or if the service is of
 * another edition), -1. */
int store_seats_take(struct store *s, const struct seats_wish *wish,
		     struct fault *why) MUST_USE;

/* In the transaction of whatever changes a service, what it asks or when its
 * slots begin: what processes remember of it is the old edition.  0, or -1. */
int store_edition_count(struct store *s, int64_t service_id,
			struct fault *why) MUST_USE;

/* The last of the next ids of a table, of rows that are looked at together; 0
 * if there are none; or -1.  query is { STORE_IDS_OF(table) }. */
#define STORE_LAST_OF(table) "SELECT MAX(id) FROM " table, "i"
#define STORE_IDS_OF(table) \
	"SELECT MAX(p.id) FROM (SELECT id FROM " table \
	" WHERE id > ? ORDER BY id LIMIT 1000) p", "i"
int64_t store_ids_until(struct store *s, const struct dbquery *query,
			int64_t after, struct fault *why) MUST_USE;

/* The nearest instant that a DATETIME of ours can be: 1970 to 9999. */
int64_t store_within_s(int64_t at_s);

#endif
