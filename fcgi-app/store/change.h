/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a booking after it was made: cancelled, moved, its address
 * corrected, its mail sent again, its data erased.
 *
 * Each is one transaction with its notifications and its line in the history,
 * for the booking as the caller saw it: if somebody changed it meanwhile,
 * nothing is done.  Whether that is allowed is decided before, by booking.h.
 */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include "domain/model.h"
#include "store/store.h"

/* What somebody wants of a booking; all borrowed. */
struct booking_order {
	struct booking_view *v;
	const struct store_actor *by;
	const struct slot *to;	/* only for store_move(): where to */
	const char *email;	/* only for store_readdress(): the new one */
	bool cancels;		/* for store_erase(): it is cancelled first */
};

/* Each returns a store_changed, or -1 (as store_book()). */
int store_cancel(struct store *s, const struct booking_order *order,
		 struct fault *why) MUST_USE;

/* How often the booking was moved, or -1. */
int store_moves(struct store *s, int64_t booking_id, struct fault *why)
	MUST_USE;

/* To another slot of the same service, unless it was moved by->moves_max times
 * already. */
int store_move(struct store *s, const struct booking_order *order,
	       struct fault *why) MUST_USE;

/* A new address: its confirmation is sent there, what was on its way to the old
 * one is taken back, and earlier links no longer open anything.  On
 * STORE_CHANGED v->link makes the new one. */
int store_readdress(struct store *s, const struct booking_order *order,
		    struct fault *why) MUST_USE;

int store_resend(struct store *s, const struct booking_order *order,
		 struct fault *why) MUST_USE;

/* Takes out name, address, notes and the mail server's words; the seats, the
 * time and the history stay. */
int store_erase(struct store *s, const struct booking_order *order,
		struct fault *why) MUST_USE;

#endif
