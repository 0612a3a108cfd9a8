/* SPDX-License-Identifier: MIT */
/* The queue seen by a worker: claim, begin, the dot, and how it ends. */
#ifndef QUEUE_WORK_H
#define QUEUE_WORK_H

#include "queue/queue.h"

/*
 * For a worker's calls on this queue.  The share is the percentage of its
 * claims that go to the bulk lane when jobs wait in both (10 if never set).
 * The epoch, which is copied ("" = do not check), is that of the data which was
 * told what was sent: in another epoch nothing is begun.
 */
void queue_share_set(struct queue *q, int percent);
void queue_epoch_use(struct queue *q, const char *epoch);

struct queue_claim_opts {
	const struct queue_worker *worker;	/* into whose list; borrowed */
	int wait_ms;		/* for a job to come; 0 = does not wait */
};

/*
 * Takes the oldest ready job into the worker's list.  The job stays there until
 * ack, defer, release or bury; after a crash it is reclaimed.  Returns 1 with
 * id filled, 0 when the wait ran out, -1; -1 with FAULT_NONE = asked to stop.
 */
int queue_claim(struct queue *q, const struct queue_claim_opts *opts,
		char id[ENVELOPE_ID_MAX + 1], struct fault *why) MUST_USE;

/* What it finds is not always a job: queue_begin() then says SKIP. */

/* A job that a worker has begun. */
struct queue_job {
	char id[ENVELOPE_ID_MAX + 1];
	int64_t token;		/* fencing token of this attempt */
	int attempts;		/* charged attempts before this one */
	int crashes;
	int uncertain;		/* times it was maybe sent */
	int64_t admitted_ms;	/* Unix ms by Redis's clock */
	int64_t now_ms;		/* the same clock, at begin */
	char *envelope;		/* owned: queue_job_release() */
	size_t envelope_len;
};
void queue_job_release(struct queue_job *job);

enum queue_begin {
	QUEUE_BEGIN_GO,		/* *job is filled */
	QUEUE_BEGIN_LOST,	/* not in our list: claim again */
	QUEUE_BEGIN_SKIP,	/* already final or elsewhere: claim again */
	QUEUE_BEGIN_UNCERTAIN,	/* ours and past the dot: reclaim */
	QUEUE_BEGIN_NONE,	/* no job is ready */
	QUEUE_BEGIN_PAUSED,	/* the queue is paused: wait a while */
	QUEUE_BEGIN_EPOCH,	/* Redis lost its data: replay, reclaim */
};

/*
 * Claims and begins the next job of both lanes, in one step, without waiting;
 * after a lost answer it finds the same job again.  Returns a queue_begin, or
 * -1.
 */
int queue_take(struct queue *q, const struct queue_worker *w,
	       struct queue_job *job, struct fault *why) MUST_USE;

/* Starts an attempt on the claimed job: job comes with its id.  Returns a
 * queue_begin, or -1. */
int queue_begin(struct queue *q, const struct queue_worker *w,
		struct queue_job *job, struct fault *why) MUST_USE;

/*
 * Asks what queue_dot() will ask and waits for nothing; the job is past the dot
 * from now on.  queue_dot() for the same attempt, which decides, then takes the
 * answer, unless half a second has passed: then it asks again, because somebody
 * may have taken the job away since.
 */
void queue_dot_ahead(struct queue *q, const char *id, int64_t token);

/* The last gate before the final dot.  Returns 1 (send it), 0 (fenced off: it
 * is no longer ours), -1 (unknown: do not send). */
int queue_dot(struct queue *q, const char *id, int64_t token,
	      struct fault *why) MUST_USE;

/* What is to be remembered of an attempt; each NULL is "". */
struct queue_said {
	const char *verdict;	/* a word: "sent", "recipient-later", "buried",
				   ...; "" = there was none, nothing is added to
				   the story */
	const char *relay;	/* the relay's name */
	const char *stage;	/* the SMTP command that decided */
	int code;		/* its reply code, 0 = none */
	const char *text;	/* the relay's words, or ours; cut, printable */
};

enum queue_charge {
	QUEUE_CHARGE_NONE,	/* waits, but no attempt is burned */
	QUEUE_CHARGE_ATTEMPT,
	QUEUE_CHARGE_UNCERTAIN,	/* an attempt, and maybe sent once more */
};

/* An attempt that ends; all borrowed. */
struct queue_end {
	const struct queue_worker *worker;
	const char *id;
	int64_t token;		/* of the attempt */
	const struct queue_said *said;
	int64_t ttl_s;		/* ack: how long the small record lives */
	int64_t delay_ms;	/* defer: pause until it is tried again */
	enum queue_charge charge;	/* defer */
	const char *reason;	/* bury: begins with its class: "rejected:",
				   "poison:", "expired:", "uncertain:" */
};

/*
 * Records that the relay took the mail; always absorbed, however late.
 * said->text is the relay's last line.
 *
 * With next not NULL it also claims and begins the next job as queue_take()
 * does, in the same step.  Returns a queue_begin (GO: *next is filled), or -1.
 */
int queue_ack(struct queue *q, const struct queue_end *end,
	      struct queue_job *next, struct fault *why) MUST_USE;

/* Sets the job aside.  Returns 1, 0 if fenced off, -1. */
int queue_defer(struct queue *q, const struct queue_end *end,
		struct fault *why) MUST_USE;

/* Gives the job back to be the next one taken; nothing is charged.  Returns 1,
 * 0 if fenced off, -1. */
int queue_release(struct queue *q, const struct queue_end *end,
		  struct fault *why) MUST_USE;

/* Makes the job a dead letter.  Returns 1, 0 if fenced off, -1. */
int queue_bury(struct queue *q, const struct queue_end *end,
	       struct fault *why) MUST_USE;

struct queue_reclaim_opts {
	const struct queue_worker *worker;	/* whose list; borrowed */
	bool crashed;		/* count a crash against a job in process */
	bool take_dot;		/* also jobs past the dot: maybe sent */
	int max_crashes;	/* this many crashes make it dead */
	int max_uncertain;	/* more uncertain sends than this: dead */
	int64_t crash_pause_ms;	/* doubled with each crash */
	int64_t uncertain_pause_ms;
	const char *hold_kinds;	/* kinds that are not sent again when maybe
				   sent, but dead at once; NULL = none */
};

struct queue_reclaimed {
	int queued;		/* claimed, not begun: back to the front */
	int unsent;		/* begun, certainly not sent */
	int uncertain;		/* past the dot */
	int stale;		/* list entries that meant nothing any more */
};

/* Returns what is in a worker's list to the queue. */
int queue_reclaim(struct queue *q, const struct queue_reclaim_opts *opts,
		  struct queue_reclaimed *out, struct fault *why) MUST_USE;

#endif
