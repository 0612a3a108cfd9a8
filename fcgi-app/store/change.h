/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a booking after it was made: cancelled, moved, its address
 * corrected, its mail sent again, its data erased.
 *
 * Each is one transaction with its notifications and its line in the history,
 * for the booking as the caller saw it: if somebody changed it meanwhile,
 * nothing is done.  May it be changed at all is decided before, by booking.h.
 */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include "base/compiler.h"
#include "store/store.h"

/* Each returns a store_changed, or -1 (as store_book()). */
int store_cancel(struct store *s, const struct booking_view *v,
		 const struct store_actor *by, struct fault *why) MUST_USE;

/* How often the booking was moved, or -1. */
int store_moves(struct store *s, int64_t booking_id, struct fault *why)
	MUST_USE;

/* To another slot of the same service, unless it was moved by->moves_max times
 * already. */
int store_move(struct store *s, const struct booking_view *v,
	       const struct slot *to, const struct store_actor *by,
	       struct fault *why) MUST_USE;

/* A new address: its confirmation is sent there, what was on its way to the old
 * one is taken back, and links sent before open nothing any more.  On
 * STORE_CHANGED v->link makes the new one. */
int store_readdress(struct store *s, struct booking_view *v,
		    const char *email, const struct store_actor *by,
		    struct fault *why) MUST_USE;

int store_resend(struct store *s, const struct booking_view *v,
		 const struct store_actor *by, struct fault *why) MUST_USE;

/* Takes out name, address, notes and the mail server's words; the seats, the
 * time and the history stay.  Cancels first if cancel is set. */
int store_erase(struct store *s, const struct booking_view *v, bool cancel,
		const struct store_actor *by, struct fault *why) MUST_USE;

/* One line of a booking's history. */
struct booking_event {
	int64_t at_ms;
	char actor[4 * 64 + 1];
	char action[33];
	char detail[4 * 500 + 1];
	char request_id[65];
};

/* Oldest first, at most max.  Returns how many, or -1. */
int store_events(struct store *s, int64_t booking_id,
		 struct booking_event *out, size_t max, struct fault *why)
	MUST_USE;

/* ---- the waiting list ---------------------------------------------------- */

/*
 * Puts somebody into line, with the mail that has the link to their place; req
 * needs slot_id, seats, name, email and locale.  Who waits for the slot already
 * stays where they are, and is sent that mail again: if none is on its way, the
 * last one is older than pause_ms, and it was not sent STORE_RESENDS_MAX times.
 * The link is for that mail alone: nobody has proven whose the address is.
 *
 * ref_out gets the place's reference, *mailed_out whether it has a new mail.
 * STORE_CHANGED in either case, STORE_NO_PLACE (no such slot), -1.
 */
int store_wait(struct store *s, const struct booking_request *req,
	       int64_t pause_ms, char ref_out[STORE_REF_LEN + 1],
	       bool *mailed_out, struct fault *why) MUST_USE;

/* 1 found, 0 not, -1 fault. */
int store_waiting_by_ref(struct store *s, const char *ref,
			 struct waiting_view *out, struct fault *why) MUST_USE;

/* Takes the offer: STORE_CHANGED with ref_out the new booking's,
 * STORE_MEANWHILE (not offered any more), -1. */
int store_offer_take(struct store *s, const struct waiting_view *w,
		     const char *request_id, char ref_out[STORE_REF_LEN + 1],
		     struct fault *why) MUST_USE;

/* Leaves the list: nothing is kept.  STORE_CHANGED also if it was gone. */
int store_waiting_leave(struct store *s, const struct waiting_view *w,
			struct fault *why) MUST_USE;

/* What is due in the waiting list: offers that have lapsed, places that became
 * free otherwise.  Returns how many slots were looked after, or -1. */
int store_waiting_tend(struct store *s, struct fault *why) MUST_USE;

/*
 * Erases what ended more than retention_ms ago, some at a time, in the order of
 * its end.
 *
 * *from_ms is 0 at first, and moves behind what is done with, so that what
 * gathers there in years is not looked at again and again.  Slots that were
 * given an earlier end meanwhile are found by who begins with 0 again.
 *
 * Returns how many bookings, or -1.  *done_out: nothing is left for now.
 */
int store_erase_old(struct store *s, int64_t retention_ms, int64_t *from_ms,
		    bool *done_out, struct fault *why) MUST_USE;

/* Forgets idempotency keys older than a day, some at a time.  0, or -1. */
int store_keys_forget(struct store *s, struct fault *why) MUST_USE;

#endif
