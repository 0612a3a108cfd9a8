/* SPDX-License-Identifier: MIT */
/* How many jobs stand where. */
#ifndef QUEUE_PLACES_H
#define QUEUE_PLACES_H

#include "queue/queue.h"

struct queue_places {
	int64_t intake;		/* pushed, not admitted */
	int64_t ready, bulk;	/* the two lanes */
	int64_t in_hand;	/* claimed by a worker */
	int64_t retry;		/* set aside, the due ones among them */
	int64_t due;
	int64_t held;		/* of a paused kind */
	int64_t dead;
	int64_t malformed;	/* envelopes that could not be read */
	int64_t receipts;	/* verdicts that nobody has taken */
};

/* Counts all places at one moment.  0, or -1. */
int queue_places(struct queue *q, struct queue_places *out, struct fault *why)
	MUST_USE;

#endif
