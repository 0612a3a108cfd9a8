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
#include "domain/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dbconn;
struct store;

#define STORE_SCHEMA_VERSION 11	/* the oldest schema that these files need */

struct store *store_new(struct dbconn *db) MUST_USE; /* db is borrowed */
void store_free(struct store *s);

/* Lists are heap arrays; free with store_services_free() / free(). */
int store_services(struct store *s, struct service **out, size_t *count_out,
		   struct fault *why) MUST_USE;

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
