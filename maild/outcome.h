/* SPDX-License-Identifier: MIT */
/* What the SMTP replies to one mail mean.  Pure. */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "compiler.h"

#include <stdbool.h>

/* The classes of design/protocol.md, "Retry policy". */
enum outcome {
	OUTCOME_SENT,		/* the relay has it */
	OUTCOME_SITE,		/* the relay's or network's trouble; not sent */
	OUTCOME_CONFIG,		/* sender or password refused; not sent */
	OUTCOME_TEMPORARY,	/* this recipient: later */
	OUTCOME_PERMANENT,	/* this recipient: never */
	OUTCOME_UNCERTAIN,	/* past the dot and no answer */
	OUTCOME_FENCED,		/* our gate refused: not sent, not ours */
};
#define OUTCOME_COUNT (OUTCOME_FENCED + 1)

/*
 * What libesmtp shows of one message with one recipient.  Codes are
 * SMTP reply codes, 0 = no reply seen.
 */
struct outcome_signs {
	int mail;		/* reply to MAIL FROM */
	int rcpt;		/* reply to RCPT TO */
	int message;		/* reply to DATA, BDAT or the final dot */
	bool complete;		/* the library calls the recipient done */
	bool eof;		/* our callback gave the body's end */
	bool fenced;		/* our gate refused the dot */
	bool locked_out;	/* AUTH was refused: no mail may go */
};

enum outcome outcome_classify(const struct outcome_signs *signs);

/* Which command decided: "connect" (before MAIL), "MAIL", "RCPT", "DATA",
 * "dot". */
const char *outcome_stage(const struct outcome_signs *signs);

/* The reply code that decided, 0 if none came. */
int outcome_code(const struct outcome_signs *signs);

/* "sent", "site", "config", ...: for log lines. */
const char *outcome_name(enum outcome outcome);

#endif
