/* SPDX-License-Identifier: MIT */
/*
 * What all instances of maild have counted together, in Redis.
 *
 * A row has a name, "word:word:relay", and numbers that only grow.  Each
 * instance says what it has counted since its own start; Redis adds the
 * difference to the sums, which thus outlive the instances.  They start from
 * zero only when Redis loses its data.
 */
#ifndef QUEUE_FIGURES_H
#define QUEUE_FIGURES_H

#include "base/compiler.h"
#include "base/fault.h"
#include "queue/queue.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Rows "stage:<step>:<relay>": how often the step of SMTP ended without an
 * answer; the sum of all answers' times in microseconds; then how many answers
 * came within each bound (not cumulative), the last one having no bound.
 * Rows "attempt:<outcome>:<relay>": how many.
 */
#define QUEUE_STAGE_BOUNDS { 1000, 5000, 10000, 25000, 50000, 100000, 250000, \
	500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000, \
	300000000 }
#define QUEUE_STAGE_BUCKETS 16
enum { QUEUE_STAGE_BROKEN, QUEUE_STAGE_SUM, QUEUE_STAGE_FIRST,
       QUEUE_STAGE_NUMBERS = QUEUE_STAGE_FIRST + QUEUE_STAGE_BUCKETS };

#define QUEUE_TALLY_NAME_MAX 96		/* bytes with NUL */
#define QUEUE_TALLY_ROWS_MAX 24		/* told at once */

struct queue_tally {
	char name[QUEUE_TALLY_NAME_MAX];
	size_t count;		/* of numbers, at most QUEUE_STAGE_NUMBERS */
	uint64_t numbers[QUEUE_STAGE_NUMBERS];
};

/*
 * Tells Redis what the instance has counted since its start, up to
 * QUEUE_TALLY_ROWS_MAX rows.  Redis remembers for ttl_s what it was told: tell
 * it again before then, or all of it is added once more.  Telling the same
 * twice is harmless.  After 1000 names no new one is accepted.
 */
struct queue_tally_opts {
	const char *instance;
	int ttl_s;
	const struct queue_tally *rows;
	size_t count;
};
int queue_tally_tell(struct queue *q, const struct queue_tally_opts *opts,
		     struct fault *why) MUST_USE;

/* Calls each() with every sum, in no particular order.  Returns how many, or
 * -1. */
int queue_tallies(struct queue *q,
		  void (*each)(void *arg, const struct queue_tally *row),
		  void *arg, struct fault *why) MUST_USE;

/*
 * Stores the state of the instance, a JSON text that expires after ttl_ms;
 * calls paused() for each pause in force ("queue", "relay:main").  0, or -1.
 */
struct queue_status_opts {
	const char *instance;
	const char *json;
	int ttl_ms;
	void (*paused)(void *arg, const char *what);
	void *arg;
};
int queue_status_set(struct queue *q, const struct queue_status_opts *opts,
		     struct fault *why) MUST_USE;
int queue_status_drop(struct queue *q, const char *instance,
		      struct fault *why) MUST_USE;

/* How many jobs are where. */
struct queue_places {
	int64_t intake;		/* pushed, not admitted */
	int64_t ready, bulk;	/* the two lanes */
	int64_t in_hand;	/* claimed by a worker */
	int64_t retry;		/* set aside, the due ones among them */
	int64_t due;
	int64_t held;		/* of a paused kind */
	int64_t dead;
	int64_t malformed;	/* envelopes that could not be read */
	int64_t receipts;	/* verdicts not yet fetched */
};

/* Counts all places at one moment.  0, or -1. */
int queue_places(struct queue *q, struct queue_places *out, struct fault *why)
	MUST_USE;

#endif
