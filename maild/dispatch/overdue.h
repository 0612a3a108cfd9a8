/* SPDX-License-Identifier: MIT */
/* A worker that was killed for its deadline: who hears of it. */
#ifndef DISPATCH_OVERDUE_H
#define DISPATCH_OVERDUE_H

#include "state/scoreboard.h"

#include <stdint.h>

#define OVERDUE_ALERT 2		/* in a row: not only a bad moment */

/*
 * For the master, once the worker of that number is gone; was: what it did.
 *
 * Logs it, with the job.  If it was talking to a relay, or connecting to one,
 * that counts as the relay's failure: for its cause, for its breaker, and from
 * the OVERDUE_ALERT-th in a row on, with no answer from the relay in between,
 * for an alert. breaker_max_ms is the setting.
 */
void overdue_tell(struct scoreboard *board, unsigned worker,
		  const struct score_view *was, int64_t breaker_max_ms);

#endif
