/* SPDX-License-Identifier: MIT */
/* What a verdict on the mail in hand means: for its job, its relay, the log. */
#ifndef DELIVERY_SETTLE_H
#define DELIVERY_SETTLE_H

#include "delivery/job.h"

/* Tells the queue, the relay's breaker, pace and storm guard, and the log.  After
 * a 250 the next job may be in hand; else none is. */
void settle(struct worker *w, const struct sender_result *result);

/* Gives the job in hand back to be the next one taken, uncharged, and drops
 * it. */
void settle_release(struct worker *w);

#endif
