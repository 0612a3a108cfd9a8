/* SPDX-License-Identifier: MIT */
/*
 * The storm guard: when a relay refuses one recipient after the other for good,
 * with one and the same code, the fault is ours or the relay's, and burying
 * the mails would bury the queue.
 *
 * The first STORM_FREE recipients of a streak are refused as they are.  From
 * then on the verdict is doubted: the job waits a little, uncharged, and asks
 * again, so that when the streak reaches its limit next to nothing has been
 * buried.  Any accepted mail, or another code, ends a streak; so does asking the
 * same recipient for longer than the guard's patience.
 */
#ifndef STORM_H
#define STORM_H

#include "compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define STORM_FREE 2
#define STORM_LIMIT_MAX 64

/* Lives in shared memory; all zero = calm.  Times are ticks_ms().  Two workers
 * that meet here may miscount by one: the limit is a matter of judgement. */
struct storm {
	atomic_int code;		/* of the running streak, 0 = none */
	atomic_int count;		/* distinct recipients in it */
	atomic_int raging;		/* the limit was reached */
	struct {
		_Atomic uint64_t recipient;	/* hash */
		_Atomic int64_t since_ms;	/* its first refusal */
	} seen[STORM_LIMIT_MAX];
};

enum storm_verdict {
	STORM_BELIEVE,		/* this recipient is refused: bury */
	STORM_DOUBT,		/* wait and ask again */
	STORM_BEGINS,		/* doubt, and this one makes it a storm */
	STORM_RAGES,		/* doubt, the storm goes on */
};

/*
 * A recipient was refused for good with code.  limit = 0: no guard.  A doubted
 * recipient is believed after patience_ms, except in a storm.
 */
enum storm_verdict storm_refused(struct storm *s, int code,
				 const char *recipient, int limit,
				 int64_t patience_ms, int64_t now_ms);

/* A mail was accepted: the streak ends.  Returns true if a storm raged. */
bool storm_accepted(struct storm *s);

#endif
