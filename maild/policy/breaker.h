/* SPDX-License-Identifier: MIT */
/*
 * The circuit breaker before a relay, shared by all workers of a host.
 *
 * After BREAKER_FAILURES site failures in a row, or more than half of the last
 * BREAKER_WINDOW mails, it opens: nobody uses the relay, so an outage burns no
 * attempt (invariant 13).  When its pause is over one worker probes; a success
 * closes it, a failure opens it for longer.
 */
#ifndef POLICY_BREAKER_H
#define POLICY_BREAKER_H

#include "base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define BREAKER_FAILURES 3
#define BREAKER_WINDOW 20	/* at most 32 */

/* Lives in shared memory; all zero = closed.  Times are ticks_ms(). */
struct breaker {
	atomic_int failures;		/* in a row */
	atomic_uint history;		/* the last mails, newest in bit 0; 1 =
					   failure */
	atomic_int trips;		/* times opened in a row */
	_Atomic int64_t open_until_ms;	/* 0 = closed */
	atomic_int probing;		/* one worker was let through */
};

/*
 * May this worker claim a job?  Returns 0 if so, else ms to wait before asking
 * again.  When the pause is over exactly one caller gets the 0: it has
 * probe_ms to report, then another one probes.
 */
int64_t breaker_wait_ms(struct breaker *b, int64_t now_ms, int64_t probe_ms);

bool breaker_is_open(const struct breaker *b);

/* The worker that was let through found no job: lets the next one probe. */
void breaker_unused(struct breaker *b, int64_t now_ms);

/* Returns true if this closed it. */
bool breaker_success(struct breaker *b);

/* Returns the pause in ms, at most max_ms, if this call opened it (also again
 * after a probe), else 0. */
int64_t breaker_failure(struct breaker *b, int64_t now_ms, int64_t max_ms,
			uint64_t dice);

/* The same for a failure that opens it even if it is the first. */
int64_t breaker_trip(struct breaker *b, int64_t now_ms, int64_t max_ms,
		     uint64_t dice);

/* Opens it, or opens it again after a probe, for pause_ms: a lasting refusal is
 * asked about at even intervals.  Returns pause_ms, or 0 if it is open
 * already. */
int64_t breaker_rest(struct breaker *b, int64_t now_ms, int64_t pause_ms);

#endif
