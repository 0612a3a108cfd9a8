/* SPDX-License-Identifier: MIT */
/*
 * What all workers count together, in memory that they share: one atomic
 * addition an event, no lock.  Counts last as long as the master.
 */
#ifndef METRICS_METRICS_H
#define METRICS_METRICS_H

#include "base/compiler.h"
#include "queue/fate.h"

#include <stdint.h>

enum metrics_booking {
	METRICS_BOOKED,
	METRICS_REPLAYED,
	METRICS_KEY_REUSED,
	METRICS_FULL,
	METRICS_NO_SLOT,
	METRICS_PAST,
	METRICS_UNAVAILABLE,
	METRICS_UNSURE,
	METRICS_HELD,		/* to be confirmed */
	METRICS_UNCONFIRMED,	/* refused: so many of the address are */
	METRICS_TRAPPED,	/* a robot's form */
	METRICS_BOOKINGS,
};

/* The upper bounds of the buckets of answers' times, in microseconds. */
#define METRICS_BOUNDS { 1000, 2500, 5000, 10000, 25000, 50000, 100000, \
	250000, 500000, 1000000, 2500000, 5000000 }
#define METRICS_BUCKETS 13	/* with the one that has no bound */

#define METRICS_FATES (QUEUE_FATE_COMPLAINED + 1)

struct metrics;

struct metrics_copy {
	uint64_t bookings[METRICS_BOOKINGS];
	uint64_t posts[METRICS_BUCKETS];	/* not summed up */
	uint64_t post_us;			/* the sum of all */
	uint64_t answers[6];			/* [2]: 2xx */
	uint64_t fates[METRICS_FATES];		/* by enum queue_fate */
};

/* In the master, before its children. */
struct metrics *metrics_new(void) MUST_USE RETURNS_NONNULL;

const char *metrics_booking_word(enum metrics_booking what);

/* m may be NULL: nothing is counted. */
void metrics_book(struct metrics *m, enum metrics_booking what);
void metrics_answer(struct metrics *m, int status);
void metrics_post(struct metrics *m, int64_t us);
void metrics_fate(struct metrics *m, enum queue_fate fate);

/* Reads all; each number by itself is right. */
void metrics_read(const struct metrics *m, struct metrics_copy *out);

#endif
