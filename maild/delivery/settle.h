/* SPDX-License-Identifier: MIT */
/*
 * What a verdict on the mail in hand leads to: for this mail, for others of its
 * domain, for the relay, the log, and the person who has to fix something.
 */
#ifndef DELIVERY_SETTLE_H
#define DELIVERY_SETTLE_H

#include "delivery/job.h"

/* Tells the queue, the relay's breaker, pace and storm guard, the log, and
 * perhaps a person.  After a 250 the next job may be in hand; else none is. */
void settle(struct worker *w, const struct sender_result *result);

/*
 * Sets the job in hand aside, uncharged and without asking, if its domain was
 * refused a moment ago: another domain's mail shows sooner what the relay does.
 * The session's relay must be chosen.  Returns whether it did; if so, the job
 * is dropped.
 */
bool settle_sets_aside(struct worker *w);

/* Gives the job in hand back to be the next one taken, uncharged, and drops
 * it. */
void settle_release(struct worker *w);

#endif
