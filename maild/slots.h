/* SPDX-License-Identifier: MIT */
/*
 * What maild's processes share: the breaker, and for each worker its deadline
 * and its ack ring.
 *
 * The ack ring remembers which mails the relay took, from the 250 on.  An
 * entry is written before Redis is told; whoever finds that Redis was not told,
 * or has forgotten, tells it again (protocol.md section 3).
 */
#ifndef SLOTS_H
#define SLOTS_H

#include "breaker.h"
#include "compiler.h"
#include "fault.h"
#include "queue.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define RING_SIZE 256		/* mails remembered a worker */
#define RING_REPLY_MAX 96
#define RING_MEMORY_MS 120000	/* older entries are not told again: Redis
				   loses seconds, not minutes */

struct ring_entry {
	atomic_uint version;	/* odd while the worker writes it, 0 = never */
	atomic_bool told;	/* Redis answered to the ack */
	int64_t at_ms;		/* ticks_ms() of the 250 */
	int64_t token;
	char id[ENVELOPE_ID_MAX + 1];
	char reply[RING_REPLY_MAX];
};

struct slot_state {
	_Atomic int64_t deadline_ms;	/* ticks_ms() when the master kills it,
					   0 = none */
	atomic_bool crashed;		/* the list's last owner crashed and
					   nobody has reclaimed it yet */
	atomic_uint ring_next;		/* entries written so far */
	struct ring_entry ring[RING_SIZE];
};

struct slots {
	struct breaker breaker;
	struct slot_state slot[QUEUE_SLOTS_MAX];
};

/* Remembers that the relay took the mail; returns the entry. */
struct ring_entry *slots_ring_add(struct slot_state *slot, const char *id,
				  int64_t token, const char *reply,
				  int64_t now_ms);

/*
 * Tells Redis of the entries of one worker: those it was never told of, and
 * with all also those of the last RING_MEMORY_MS.  Returns how many, or -1.
 */
int slots_ring_replay(struct slot_state *slot, struct queue *q,
		      const struct queue_worker *w, bool all, int64_t ttl_s,
		      int64_t now_ms, struct fault *why) MUST_USE;

#endif
