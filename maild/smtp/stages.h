/* SPDX-License-Identifier: MIT */
/*
 * How long each step of SMTP takes with one relay, and how attempts end: in
 * memory that all workers share, one atomic addition an event, no lock.
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

struct stages {			/* zeroed: nothing was counted yet */
	struct {
		_Atomic uint64_t broken;
		_Atomic uint64_t sum_us;
		_Atomic uint64_t bucket[QUEUE_STAGE_BUCKETS];
	} stage[STAGE_COUNT];
	_Atomic uint64_t attempt[OUTCOME_COUNT];
};

/* "connect", "greeting", "ehlo", ...: the label in /metrics. */
const char *stages_word(enum stage stage);

/* "connect", "greeting", "EHLO", ...: in log lines. */
const char *stages_name(enum stage stage);

/* The step took us microseconds; negative: it ended without an answer. */
void stages_took(struct stages *s, enum stage stage, int64_t us);

void stages_attempt(struct stages *s, enum outcome outcome);

/* How many mails the relay has given an answer about. */
uint64_t stages_answers(const struct stages *s);

/* Writes all of it as rows for the queue's tally. */
void stages_rows(const struct stages *s, const char *relay,
		 struct queue_tally rows[STAGES_ROWS]);

#endif
