/* SPDX-License-Identifier: MIT */
/*
 * How long each step of SMTP takes with one relay, and how attempts end: in
 * memory that all workers share, with one atomic addition per event and no
 * lock.
 */
#ifndef SMTP_STAGES_H
#define SMTP_STAGES_H

#include "base/compiler.h"
#include "queue/figures.h"
#include "smtp/outcome.h"

#include <stdatomic.h>
#include <stdint.h>

enum stage {			/* from the question to the whole answer */
	STAGE_CONNECT,		/* DNS and TCP */
	STAGE_GREETING,
	STAGE_EHLO,		/* also the one inside TLS */
	STAGE_STARTTLS,
	STAGE_TLS,		/* the handshake */
	STAGE_AUTH,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,
	STAGE_BODY,		/* the mail's bytes given to the connection */
	STAGE_DOT,
};
#define STAGE_COUNT (STAGE_DOT + 1)
#define STAGES_ROWS (STAGE_COUNT + OUTCOME_COUNT)

struct stages {			/* zeroed: nothing counted yet */
	struct {
		_Atomic uint64_t broken;
		_Atomic uint64_t sum_us;
		_Atomic uint64_t bucket[QUEUE_STAGE_BUCKETS];
	} stage[STAGE_COUNT];
	_Atomic uint64_t attempt[OUTCOME_COUNT];
};

/* "connect", "greeting", "EHLO", ...: in log lines; in lower case the label in
 * /metrics. */
const char *stages_name(enum stage stage);

/* The step took `us` microseconds; negative: it ended without an answer. */
void stages_took(struct stages *s, enum stage stage, int64_t us);

void stages_attempt(struct stages *s, enum outcome outcome);

/* How many mails the relay has given an answer about. */
uint64_t stages_answers(const struct stages *s);

/* Writes all of it as rows for the queue's tally. */
void stages_rows(const struct stages *s, const char *relay,
		 struct queue_tally rows[STAGES_ROWS]);

/* ---- a stopwatch for one session ----------------------------------------- */

#define STAGEWATCH_MAX 8	/* questions without an answer */
#define STAGEWATCH_OTHER (-1)	/* a question whose time does not matter */

/*
 * A stopwatch for the steps of one SMTP session.
 *
 * Commands may be written before the answers to earlier ones have come
 * (PIPELINING).  A step takes from its question, or from the answer before its
 * own if that came later, to its answer.
 */
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

/* What ends by itself has ended; if it had not begun, nothing is told. */
void stagewatch_end(struct stagewatch *w, enum stage stage);

/* A whole answer of the server.  Returns whose it is, or STAGEWATCH_OTHER. */
int stagewatch_answer(struct stagewatch *w);

/* The session is over: the first open question will get no answer. */
void stagewatch_over(struct stagewatch *w);

/* We break off: no answer is awaited any more. */
void stagewatch_forget(struct stagewatch *w);

#endif
