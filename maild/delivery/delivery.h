/* SPDX-License-Identifier: MIT */
/* Sends the mail in hand, and the next ones in the same SMTP session. */
#ifndef DELIVERY_DELIVERY_H
#define DELIVERY_DELIVERY_H

#include "delivery/job.h"

/*
 * Takes w->job (begun, read) to its end: acked, deferred, released or buried;
 * the queue is told within the verdict's event.  While jobs are ready it goes
 * on in the same session.  On return no job is in hand.
 */
void delivery_run(struct worker *w);

#endif
