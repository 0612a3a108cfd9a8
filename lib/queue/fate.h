/* SPDX-License-Identifier: MIT */
/* What became of a mail after a mail server had taken it. */
#ifndef QUEUE_FATE_H
#define QUEUE_FATE_H

#include "queue/queue.h"

#define QUEUE_FATE_TEXT_MAX 128		/* bytes with NUL */

/* The numbers stand in the producers' tables: never change one. */
enum queue_fate {
	QUEUE_FATE_NONE,	/* nothing was heard */
	QUEUE_FATE_DELIVERED,	/* it is in the mailbox */
	QUEUE_FATE_DELAYED,	/* a server still tries */
	QUEUE_FATE_RETURNED,	/* it came back */
	QUEUE_FATE_COMPLAINED,	/* its reader calls it unwanted */
};

/* "delivered", "delayed", "returned", "complained"; "" for NONE.  Conversely,
 * any other word is NONE. */
const char *queue_fate_word(enum queue_fate fate);
enum queue_fate queue_fate_of(const char *word);

/*
 * How much a report weighs; NONE weighs 0.  A report replaces what is known of
 * a mail only if it weighs more: what is sure outweighs what is likely, then
 * returned > complained > delivered > delayed (what was late may have arrived
 * since).  So the same report twice changes nothing, whatever came in between.
 */
int queue_fate_weight(enum queue_fate fate, bool sure);

struct queue_report {
	const char *id;		/* the job's, as envelope_parse() takes one */
	enum queue_fate fate;	/* not NONE */
	bool sure;		/* it proves to be about our mail; else a
				   forger may have written it */
	const char *text;	/* the server's words; cut, made printable,
				   addresses taken out; "" = none */
};

/*
 * Notes the report on the job's record, if Redis still has one and the report
 * weighs more than an earlier one, and leaves a receipt for the producer in any
 * case.  Of a job that was erased no words are kept.  Works in a full Redis,
 * and may be repeated.  0, or -1.
 */
int queue_fate_tell(struct queue *q, const struct queue_report *report,
		    struct fault *why) MUST_USE;

/* Counts a report that nobody is told of: "report_reply" (a program answered in
 * a person's place), "report_no_news", "report_of_others", "report_unknown". 0,
 * or -1, also in a full Redis. */
int queue_fate_count(struct queue *q, const char *what, struct fault *why)
	MUST_USE;

#endif
