/* SPDX-License-Identifier: MIT */
/* A worker that was killed for its deadline: who hears of it. */
#ifndef DISPATCH_OVERDUE_H
#define DISPATCH_OVERDUE_H

#include "state/scoreboard.h"

#include <stdint.h>

#define OVERDUE_ALERT 2		/* in a row: not only a bad moment */

/*
 * In the master, when the worker of that number is gone; was: what it did.
 *
 * Says so in the log, with the job.  If it was talking to a relay, or on the
 * way to it, that is the relay's failure: its cause, its breaker, and from the
 * OVERDUE_ALERT-th on without an answer of the relay between, an alert.
 * breaker_max_ms is the setting.
 */
void overdue_tell(struct scoreboard *board, unsigned worker,
		  const struct score_view *was, int64_t breaker_max_ms);

#endif
