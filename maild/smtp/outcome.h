/* SPDX-License-Identifier: MIT */
/* What the SMTP replies to one mail mean.  Pure. */
#ifndef SMTP_OUTCOME_H
#define SMTP_OUTCOME_H

#include "base/compiler.h"

#include <stdbool.h>

/* What came of an attempt; a refusal is what answer_judge() says of it.
 * doc/states.md, "What a refusal leads to". */
enum outcome {
	OUTCOME_SENT,		/* the relay has it */
	OUTCOME_RELAY,		/* the relay's or network's trouble; not sent */
	OUTCOME_US,		/* sender, log-in, host refused; not sent */
	OUTCOME_QUOTA,		/* our quota is used up; not sent */
	OUTCOME_TOO_FAST,	/* not sent: slower */
	OUTCOME_RECIPIENT_LATER,	/* this recipient: later */
	OUTCOME_RECIPIENT,	/* this recipient: never */
	OUTCOME_CONTENT,	/* this message: never */
	OUTCOME_UNCERTAIN,	/* past the dot and no answer */
	OUTCOME_FENCED,		/* our gate refused: not sent, not ours */
};
#define OUTCOME_COUNT (OUTCOME_FENCED + 1)

/*
 * What libesmtp reveals about one message with one recipient.  Codes are SMTP
 * reply codes, 0 = no reply seen.
 */
struct outcome_signs {
	int mail;		/* reply to MAIL FROM */
	int rcpt;		/* reply to RCPT TO */
	int message;		/* reply to DATA, BDAT or the final dot */
	bool complete;		/* the library calls the recipient done */
	bool eof;		/* our callback gave the body's end */
	bool fenced;		/* our gate refused the dot */
	bool locked_out;	/* there is no way to log in: no mail may go */

	/* All that the server said where it refused, the code first, lines
	 * ended by LF; NULL or "" = only the code is known.  Borrowed. */
	const char *reply;
	const char *stage;	/* where it said that, if that was before MAIL;
				   NULL = it did not, "connect" */
	const char *recipient;	/* who was to have the mail; borrowed */
};

struct outcome_verdict {
	enum outcome outcome;
	const char *rule;	/* which rule of answer_judge() decided, "" = it
				   was not asked; static */
	bool guessed;		/* by stage and code alone: see struct answer */
};

struct outcome_verdict outcome_judge(const struct outcome_signs *signs);

/* Which command decided: signs->stage (before MAIL), "MAIL", "RCPT", "DATA",
 * "dot". */
const char *outcome_stage(const struct outcome_signs *signs);

/* The reply code that decided, 0 if none came. */
int outcome_code(const struct outcome_signs *signs);

/* "sent", "relay", "us", ...: for log lines, the story, /metrics. */
const char *outcome_name(enum outcome outcome);

#endif
