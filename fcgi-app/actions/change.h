/* SPDX-License-Identifier: MIT */
/*
 * Changes one booking or one place in line, the same way from every face:
 * whether it is allowed, in which order, the line in the log.  Faces read the
 * request and show the result.
 *
 * What visitors do is counted first if it leads to mails (quota.h); the rest is
 * not.  This is the only way there, besides reserve.h, which makes bookings in
 * the same way.  Erasing and leaving a line are not counted: nobody may be kept
 * from them.  Each leads to at most one mail, to somebody else, and there are
 * no more of them than of bookings and places in line, which are counted.
 * Organisers have no limits.
 */
#ifndef ACTIONS_CHANGE_H
#define ACTIONS_CHANGE_H

#include "base/compiler.h"
#include "domain/booking.h"
#include "domain/model.h"
#include "domain/refusal.h"
#include "site/site.h"
#include "store/waiting.h"

#include <stdbool.h>
#include <stdint.h>

struct queue;

#define CHANGE_REASON_MAX 500	/* characters, as the column */

enum change_verb {
	CHANGE_CANCEL,
	CHANGE_MOVE,		/* visitors only */
	CHANGE_EMAIL,
	CHANGE_RESEND,
	CHANGE_ERASE,
	CHANGE_RETRY,		/* organisers: a mail that was given up */
	CHANGE_ABORT,		/* organisers: a mail that waits */
	CHANGE_VERBS,
};

struct change_words {
	const char *name;	/* "cancel": in addresses, texts and the log */
	const char *done;	/* "cancelled" */
	const char *field;	/* that FAIL_FIELDS is about, NULL = none */
};
const struct change_words *change_words(enum change_verb verb);

/* The verb of that name, which may stand at the end of a path.  There must be
 * one. */
enum change_verb change_named(const char *path);

#define CHANGE_ANY -1

/* One change, as a face has read it; all borrowed. */
struct change {
	enum change_verb verb;
	const struct call *call;	/* NULL = from the shell */
	struct store *store;
	struct queue *queue;	/* for a retry; NULL = call's site opens it */
	struct store_actor by;
	struct booking_view *v;
	/* The revision that was looked at, CHANGE_ANY = whichever it has. */
	int64_t revision;

	bool is_counted;	/* its mail is, by the caller (quota.h) */

	/* What was typed. */
	const char *wrong;	/* code of its error, NULL = none */
	int64_t slot_id;	/* move; 0 = not chosen yet */
	char email[ADDRESS_MAX + 1];	/* email; normalised */
	const char *mail;	/* retry, abort: its id, any text */

	/* The result. */
	bool changed;		/* else it was so already, or was refused */
	bool later;		/* FAIL_TOO_OFTEN: it can be, as it is, later */
	struct slot to;		/* move: where to; its id is 0 = not found */
	int64_t again_at_ms;	/* FAIL_TOO_SOON: when it can be, Unix ms */
	struct fault why;	/* of a 503 */
};

/* A change of v with nothing typed yet; organiser NULL = by a visitor. */
struct change change_begin(const struct call *call, enum change_verb verb,
			   struct booking_view *v,
			   const struct store_actor *organiser);

/*
 * Why the booking itself rules it out for a visitor or an organiser, FAIL_NONE
 * if it does not.  Notices do not bind organisers; nobody needs a mail about
 * what is over.  Pure.
 */
enum fail_kind change_hindrance(enum change_verb verb,
				const struct booking_view *v, bool organiser,
				int64_t now_s);

/*
 * Why it is refused, all considered, FAIL_NONE if it is not.  FAIL_MEANWHILE:
 * somebody else changed it.  FAIL_FIELDS: c->wrong.  FAIL_NO_SLOT, FAIL_BEGUN:
 * another slot must be chosen.  A fault is logged.
 */
enum fail_kind change_may(struct change *c);

/*
 * Makes the change, if it is allowed and not made already.  FAIL_NONE, or why
 * not: as change_may(), or FAIL_FULL.  Changes and faults are logged, but not
 * the shell's.
 */
enum fail_kind change_do(struct change *c) MUST_USE;

/* Trims a reason for cancelling in place; NULL if a visitor cannot be told it
 * (no UTF-8, invisible characters, too long).  Pure. */
const char *change_reason(char *text);

/* ---- the waiting list ---------------------------------------------------- */

/* Besides store_changed: over a limit of mails, nothing was done. */
#define CHANGE_OVER (STORE_CHANGED_LAST + 1)

/*
 * Puts the person in b into the line of its slot; key (NULL = none) is the
 * form's.  STORE_CHANGED, which does not tell who was in it before,
 * STORE_NO_PLACE if there is no such slot, CHANGE_OVER, or -1.
 */
int change_wait(struct call *call, const struct booking_form *b,
		const uint8_t *key, struct fault *why) MUST_USE;

/*
 * An organiser puts the person in b into the line of d's slot; they get their
 * mails in locale.  Nothing is counted or limited.  STORE_CHANGED, with *out
 * saying what came of it, STORE_NO_PLACE, or -1.
 */
struct change_waited {
	char ref[STORE_REF_LEN + 1];
	bool added;		/* they were not in line before */
	bool mailed;		/* a mail with the link goes to them */
};
struct change_desk {
	struct store *store;
	struct store_desk desk;
	const char *locale;
};
int change_wait_for(const struct change_desk *d, const struct booking_form *b,
		    struct change_waited *out, struct fault *why) MUST_USE;

/* The place of the reference that was typed, if it is of the slot's line (0 =
 * of any): 1 found, waiting_view_release(); 0 not; -1. */
struct change_place {
	const char *typed;
	int64_t slot_id;
};
int change_place_find(struct store *s, const struct change_place *p,
		      struct waiting_view *out, struct fault *why) MUST_USE;

/* An organiser takes a place out of its line; a mail tells whose it was, unless
 * the slot has begun.  STORE_CHANGED, STORE_MEANWHILE (they have left, or
 * booked), or -1. */
int change_wait_remove(struct store *s, const struct waiting_view *w,
		       const struct store_actor *by, struct fault *why)
	MUST_USE;

/*
 * Sends the mail with the link to a place in line, to an offer or to a booking
 * that is to be confirmed once more.  by NULL = a visitor, who waits for
 * pause_ms between two of them; it is for the caller to count it.
 * STORE_CHANGED, STORE_MEANWHILE (not now, or nothing is waited for any more),
 * or -1.
 */
struct change_again {
	struct store *store;
	const struct store_actor *by;
	int64_t pause_ms;
};
int change_wait_again(const struct change_again *a,
		      const struct waiting_view *w, struct fault *why)
	MUST_USE;

/* Before an offer is taken: reads what is asked of whom it was made to, or what
 * they answered with the form already.  0, or -1. */
int change_take_begin(struct store *s, struct waiting_view *w,
		      struct fault *why) MUST_USE;

/* Takes an offer.  Never refused for a limit: the place was kept for them, and
 * its booking needs its link.  A store_changed, or -1. */
int change_take(struct call *call, const struct waiting_view *w,
		char ref_out[STORE_REF_LEN + 1], struct fault *why) MUST_USE;

#endif
