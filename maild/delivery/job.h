/* SPDX-License-Identifier: MIT */
/* What a worker holds, and how it takes its next job. */
#ifndef DELIVERY_JOB_H
#define DELIVERY_JOB_H

#include "bounce/returnpath.h"
#include "compose/compose.h"
#include "delivery/relays.h"
#include "queue/envelope.h"
#include "queue/work.h"
#include "settings/mailconf.h"
#include "smtp/sender.h"
#include "state/scoreboard.h"

struct worker {
	const struct mailconf *conf;
	struct scoreboard *board;	/* shared memory */
	struct score *score;		/* ours in it */
	struct queue_worker name;
	struct rconn *r;
	struct queue *q;
	struct composer *composer;
	struct sender *sender;
	struct relays relays;

	/* The session may take no further mail: job_ack_and_take() takes
	 * none. */
	bool session_over;

	/* The job in hand; valid while has_job. */
	bool has_job;
	struct queue_job job;
	struct envelope envelope;
	int64_t begun_ms;		/* ticks_ms() */
	struct buf message;		/* its mail, once composed */
	char return_path[RETURNPATH_MAX];	/* ... and that mail's */

	/* Redis failed in the middle of something: reconnect, replay the ring
	 * and reclaim our own list before the next claim. */
	bool dirty;

	/* The gate's answer was lost: the mail was certainly not sent, though
	 * Redis may believe it to be past the dot.  "" = no such job. */
	char unsent_id[ENVELOPE_ID_MAX + 1];
	int64_t unsent_token;
};

/*
 * Claims and begins the next job, waiting at most wait_ms.  Jobs that cannot
 * be read or are too old are buried on the way.
 *
 * Returns 1 with w->job and w->envelope filled (job_drop() when done), 0 when
 * there is none, -1 with *why (FAULT_NONE = asked to stop); w->dirty is then
 * set.
 */
int job_take(struct worker *w, int wait_ms, struct fault *why) MUST_USE;

/*
 * Tells the queue that the relay took the job in hand, and takes the next ready
 * one in the same step unless we are to stop or session_over is set.
 * w->has_job says whether there is one then.  Returns 0, or -1 with *why and
 * w->dirty: the queue was not told.
 */
int job_ack_and_take(struct worker *w, const struct queue_said *said,
		     struct fault *why) MUST_USE;

/* Forgets the job in hand; the queue has been told or will find out. */
void job_drop(struct worker *w);

/* What the queue is to remember of an attempt on the job in hand with the
 * session's relay.  All is borrowed. */
struct queue_said job_said(const struct worker *w,
			   const struct sender_result *result);

/* Now by Redis's clock, Unix ms, as far as the job in hand tells. */
int64_t job_now_ms(const struct worker *w);

/* The domain of the job's recipient.  Borrowed. */
const char *job_domain(const struct worker *w);

/* Sets the job in hand aside for delay_ms and says so. */
void job_defer(struct worker *w, int64_t delay_ms, enum queue_charge charge,
	       const struct sender_result *result);

/* The same without an attempt. */
void job_set_aside(struct worker *w, int64_t delay_ms, const char *why);

/* Gives the job in hand back to the front of the queue, uncharged. */
void job_release(struct worker *w, const struct queue_said *said);

/* Ends the job in hand as a dead letter and says so.  said may be NULL: the
 * mail was never offered to a relay. */
void job_bury(struct worker *w, const char *reason,
	      const struct queue_said *said);

/* The same for a job of which no mail can be made. */
void job_poison(struct worker *w, const struct fault *why);

/* The same for a job that the relay refused. */
void job_refuse(struct worker *w, const struct sender_result *result);

/* Notes that a queue operation failed. */
void job_trouble(struct worker *w, const char *what, const struct fault *why);

/* How a worker's list is reclaimed. */
struct queue_reclaim_opts job_reclaim_opts(const struct mailconf *conf,
					   const struct queue_worker *worker,
					   bool crashed, bool take_dot);

#endif
