/* SPDX-License-Identifier: MIT */
/* The outbox: what became of each mail, and which the relay looks at next. */
#ifndef STORE_DUE_H
#define STORE_DUE_H

#include "domain/model.h"
#include "store/store.h"

/* A booking's notifications, oldest first. */
struct notifications {
	struct notification *list;	/* the caller's, with room for max */
	size_t max;		/* no more are read: the newest ones */
	size_t count;		/* so many there are */
};
#define STORE_SHOWN_MAX 20	/* so many are shown to a visitor */

/* Reads them: 0, or -1 with a count of 0. */
int store_notifications(struct store *s, int64_t booking_id,
			struct notifications *out, struct fault *why) MUST_USE;

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

struct due_rows {
	struct notification *list;	/* on the heap */
	size_t count;
};

/*
 * Reads at most max open rows that are due, oldest first, locks them FOR UPDATE
 * SKIP LOCKED and keeps the transaction open until store_due_done() or
 * store_due_drop().  0, or -1 with no transaction.
 */
int store_due(struct store *s, size_t max, struct due_rows *out,
	      struct fault *why) MUST_USE;

/* If the row's job is to be forgotten, only this is written. */
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

/* Releases the rows unchanged. */
void store_due_drop(struct store *s);

/* After Redis lost its data: every open row that has begun is due now.  Locks
 * 1000 rows at a time. */
int store_all_due(struct store *s, struct fault *why) MUST_USE;

#endif
