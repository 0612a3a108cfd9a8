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

/*
 * Reads the answers of form into b (booking_form_answers()), by what is asked
 * for that slot: as *service has it, which may be a minute old, and if anything
 * is wrong then, as it is now.  0, or -1.
 */
int reserve_answers(struct store *s, const struct form *form,
		    struct booking_form *b, struct service *service,
		    struct fault *why) MUST_USE;

struct reserved {
	struct booking_view view;	/* booking_view_release() */
	char envelope_id[STORE_ENVELOPE_ID_MAX + 1];	/* of its mail */
};

/* The limits of mails are reached: nothing was done. */
#define RESERVE_TOO_OFTEN (STORE_BOOKED_LAST + 1)

/*
 * Books what b asks for; b has no errors, key is its idempotency key.  Its mail
 * is counted (quota.h), but not twice for the same request, and not if none
 * comes of it.
 *
 * *out is filled on STORE_BOOKED and STORE_REPLAYED, and, with view.held, on
 * STORE_HELD and STORE_HELD_BEFORE only: its link is then for the mailbox
 * alone.  Returns a store_booked, RESERVE_TOO_OFTEN, or -1 with *why (as
 * store_book(); already logged).
 */
int reserve(struct call *call, const struct booking_form *b,
	    const uint8_t key[BOOKING_KEY_BYTES], struct reserved *out,
	    struct fault *why) MUST_USE;

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
