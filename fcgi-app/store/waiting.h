/* SPDX-License-Identifier: MIT */
/* The waiting list: joining it, leaving it, and taking a place that became
 * free. */
#ifndef STORE_WAITING_H
#define STORE_WAITING_H

#include "domain/model.h"
#include "domain/offer.h"
#include "store/store.h"

/* An organiser who sees to a place in line: what comes of it stands in the
 * record. */
struct store_desk {
	const struct store_actor *by;
	const char *slug;		/* the service's */
	const struct slot *slot;
};

/* Somebody who joins a line. */
struct store_joining {
	const struct booking_request *req;	/* slot_id, seats, name, email
						   and locale of it */
	const struct store_desk *desk;	/* who puts them there; NULL = nobody */
	int64_t pause_ms;
	bool known_only;	/* whoever is not in line stays out of it */
	char ref[STORE_REF_LEN + 1];	/* the place's, once it is there */
	bool added;			/* they were not in line before */
	bool mailed;			/* it has a new mail */
};

/*
 * Puts somebody into line, with the mail that has the link to their place.
 * Anybody already waiting for the slot keeps their place, and is sent that mail
 * again: if none is on its way, and, unless an organiser wants it, the last one
 * is older than pause_ms and it was not sent STORE_RESENDS_MAX times.  The link
 * is for that mail alone: nobody has proven whose the address is.
 *
 * STORE_CHANGED whether it has a new mail or not, STORE_MEANWHILE (known_only:
 * not in line), STORE_NO_PLACE (no such slot), -1.
 */
int store_wait(struct store *s, struct store_joining *joining,
	       struct fault *why) MUST_USE;

/*
 * Sends the mail by which a booking is to be confirmed once more, under the
 * same conditions; its time does not begin anew.  STORE_CHANGED,
 * STORE_MEANWHILE (not now, or it is not kept any more), -1.
 */
struct store_again {
	const struct booking_view *held;
	const struct store_desk *desk;	/* NULL = by the visitor */
	int64_t pause_ms;
};
int store_hold_again(struct store *s, const struct store_again *again,
		     struct fault *why) MUST_USE;

/* 1 found, 0 not, -1 fault. */
int store_waiting_by_ref(struct store *s, const char *ref,
			 struct waiting_view *out, struct fault *why) MUST_USE;

/* Somebody who takes the place that is kept for them. */
struct store_taking {
	const struct waiting_view *w;	/* with their notes and answers */
	const char *request_id;

	char ref[STORE_REF_LEN + 1];	/* the result: the booking's */
};

/* Takes the offer, or confirms the booking: STORE_CHANGED, STORE_MEANWHILE (not
 * offered any more), -1. */
int store_offer_take(struct store *s, struct store_taking *taking,
		     struct fault *why) MUST_USE;

/* Leaves the list: nothing is kept.  STORE_CHANGED also if it was gone. */
int store_waiting_leave(struct store *s, const struct waiting_view *w,
			struct fault *why) MUST_USE;

/*
 * An organiser takes somebody out of a line, or a booking that is to be
 * confirmed away: nothing is kept for them.  A mail tells them, and what names
 * them is erased once it was sent or given up; at once if the slot has begun.
 * STORE_CHANGED, STORE_MEANWHILE (they have left, or booked), -1.
 */
int store_waiting_remove(struct store *s, const struct waiting_view *w,
			 const struct store_desk *desk, struct fault *why)
	MUST_USE;

/*
 * What is due in the waiting list, and of bookings that are to be confirmed:
 * the time of offers runs once the mail server has taken their mail, or they
 * lapse; places that became free otherwise are offered; whoever was removed is
 * erased.  Call it after receipts
 * were looked for: what is known only there lapses too early.
 *
 * Returns whether there was anything, STORE_TEND_MORE if there is more, or -1.
 */
#define STORE_TEND_MORE 2
int store_waiting_tend(struct store *s, const struct quiet_hours *quiet,
		       struct fault *why) MUST_USE;

/* All that an envelope needs; may be called between store_due() and
 * store_due_done().  1 found, 0 not (also if erased or, for an offer, not
 * offered any more), -1 fault (the transaction is gone). */
int store_view_of(struct store *s, const struct notification *row,
		  struct booking_view *out, struct fault *why) MUST_USE;

#endif
