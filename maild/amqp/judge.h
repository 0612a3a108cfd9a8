/* SPDX-License-Identifier: MIT */
/* Is a message of RabbitMQ an envelope that may go to the queue?  Pure. */
#ifndef AMQP_JUDGE_H
#define AMQP_JUDGE_H

#include "base/compiler.h"
#include "queue/envelope.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JUDGE_NAME_MAX 80	/* bytes with NUL */
#define JUDGE_REASON_MAX 256	/* bytes with NUL */

/* A message as it came; all borrowed. */
struct message {
	uint64_t tag;		/* by which it is acknowledged */
	const char *body;
	size_t len;
	char name[JUDGE_NAME_MAX];	/* its message-id, printable; or "" */
	int64_t sent_ms;	/* Unix ms, by its sender or when it first was a
				   dead letter; 0 = nobody says */
};

/* What it is called in a log, and why it is refused. */
struct judgement {
	char id[JUDGE_NAME_MAX];	/* of the envelope if it has one, else
					   the message's, else "-" */
	char reason[JUDGE_REASON_MAX];	/* a sentence without anything that
					   the message says of people */
};

/*
 * Judges as "maildctl enqueue --check" does, and by age: what was sent longer
 * ago than age_ms may have been sent on and forgotten since.  Returns whether
 * it is good; *out is filled in any case.
 */
bool judge_message(const struct message *m, int64_t now_ms, int64_t age_ms,
		   struct judgement *out);

#endif
