/* SPDX-License-Identifier: MIT */
/* Carries out a checked booking: transaction, push, log line. */
#ifndef ACTIONS_RESERVE_H
#define ACTIONS_RESERVE_H

#include "base/compiler.h"
#include "domain/booking.h"
#include "domain/idempotency.h"
#include "domain/refusal.h"
#include "site/site.h"

/* A key for a form or a request that brought none. */
void reserve_key_draw(char hex[BOOKING_KEY_HEX + 1]);

/* A form that wants to book, and what it is about. */
struct reserve_order {
	const struct form *form;
	struct booking_form *b;		/* what was read of it */
	struct slot *slot;		/* its id is set */
	struct service *service;
	int64_t seats_max;		/* the setting: 0 = as many as free */
	const uint8_t *key;		/* for idempotency; for reserve() */
	/* What is to be confirmed already: have its mail sent again. */
	bool again;
};

/*
 * Reads the slot and its service, refuses more seats than there are and reads
 * the answers into o->b: by what was remembered, and if anything is wrong then,
 * by what is there now.  1 (service_release()), 0 = there is no such slot, -1.
 */
int reserve_check(struct store *s, const struct reserve_order *o,
		  struct fault *why) MUST_USE;

struct reserved {
	struct booking_view view;	/* booking_view_release() */
	char envelope_id[STORE_ENVELOPE_ID_MAX + 1];	/* of its mail; only of
							   a new one */
	bool again;		/* that was sent again, as was wished */
};

/* The limits of mails are reached: nothing was done. */
#define RESERVE_TOO_OFTEN (STORE_BOOKED_LAST + 1)

/* It was right by what was remembered of the service, and no longer is: b has
 * its errors, and slot and service are as they are now. */
#define RESERVE_FIELDS (STORE_BOOKED_LAST + 2)

/*
 * Books what o->b asks for, which reserve_check() found nothing wrong with; if
 * its service has changed since, it is checked once more.  Its mail is counted
 * (quota.h), but not twice for the same request, and not if none comes of it.
 *
 * *out is filled on STORE_BOOKED and STORE_REPLAYED, and, with view.held, on
 * STORE_HELD and STORE_HELD_BEFORE only: its link is then for the mailbox
 * alone.  Returns a store_booked but STORE_OUTDATED, RESERVE_TOO_OFTEN,
 * RESERVE_FIELDS, or -1 with *why (as store_book(); already logged).
 */
int reserve(struct call *call, const struct reserve_order *o,
	    struct reserved *out, struct fault *why) MUST_USE;

/* Would its mail be over a limit?  Nothing is counted. */
bool reserve_is_over(struct call *call, const struct reserve_order *o)
	MUST_USE;

/* Counts such a result of a booking that reserve() did not get to see. */
void reserve_counted(struct call *call, int result, const struct fault *why);

/* Counts and logs what kept the order from being booked.  Returns -1. */
int reserve_failed(struct call *call, const struct reserve_order *o,
		   const struct fault *why);

/* Was it asked for before, by the same request? */
static inline bool reserve_is_old(int result)
{
	return result == STORE_REPLAYED || result == STORE_HELD_BEFORE;
}

/* The refusal for such a result: FAIL_NONE for one that fills *out. */
enum fail_kind reserve_refusal(int result, const struct fault *why);

/* The (at most) five free slots of its service nearest to this one, in order of
 * time; the caller frees them.  None at all if the database is away. */
size_t reserve_nearest(struct call *call, const struct slot *slot,
		       struct slot **out);

#endif
