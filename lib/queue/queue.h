/* SPDX-License-Identifier: MIT */
/*
 * The job queue in Redis: named operations, one Lua script each.
 *
 * Each script takes the queue from one consistent state to another and may be
 * run again: after FAULT_RETRY call the same function again.  doc/states.md has
 * the states, the places and the argument for each transition.
 */
#ifndef QUEUE_QUEUE_H
#define QUEUE_QUEUE_H

#include "base/compiler.h"
#include "base/fault.h"
#include "queue/envelope.h"
#include "redis/rconn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_INSTANCE_MAX 128		/* bytes with NUL */
#define QUEUE_BATCH_MAX 200		/* jobs a script touches at once */
#define QUEUE_SLOTS_MAX 256		/* workers of one instance */
#define QUEUE_GENERATION_MAX 128	/* bytes with NUL */

struct queue;

/*
 * Is kind one of list, blank-separated names?  "name.*" there means all kinds
 * that begin with "name.".  Pure.
 */
bool queue_kind_is_in(const char *list, const char *kind);

/* Is every word of such a list a kind, or one with ".*" behind it? */
bool queue_kinds_are_names(const char *list);

/* prefix is the common beginning of all keys, with its hash tag: "{maild}:".
 * The connection is borrowed and must outlive the queue. */
struct queue *queue_new(struct rconn *r, const char *prefix) MUST_USE;
void queue_free(struct queue *q);

/* ---- the producer's side ------------------------------------------------ */

/* Appends one envelope to the intake.  The queue drops doubles by id. */
int queue_publish(struct queue *q, const char *envelope, size_t len,
		  struct fault *why) MUST_USE;

enum queue_state {		/* letters as they stand in Redis */
	QUEUE_MISSING = '-',	/* Redis does not know it */
	QUEUE_UNKNOWN = '?',	/* the intake is too long to look through */
	QUEUE_LIVE = 'L',	/* somewhere between intake and done */
	QUEUE_SENT = 'S',
	QUEUE_DEAD = 'X',
};

/* What is known of one job, for the producer. */
struct queue_verdict {
	enum queue_state state;
	char id[ENVELOPE_ID_MAX + 1];
	int attempts;		/* charged attempts so far */
	int64_t at_ms;		/* Redis's clock; 0 if not final */
	char text[128];		/* the relay's reply or the reason; printable */
};

/*
 * Asks for count (at most QUEUE_BATCH_MAX) jobs at once; out has as many rows,
 * in the order of ids.  Never guesses.
 */
int queue_audit(struct queue *q, const char *const *ids, size_t count,
		struct queue_verdict *out, struct fault *why) MUST_USE;

/*
 * Fetches up to max verdicts that maild has left, keeping them in Redis until
 * queue_receipts_done(): a batch that was not done comes again.
 * Returns the number, or -1.
 */
int queue_receipts(struct queue *q, struct queue_verdict *out, size_t max,
		   struct fault *why) MUST_USE;
int queue_receipts_done(struct queue *q, struct fault *why) MUST_USE;

/*
 * Reads a value that changes whenever Redis has lost or rewound its data: the
 * server's run_id and the queue's epoch (made if absent).  Writes at most size
 * bytes into out.
 */
int queue_generation(struct queue *q, char *out, size_t size,
		     struct fault *why) MUST_USE;

/* The epoch in a generation; borrowed from it. */
const char *queue_generation_epoch(const char *generation);

/* ---- maild's side ------------------------------------------------------- */

struct queue_admitted {
	int taken;		/* envelopes read from the intake */
	int admitted;
	int doubled;
	int malformed;
	int promoted;		/* jobs that came from elsewhere: retries that
				   were due, held ones, late bulk ones */
};

struct queue_admit_opts {
	int max;		/* jobs moved from each place in one step */
	int64_t window;		/* jobs that may wait in one lane; the rest
				   stays in the intake, where it is smaller */
	const char *epoch;	/* of the data that was told what was sent */
	const char *bulk_kinds;	/* see queue_kind_is_in(); "" = none */
	int idle;		/* workers to wake for the bulk lane, at most */
};

/*
 * Moves to the lanes retries that are due, held jobs whose kind is no longer
 * paused, and envelopes from the intake.  If the queue's epoch is not the one
 * given, nothing is taken and out->taken is -1: Redis lost its data, and the
 * caller must first tell it what was sent.
 */
int queue_admit(struct queue *q, const struct queue_admit_opts *opts,
		struct queue_admitted *out, struct fault *why) MUST_USE;

/* Waits until the intake has something, at most wait_ms; its order stays.
 * Returns 1 (something there), 0, or -1; -1 with FAULT_NONE = asked to stop. */
int queue_intake_wait(struct queue *q, int wait_ms, struct fault *why) MUST_USE;

/*
 * Registers instance and says that it lives; *counter (may be NULL) gets the new
 * count.  Call it before the first claim and every few seconds.
 */
int queue_beat(struct queue *q, const char *instance, int64_t *counter,
	       struct fault *why) MUST_USE;

/*
 * Says how instance is, a JSON text that is gone after ttl_ms; calls paused()
 * with each pause that there is ("queue", "relay:main").  0, or -1.
 */
int queue_status_set(struct queue *q, const char *instance, const char *json,
		     int ttl_ms,
		     void (*paused)(void *arg, const char *what), void *arg,
		     struct fault *why) MUST_USE;
int queue_status_drop(struct queue *q, const char *instance,
		      struct fault *why) MUST_USE;

/* Calls each(arg, instance, counter) for every registered instance. */
int queue_instances(struct queue *q,
		    void (*each)(void *arg, const char *instance,
				 int64_t counter),
		    void *arg, struct fault *why) MUST_USE;

/*
 * Says that this instance has told again what it sent, to a Redis of this
 * generation; and asks it of another one: 1, 0, or -1.
 */
int queue_replayed_set(struct queue *q, const char *instance,
		       const char *generation, struct fault *why) MUST_USE;
int queue_has_replayed(struct queue *q, const char *instance,
		       const char *generation, struct fault *why) MUST_USE;

/* Does one of an instance's lists hold a job?  1, 0, or -1. */
int queue_instance_busy(struct queue *q, const char *instance,
			struct fault *why) MUST_USE;

/* Forgets an instance whose lists are all empty (checked in the script).
 * Returns 1 if it is gone, 0 if a list still has jobs, -1. */
int queue_instance_forget(struct queue *q, const char *instance,
			  struct fault *why) MUST_USE;

/* A worker is named by its instance and slot; so is its processing list. */
struct queue_worker {
	const char *instance;	/* borrowed */
	unsigned slot;
};

/*
 * What the worker's calls on this queue go by: the share in percent of its
 * claims that are for the bulk lane when both wait (10 if never set), and the
 * epoch of the data that it told of what was sent, copied ("" = do not look):
 * in another epoch nothing is begun.
 */
void queue_share_set(struct queue *q, int percent);
void queue_epoch_use(struct queue *q, const char *epoch);

/*
 * Takes the oldest ready job into the worker's list; waits at most wait_ms (0 =
 * does not wait).  The job stays there until ack, defer, release or bury; after
 * a crash it is reclaimed.  Returns 1 with id filled, 0 when the wait ran
 * out, -1; -1 with FAULT_NONE = asked to stop.
 */
int queue_claim(struct queue *q, const struct queue_worker *w, int wait_ms,
		char id[ENVELOPE_ID_MAX + 1], struct fault *why) MUST_USE;

/* What it may find there is not always a job: queue_begin() says SKIP then. */

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

/* Starts an attempt on the claimed job.  Returns a queue_begin, or -1. */
int queue_begin(struct queue *q, const struct queue_worker *w, const char *id,
		struct queue_job *job, struct fault *why) MUST_USE;

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

/*
 * Records that the relay took the mail; always absorbed, however late.
 * said->text is the relay's last line.  The small record lives for ttl_s.
 *
 * With next not NULL it also claims and begins the next job as queue_take()
 * does, in the same step.  Returns a queue_begin (GO: *next is filled), or -1.
 */
int queue_ack(struct queue *q, const struct queue_worker *w, const char *id,
	      int64_t token, const struct queue_said *said, int64_t ttl_s,
	      struct queue_job *next, struct fault *why) MUST_USE;

enum queue_charge {
	QUEUE_CHARGE_NONE,	/* waits, but no attempt is burned */
	QUEUE_CHARGE_ATTEMPT,
	QUEUE_CHARGE_UNCERTAIN,	/* an attempt, and maybe sent once more */
};

/* Sets the job aside for delay_ms.  Returns 1, 0 if fenced off, -1. */
int queue_defer(struct queue *q, const struct queue_worker *w, const char *id,
		int64_t token, int64_t delay_ms, enum queue_charge charge,
		const struct queue_said *said, struct fault *why) MUST_USE;

/* Gives the job back to be the next one taken; nothing is charged. */
int queue_release(struct queue *q, const struct queue_worker *w,
		  const char *id, int64_t token, const struct queue_said *said,
		  struct fault *why) MUST_USE;

/* Makes the job a dead letter; the reason begins with its class: "rejected:",
 * "poison:", "expired:", "uncertain:".  Returns 1, 0 if fenced off, -1. */
int queue_bury(struct queue *q, const struct queue_worker *w, const char *id,
	       int64_t token, const char *reason,
	       const struct queue_said *said, struct fault *why) MUST_USE;

struct queue_reclaim_opts {
	bool crashed;		/* count a crash against a job in process */
	bool take_dot;		/* also jobs past the dot: maybe sent */
	int max_crashes;	/* the so manieth crash makes it dead */
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
int queue_reclaim(struct queue *q, const struct queue_worker *w,
		  const struct queue_reclaim_opts *opts,
		  struct queue_reclaimed *out, struct fault *why) MUST_USE;

/* What kind of server keeps the queue. */
struct queue_server {
	bool keeps_keys;	/* maxmemory-policy is noeviction, or it does
				   not say */
	bool has_aof;
};
int queue_server_read(struct queue *q, struct queue_server *out,
		      struct fault *why) MUST_USE;

/* Lengths for status and tests. */
struct queue_counts {
	int64_t intake;		/* what overflows from the bulk lane, too */
	int64_t ready, bulk;	/* the lanes */
	int64_t held;		/* of kinds that are paused */
	int64_t retry, dead, malformed, receipts;
};
int queue_counts(struct queue *q, struct queue_counts *out,
		 struct fault *why) MUST_USE;

#endif
