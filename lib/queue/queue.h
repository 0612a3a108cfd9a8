/* SPDX-License-Identifier: MIT */
/*
 * The job queue in Redis: named operations, one Lua script each.
 *
 * Each script takes the queue from one consistent state to another and may be
 * run again: after FAULT_RETRY call the same function again.  doc/states.md has
 * the states, the places and the argument for each transition.
 */
#ifndef QUEUE_QUEUE_H
#define QUEUE_QUEUE_H

#include "base/compiler.h"
#include "base/fault.h"
#include "queue/envelope.h"
#include "redis/rconn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_INSTANCE_MAX 128		/* bytes with NUL */
#define QUEUE_BATCH_MAX 200		/* jobs a script touches at once */
#define QUEUE_SLOTS_MAX 256		/* workers of one instance */
#define QUEUE_GENERATION_MAX 128	/* bytes with NUL */

struct queue;

/* prefix is the common beginning of all keys, with its hash tag: "{maild}:".
 * The connection is borrowed and must outlive the queue. */
struct queue *queue_new(struct rconn *r, const char *prefix) MUST_USE;
void queue_free(struct queue *q);

/*
 * Reads a value that changes whenever Redis has lost or rewound its data: the
 * server's run_id and the queue's epoch (made if absent).  Writes at most size
 * bytes into out.
 */
int queue_generation(struct queue *q, char *out, size_t size,
		     struct fault *why) MUST_USE;

/* The epoch in a generation; borrowed from it. */
const char *queue_generation_epoch(const char *generation);

enum queue_state {		/* letters as they stand in Redis */
	QUEUE_MISSING = '-',	/* Redis does not know it */
	QUEUE_UNKNOWN = '?',	/* the intake is too long to look through */
	QUEUE_LIVE = 'L',	/* somewhere between intake and done */
	QUEUE_SENT = 'S',
	QUEUE_DEAD = 'X',
	QUEUE_REPORTED = 'B',	/* of a receipt only: it was sent before, and
				   this is what was heard of it since */
};

/* A worker is named by its instance and slot; so is its processing list. */
struct queue_worker {
	const char *instance;	/* borrowed */
	unsigned slot;
};

#endif
