/* SPDX-License-Identifier: MIT */
/* The queue seen by producers: publish, ask what became of it. */
#ifndef QUEUE_PRODUCE_H
#define QUEUE_PRODUCE_H

#include "queue/fate.h"
#include "queue/queue.h"

/* Appends one envelope to the intake.  The queue drops duplicates by id. */
int queue_publish(struct queue *q, const char *envelope, size_t len,
		  struct fault *why) MUST_USE;

/* Appends count envelopes (at most QUEUE_BATCH_MAX) in one step.  Returns how
 * many wait in the intake then, or -1. */
int64_t queue_publish_all(struct queue *q, const struct rarg *envelopes,
			  size_t count, struct fault *why) MUST_USE;

/* How many envelopes wait in the intake, or -1. */
int64_t queue_waiting(struct queue *q, struct fault *why) MUST_USE;

/* What is known of one job, for the producer. */
struct queue_verdict {
	enum queue_state state;
	char id[ENVELOPE_ID_MAX + 1];
	int attempts;		/* charged attempts so far */
	int64_t at_ms;		/* Redis's clock; 0 if not final */
	char text[128];		/* the relay's reply or the reason; printable */
	enum queue_fate fate;	/* of REPORTED, as is the next */
	bool sure;		/* see struct queue_report */
};

/* Asks about count jobs (at most QUEUE_BATCH_MAX) at once: each row comes with
 * its id, and the rest is filled in.  Never guesses.  0, or -1. */
int queue_audit(struct queue *q, struct queue_verdict *rows, size_t count,
		struct fault *why) MUST_USE;

/*
 * Fetches up to max receipts: verdicts that maild has left, and what was heard
 * since.  They stay in Redis until queue_receipts_done(); without it the same
 * batch comes again.  Returns the number, or -1.
 */
int queue_receipts(struct queue *q, struct queue_verdict *out, size_t max,
		   struct fault *why) MUST_USE;
int queue_receipts_done(struct queue *q, struct fault *why) MUST_USE;

#endif
