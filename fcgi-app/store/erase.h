/* SPDX-License-Identifier: MIT */
/* What is forgotten by its age. */
#ifndef STORE_ERASE_H
#define STORE_ERASE_H

#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

/* How far it has come. */
struct store_erasing {
	int64_t from_ms;	/* wall; what ended before is erased; 0 first */
	bool done;		/* nothing is left for now */
};

/*
 * Erases what ended more than retention_ms ago, some at a time, in the order of
 * its end.
 *
 * *e moves past what is done, so that what gathers there over years is not
 * looked at again and again.  Slots that got an earlier end meanwhile are found
 * by starting from 0 again.  Returns how many bookings, or -1.
 */
int store_erase_old(struct store *s, int64_t retention_ms,
		    struct store_erasing *e, struct fault *why) MUST_USE;

/* Forgets idempotency keys older than a day, some at a time.  0, or -1. */
int store_keys_forget(struct store *s, struct fault *why) MUST_USE;

#endif
