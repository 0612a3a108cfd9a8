/* SPDX-License-Identifier: MIT */
/* What becomes of one due row of the outbox: decided from values alone. */
#ifndef OUTBOX_RELAY_STEP_H
#define OUTBOX_RELAY_STEP_H

#include "base/compiler.h"
#include "domain/model.h"
#include "queue/produce.h"
#include "store/due.h"

#include <stdint.h>

#define RELAY_PAUSE_MIN_MS 10000	/* before the second look */
#define RELAY_PAUSE_MAX_MS 3600000
#define RELAY_FORGET_AGAIN_MS 600000	/* after that Redis's disk has it */

enum relay_act {
	RELAY_RECORD,	/* write the step, no more */
	RELAY_PUBLISH,	/* the queue does not know it: push it again */
	RELAY_CANCEL,	/* aborted, and in the queue: take it out, write */
	RELAY_EXPIRE,	/* too old to be sent blindly: tell a person */
	RELAY_FORGET,	/* its person was erased: take out what the job says,
			   write */
	RELAY_LEAVE,	/* the queue cannot say yet: ask soon, write nothing */
};

/* Pause before the next look after checks looks: 10 s x 4^checks, at most
 * 1 h. */
int64_t relay_pause_ms(int checks);

/* A row, and what the queue said of it; both borrowed. */
struct relay_case {
	const struct notification *row;
	const struct queue_verdict *verdict;
};

/* Fills *step.  now_ms is wall time.  A step's reply is borrowed from the
 * verdict. */
enum relay_act relay_decide(const struct relay_case *c, int64_t now_ms,
			    int64_t horizon_ms, struct due_step *step);

#endif
