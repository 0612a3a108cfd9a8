/* SPDX-License-Identifier: MIT */
/*
 * Books once for a slot, an address and a name: for forms that bring no key.
 *
 * Whoever sends one need not be whose address it is.  So what was booked before
 * is told only where it would have been booked now: a slot that is past or too
 * full and a limit that is reached are answered alike for all, and where
 * addresses are confirmed first, so is everything.  Its owner has a mail then.
 */
#ifndef ACTIONS_ONCE_H
#define ACTIONS_ONCE_H

#include "actions/reserve.h"
#include "base/compiler.h"
#include "site/site.h"

#include <stdbool.h>

struct once {
	struct reserve_order order;	/* its key is set here */
	uint8_t key[BOOKING_KEY_BYTES];
	bool sent;	/* STORE_REPLAYED: its link was sent again */
};

/* As reserve(), but on STORE_REPLAYED *out is not filled: whoever asks is not
 * shown what was booked before. */
int once_reserve(struct call *call, struct once *o, struct reserved *out,
		 struct fault *why) MUST_USE;

#endif
