/* SPDX-License-Identifier: MIT */
/*
 * How long a place is kept for whom it was offered to, or for whom has to
 * confirm an address.  Pure.
 *
 * The time counts from the moment at which a mail server took the mail about
 * it: nobody loses a place because a mail was late.
 */
#ifndef DOMAIN_OFFER_H
#define DOMAIN_OFFER_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

/* If no mail server has taken the mail by then, the place goes back. */
#define OFFER_UNTOLD_MS (INT64_C(12) * 3600 * 1000)
/* The mail itself is given up earlier: one attempt, and the way back of what
 * became of it, take no longer than this. */
#define OFFER_MARGIN_MS (INT64_C(15) * 60 * 1000)
/* So often a place is offered to somebody in line whom no mail reaches. */
#define OFFER_UNTOLD_MAX 3
/* Bookings of one address that wait to be confirmed. */
#define OFFER_CHECKS_MAX 3

/* A part of each day in which no time runs, in minutes from midnight; past
 * midnight if it ends before it begins, none at all if both are the same. */
struct quiet_hours {
	int from_min;
	int until_min;
};

/* Reads "22:00-07:00", or "" = none.  False if it is neither. */
bool quiet_hours_read(const char *text, struct quiet_hours *out) MUST_USE;

struct offer_clock {
	int64_t made_at_ms;
	int64_t told_at_ms;	/* 0 = no mail server has the mail yet */
	int64_t minutes;	/* that it is kept for */
	int64_t starts_at_ms;	/* of the slot: it is never kept longer */
	const char *zone;	/* the slot's, whose night it is */
	struct quiet_hours quiet;
};

struct booking_view;

/* The clock of an offer, or of a booking that is to be confirmed, for which
 * there are no quiet hours.  It borrows from the view. */
struct offer_clock offer_clock_of(const struct booking_view *v,
				  const struct quiet_hours *quiet);

/* Until when it is kept, as far as is known: at the turn to summer time an hour
 * longer. */
int64_t offer_until_ms(const struct offer_clock *c);

/* What a place in line, or a booking that is to be confirmed, is now: the relay
 * writes it down a little later. */
enum offer_stage { OFFER_IN_LINE, OFFER_KEPT, OFFER_BOOKED, OFFER_OVER,
		   OFFER_LAPSED, OFFER_REMOVED };
struct waiting_view;
enum offer_stage offer_stage(const struct waiting_view *w, int64_t now_s);
/* "in_line", "offered", "booked", "over" (the slot has begun), "lapsed". */
const char *offer_stage_word(enum offer_stage stage);

/* Can it be said how long that is, whenever the mail arrives?  False if the
 * slot begins earlier. */
bool offer_is_whole(const struct offer_clock *c);

#endif
