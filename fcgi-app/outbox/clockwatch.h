/* SPDX-License-Identifier: MIT */
/* Watches whether new time zones have moved what people have booked. */
#ifndef OUTBOX_CLOCKWATCH_H
#define OUTBOX_CLOCKWATCH_H

#include "store/clocks.h"

/* Zeroed at the start. */
struct clockwatch {
	struct clocks_walk walk;
	int64_t next_at_ms;	/* ticks; of the next walk */
	bool walking;
	int64_t lost;		/* slots of this walk in a zone that is gone */
	int64_t moved;		/* and those that clocks have moved */
	char zone[STORE_ZONE_MAX + 1];	/* the first one that is gone */
	int64_t told_lost;	/* as the last alert said */
	int64_t told_moved;
};

/*
 * Takes one step of a walk through the slots that are ahead, every hour and at
 * the start; writes down what was promised where that is missing.  What does
 * not fit raises an alert at a walk's end, once for each number.  0, or -1.
 */
int clockwatch_step(struct clockwatch *w, struct store *s, struct fault *why)
	MUST_USE;

#endif
