/* SPDX-License-Identifier: MIT */
/*
 * A stopwatch for the steps of one SMTP session.
 *
 * Commands may be written before the answers to earlier ones have come
 * (PIPELINING).  A step takes from its question, or from the answer before its
 * own if that came later, to its answer.
 */
#ifndef SMTP_STAGEWATCH_H
#define SMTP_STAGEWATCH_H

#include "base/compiler.h"
#include "smtp/stages.h"

#include <stdbool.h>
#include <stdint.h>

#define STAGEWATCH_MAX 8	/* questions without an answer */
#define STAGEWATCH_OTHER (-1)	/* a question whose time nobody wants */

struct stagewatch {
	int64_t (*clock_us)(void);
	/* us is negative if the step ended without an answer; NULL = nobody
	 * wants to know. */
	void (*tell)(void *arg, enum stage stage, int64_t us);
	/* The question whose answer is waited for; NULL the same. */
	void (*waits)(void *arg, enum stage stage);
	void *arg;

	int64_t since_us;		/* the first of these is on its way */
	int awaited[STAGEWATCH_MAX];	/* enum stage or STAGEWATCH_OTHER */
	unsigned count;
};

/* A question goes out, or something begins that ends by itself. */
void stagewatch_begin(struct stagewatch *w, int stage);

/* What ends by itself has ended: nothing is told if it had not begun. */
void stagewatch_end(struct stagewatch *w, enum stage stage);

/* A whole answer of the server.  Returns whose it is, or STAGEWATCH_OTHER. */
int stagewatch_answer(struct stagewatch *w);

/* The session is over: the first question without an answer stays without. */
void stagewatch_over(struct stagewatch *w);

/* We break off: no answer is awaited any more. */
void stagewatch_forget(struct stagewatch *w);

#endif
