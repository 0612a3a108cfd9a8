/* SPDX-License-Identifier: MIT */
/*
 * What a relay's refusal leads to: for the mail in hand, for others of its
 * domain, for the relay, and for the person who has to mend something.
 */
#ifndef DELIVERY_REFUSAL_H
#define DELIVERY_REFUSAL_H

#include "delivery/job.h"

/* Tells the queue, the relay's breaker, pace and storm guard, the log, and
 * perhaps a person.  Every outcome but sent, uncertain and fenced. */
void refusal_settle(struct worker *w, const struct sender_result *result);

/*
 * Sets the job in hand aside, uncharged and without asking, if its domain was
 * refused a moment ago: another domain's mail shows sooner what the relay does.
 * The session's relay is chosen.  Returns whether it did; the job is dropped
 * then.
 */
bool refusal_sets_aside(struct worker *w);

/* The relay took the mail in hand. */
void refusal_is_over(struct worker *w);

/* Whoever answers is there, whatever the answer. */
void refusal_relay_answered(struct worker *w);

#endif
