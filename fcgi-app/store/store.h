/* SPDX-License-Identifier: MIT */
/*
 * What the booking side keeps in MySQL: every SQL statement of the program
 * stands in store*.c.
 *
 * Faults: FAULT_RETRY = the database is not there or too busy, nothing was
 * changed; FAULT_UNSURE = a COMMIT's outcome could not be found out in time
 * (asking again with the same key is safe); FAULT_CONFIG = password, schema.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/compiler.h"
#include "base/fault.h"
#include "domain/token.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dbconn;
struct store;

#define STORE_REF_LEN 8		/* Crockford base32 */
#define STORE_ENVELOPE_ID_MAX 64
#define STORE_ZONE_MAX 64
#define STORE_SCHEMA_VERSION 11	/* the oldest schema that these files need */

/* Kinds of notifications; the name in the mail templates' paths. */
#define KIND_CONFIRMED "booking.confirmed"
#define KIND_MOVED "booking.moved"
#define KIND_CANCELLED "booking.cancelled"
#define KIND_REMINDER "booking.reminder"
#define KIND_PLACE_FREE "place.free"
#define KIND_PLACE_WAITING "place.waiting"
#define KIND_ORGANISER "organiser.notice"
#define KIND_DIGEST "operators.digest"	/* about no booking */

struct store *store_new(struct dbconn *db) MUST_USE; /* db is borrowed */
void store_free(struct store *s);

struct service {
	int64_t id;
	char *slug;		/* [a-z0-9-]{1,64} */
	char *name;
	char *description;
	char *place;
	char *zone;		/* IANA name; of slots that are made now */
	char *organiser_name;
	char *organiser_email;
	char *language;		/* of its own texts; "" = the site's */
	int64_t notice_min;	/* changes end so many minutes before */
	int64_t reminder_min;	/* so many before it is reminded of; 0 = not */
	int64_t offer_min;	/* so long a freed place is kept */
	bool organiser_mails;	/* the organiser hears of each booking */
};

struct slot {
	int64_t id;
	int64_t service_id;
	int64_t starts_at_s;	/* Unix time */
	int64_t ends_at_s;
	/* In which its times are shown: its service's when it was made. */
	char zone[STORE_ZONE_MAX + 1];
	int64_t capacity;	/* capacity and booked: as last seen */
	int64_t booked;
	bool closed;		/* takes no more bookings; as last seen */
};

void service_release(struct service *service);

/* Deep copy; *to is released by service_release(). */
void service_copy(struct service *to, const struct service *from);

/* Lists are heap arrays; free with store_services_free() / free(). */
int store_services(struct store *s, struct service **out, size_t *count_out,
		   struct fault *why) MUST_USE;
void store_services_free(struct service *services, size_t count);

/* 1 found, 0 not, -1 fault. */
int store_service_by_slug(struct store *s, const char *slug,
			  struct service *out, struct fault *why) MUST_USE;

/* Slots of a service that start in from_s..until_s, ordered by time, at most
 * max; only_free leaves out full ones. */
int store_slots(struct store *s, int64_t service_id, int64_t from_s,
		int64_t until_s, bool only_free, size_t max,
		struct slot **out, size_t *count_out, struct fault *why)
	MUST_USE;

/* The slot with its service (service_out may be NULL).  With fresh == false it
 * may come from a cache of this process (at most 60 s old, capacity and booked
 * stale).  1 found, 0 not, -1 fault. */
int store_slot(struct store *s, int64_t slot_id, bool fresh,
	       struct slot *slot_out, struct service *service_out,
	       struct fault *why) MUST_USE;

/* What a visitor asks for; all texts checked before, borrowed. */
struct booking_request {
	int64_t slot_id;
	int64_t seats;
	const char *name;
	const char *email;
	const char *locale;	/* "fr", "en" */
	const char *notes;	/* "" = none; for the organiser only */
	uint8_t idem_key[16];
	uint8_t req_hash[32];	/* over all that was asked for */
	const char *request_id;	/* nginx's, "" = none */
};

enum cancelled_by { CANCELLED_BY_NOBODY, CANCELLED_BY_VISITOR,
		    CANCELLED_BY_ORGANISER };

/* One booking and all that its pages and mails say. */
struct booking_view {
	int64_t id;
	char ref[STORE_REF_LEN + 1];
	struct token_seed link;	/* of its capability */
	int revision;		/* counts all changes */
	int sequence;		/* counts those that calendars must hear of */
	int resends;
	int corrections;	/* of the address */
	bool cancelled;
	bool erased;		/* no personal data are left */
	enum cancelled_by cancelled_by;
	char *cancel_reason;	/* the organiser's; "" = none */
	int64_t changed_at_s;	/* the last change; 0 = none yet */
	int64_t seats;
	char *name;
	char *email;
	char *locale;
	char *notes;
	int64_t created_at_s;
	/* Set only for a place in the waiting list that is shown as if it were
	 * a booking (its id is then negative): until when it is kept. */
	int64_t offer_until_s;
	struct slot slot;
	struct service service;
};
void booking_view_release(struct booking_view *v);

enum store_booked {
	STORE_BOOKED,		/* new; *view and envelope_id are filled */
	STORE_REPLAYED,		/* the same was booked before; filled, too */
	STORE_KEY_REUSED,	/* the key belongs to another request */
	STORE_FULL,
	STORE_NO_SLOT,
	STORE_PAST,		/* it has begun already */
};

/*
 * The transaction: booking, notification (due in due_in_ms), capacity last.
 * Retries 1213, 1205 and 1020 itself, at most 3 times; an unknown COMMIT is
 * looked up by key.  Remembers for 1 s which slots were full and then asks
 * before it begins.  Returns a store_booked, or -1.
 */
int store_book(struct store *s, const struct booking_request *req,
	       int64_t due_in_ms, struct booking_view *view,
	       char envelope_id[STORE_ENVELOPE_ID_MAX + 1],
	       struct fault *why) MUST_USE;

/* Was anything booked with this key?  1, 0, -1. */
int store_key_known(struct store *s, const uint8_t key[16], struct fault *why)
	MUST_USE;

/* 1 found, 0 not, -1 fault. */
int store_booking_by_ref(struct store *s, const char *ref,
			 struct booking_view *out, struct fault *why) MUST_USE;

enum notification_state { NOTIFICATION_OPEN, NOTIFICATION_SENT,
			  NOTIFICATION_DEAD, NOTIFICATION_EXPIRED,
			  NOTIFICATION_ABORTED };

/* Is its job in the queue to be forgotten, because its person was erased? */
enum notification_forget { FORGET_NOT, FORGET_NOW, FORGET_AGAIN, FORGET_DONE };

struct notification {		/* one row of the outbox */
	int64_t id;
	int64_t booking_id;	/* 0 if it is about the waiting list */
	int64_t waiting_id;	/* 0 if it is about a booking */
	char envelope_id[STORE_ENVELOPE_ID_MAX + 1];
	char kind[65];
	enum notification_state state;
	int attempts;
	int checks;		/* audits so far */
	int64_t created_at_ms;
	int64_t begins_at_ms;	/* not sent before; created_at_ms if at once */
	int64_t final_at_ms;	/* 0 while open */
	int64_t was_at_s;	/* of a moved booking; 0 = it was not moved */
	char was_zone[STORE_ZONE_MAX + 1]; /* of that; "" = the slot's */
	char detail[65];	/* one word for the template, or "" */
	enum notification_forget forget;
	char reply[129];	/* the relay's last words, "" if none */
};

/* A booking's notifications, oldest first, at most max (the newest ones).
 * Returns how many were written to out, or -1. */
int store_notifications(struct store *s, int64_t booking_id,
			struct notification *out, size_t max,
			struct fault *why) MUST_USE;

/* "SELECT 1" and the schema version we need.  0, or -1. */
int store_ping(struct store *s, struct fault *why) MUST_USE;

/* May the account add, change and remove rows?  Nothing is changed.  0, or -1. */
int store_rights_check(struct store *s, struct fault *why) MUST_USE;

/* ---- the relay's part --------------------------------------------------- */

struct notification_verdict {
	const char *envelope_id;
	enum notification_state state;	/* SENT or DEAD */
	int attempts;
	int64_t at_ms;
	const char *reply;
};

/* Writes final states in one transaction; rows only move forward from OPEN.
 * SENT overrides every other state: a 250 is a fact.  Applying verdicts again
 * changes nothing.  0, or -1. */
int store_verdicts(struct store *s, const struct notification_verdict *v,
		   size_t count, struct fault *why) MUST_USE;

/*
 * Reads at most max open rows that are due, oldest first, locks them FOR UPDATE
 * SKIP LOCKED and keeps the transaction open until store_due_done() or
 * store_due_drop().  Free with free().  0, or -1 with no transaction.
 */
int store_due(struct store *s, size_t max, struct notification **out,
	      size_t *count_out, struct fault *why) MUST_USE;

/* All that an envelope needs; may be called between store_due() and
 * store_due_done().  1 found, 0 not (also if erased or, for an offer, not
 * offered any more), -1 fault (the transaction is gone). */
int store_view_of(struct store *s, const struct notification *row,
		  struct booking_view *out, struct fault *why) MUST_USE;

int store_booking_by_id(struct store *s, int64_t id,
			struct booking_view *out, struct fault *why) MUST_USE;

/* Of a row whose job is to be forgotten only this is written. */
enum due_forget {
	DUE_KEEP,	/* it is not such a row */
	DUE_FORGET,	/* not yet possible: look again in next_ms */
	DUE_FORGOTTEN,	/* final rows: look once more, or never again; an open
			   one is due now, and its job made anew of what is
			   left */
};

/* What becomes of one locked row. */
struct due_step {
	int64_t id;
	enum due_forget forget;
	enum notification_state state;	/* OPEN = look again in next_ms;
					   ABORTED = no more looks */
	int64_t next_ms;
	int attempts;
	int64_t at_ms;			/* final states */
	const char *reply;
};

/* Writes the steps (with count == 0 none) and commits.  After -1 no row was
 * changed, or (a lost COMMIT) all were: both are fine, they are looked at
 * again. */
int store_due_done(struct store *s, const struct due_step *steps,
		   size_t count, struct fault *why) MUST_USE;

/* Lets go of the rows as they were. */
void store_due_drop(struct store *s);

/* After Redis lost its data: every open row that has begun is due now.  Locks
 * 1000 rows at a time. */
int store_all_due(struct store *s, struct fault *why) MUST_USE;

/* ---- what operators add ------------------------------------------------- */

/* Adds a service (its texts, zone and slug checked before; id is ignored).
 * 1 added, 0 a service has that slug already (*id_out is its id), -1. */
int store_service_add(struct store *s, const struct service *service,
		      int64_t *id_out, struct fault *why) MUST_USE;

/* Writes all of a service but its id and slug.  Other processes may show
 * what was there for a minute more.  0, or -1. */
int store_service_change(struct store *s, const struct service *service,
			 struct fault *why) MUST_USE;

/* Adds a slot (id and booked are ignored).  1 added, 0 the service has one at
 * that time already (*id_out is its id), -1. */
int store_slot_add(struct store *s, const struct slot *slot, int64_t *id_out,
		   struct fault *why) MUST_USE;

#endif
