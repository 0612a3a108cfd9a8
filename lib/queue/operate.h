/* SPDX-License-Identifier: MIT */
/*
 * The queue seen by its operator: look, give back, end, pause, tidy.
 *
 * Like all of the queue: every change is one Lua script, which a full Redis
 * runs, too, and which may be run again after FAULT_RETRY.  Run again after a
 * lost answer it finds its work done and says 0.  What is listed page by page
 * may move meanwhile: a job may then be missed or come twice.
 *
 * Functions that take an each() read a page before they call it; it must not
 * use the queue, whose places would shift under the next page.
 */
#ifndef QUEUE_OPERATE_H
#define QUEUE_OPERATE_H

#include "queue/fate.h"
#include "queue/queue.h"

#define QUEUE_PAGE 100		/* records read from Redis at once */

/* What a job's state can be besides QUEUE_SENT and QUEUE_DEAD, as letters in
 * Redis. */
enum {
	QUEUE_INTAKE = 'I',	/* not admitted yet: by queue_show() only */
	QUEUE_QUEUED = 'Q',
	QUEUE_SENDING = 'P',	/* a worker has it */
	QUEUE_UNANSWERED = 'D',	/* past the dot, without an answer */
	QUEUE_RETRY = 'R',
	QUEUE_HELD = 'H',	/* its kind is paused */
};

/* All texts are owned and never NULL: queue_record_release(). */
struct queue_record {
	char id[ENVELOPE_ID_MAX + 1];
	char state;
	char kind[ENVELOPE_KIND_MAX + 1];	/* "" = unknown */
	bool bulk;
	int attempts, crashes, uncertain;
	int64_t admitted_ms;	/* Unix ms by Redis's clock, as are all here; */
	int64_t due_ms;		/* of R; 0 = none */
	int64_t final_ms;	/* of S and X; 0 = none */
	enum queue_fate fate;	/* what was heard of it since; NONE = nothing */
	bool fate_sure;		/* see struct queue_report */
	int64_t fate_ms;	/* when that was heard; 0 = never */
	char *owner;		/* "instance:slot", of S the one that sent it */
	char *relay;		/* of S: which one took it */
	char *reason;		/* why it was last set aside; of X why it ended;
				   of S the relay's words */
	char *story;		/* lines, one an attempt: see doc/states.md */
	char *envelope;		/* "" once sent */
};
void queue_record_release(struct queue_record *record);

/* Reads one job.  Returns 1 with *out filled, 0 if it is unknown (also when it
 * stands in an intake too long to look through), -1. */
int queue_show(struct queue *q, const char *id, struct queue_record *out,
	       struct fault *why) MUST_USE;

/*
 * The same for any number of jobs, without looking in the intake.  Each record
 * comes with nothing but its id.  It is filled in, with the state '\0' if there
 * is no such job, and must be released.  0, or -1 with nothing to release.
 */
int queue_show_many(struct queue *q, struct queue_record *records,
		    size_t count, struct fault *why) MUST_USE;

struct queue_filter {		/* zero and NULL = all */
	const char *states;	/* their letters */
	int64_t since_ms;	/* not before; the time of the end, else of
				   admission */
	int64_t until_ms;	/* before this; 0 = no limit */
	const char *reason;	/* text within the reason, such as its class,
				   "rejected:" */
	const char *kind;	/* a kind, or "name.*" */
	int64_t limit;		/* at most so many; 0 = all */
};

struct queue_list_opts {
	const struct queue_filter *filter;
	/* The record is borrowed until it returns. */
	void (*each)(void *arg, const struct queue_record *record);
	void *arg;
};

/*
 * Calls each() for the jobs that pass the filter: state by state, the oldest
 * first; only S in no order, as it takes a walk through all keys.  Returns how
 * many, or -1.
 */
int queue_list(struct queue *q, const struct queue_list_opts *opts,
	       struct fault *why) MUST_USE;

/*
 * Makes a job in X, R or H the next one to be taken.  One from X begins a new
 * life: its counters are 0 and its age counts from now; its story stays.
 * Returns 1, 0 if it is in no such state, -1.
 */
int queue_requeue(struct queue *q, const char *id, struct fault *why) MUST_USE;

/* Ends a job in Q, R or H as a dead letter with a receipt; the reason is put
 * after "cancelled: ".  Returns 1, 0 if it is in no such state, -1. */
int queue_cancel(struct queue *q, const char *id, const char *reason,
		 struct fault *why) MUST_USE;

/* The same; reason is taken as it is and begins with its class word. */
int queue_bury_waiting(struct queue *q, const char *id, const char *reason,
		       struct fault *why) MUST_USE;

struct queue_purge_opts {
	const char *states;	/* "X" (dead letters) or "S" (sent ones, before
				   they expire) */
	int64_t older_than_ms;
	int max;		/* jobs, at most */
};

/* Forgets final jobs.  A forgotten job that its producer pushes again is sent
 * again.  Returns how many, or -1. */
int queue_purge(struct queue *q, const struct queue_purge_opts *opts,
		struct fault *why) MUST_USE;

/*
 * Removes from the queue what a job says about people: the whole job, wherever
 * it waits, even in the intake or as a dead letter, and without a receipt; of a
 * job that was sent only the words, so that it is not sent again.
 *
 * Returns 1 (nothing is left, or there was nothing), 0 (it is in a worker's
 * hands, or in an intake too long to look through: ask again later), -1.
 */
int queue_erase(struct queue *q, const char *id, struct fault *why) MUST_USE;

/*
 * Pauses: what is "queue", "lane:bulk", "kind:<kind>" or "relay:<name>"; else
 * FAULT_REJECT.  A pause lasts until it is ended; mails in hand are finished.
 * Both return 1, 0 if it was so already, -1.
 */
int queue_pause(struct queue *q, const char *what, const char *reason,
		struct fault *why) MUST_USE;
int queue_resume(struct queue *q, const char *what, struct fault *why)
	MUST_USE;

/* Calls each() for every pause.  Returns how many, or -1. */
int queue_pauses(struct queue *q,
		 void (*each)(void *arg, const char *what, int64_t since_ms,
			      const char *reason),
		 void *arg, struct fault *why) MUST_USE;

/* Calls each() for every counter.  Returns how many, or -1. */
int queue_stats(struct queue *q,
		void (*each)(void *arg, const char *name, int64_t value),
		void *arg, struct fault *why) MUST_USE;

/* Age in ms of the oldest job in each place, 0 if there is none. */
struct queue_ages {
	int64_t intake;		/* always 0: an envelope does not say when it
				   was pushed */
	int64_t ready, bulk;	/* since admission */
	int64_t retry;		/* how long the first one has been due */
	int64_t dead;		/* since its end */
};
int queue_oldest(struct queue *q, struct queue_ages *out, struct fault *why)
	MUST_USE;

/* Calls each() with what every instance last said of itself ("" if it has
 * been silent for long).  Returns how many, or -1. */
int queue_statuses(struct queue *q,
		   void (*each)(void *arg, const char *instance,
				const char *json),
		   void *arg, struct fault *why) MUST_USE;

/* Calls each() for up to max envelopes that could not be read, from index
 * offset on, the oldest first; raw ends with a NUL and may contain others.
 * Returns how many, or -1. */
struct queue_malformed_opts {
	int64_t offset;
	int max;
	void (*each)(void *arg, int64_t index, const char *raw, size_t len);
	void *arg;
};
int queue_malformed(struct queue *q, const struct queue_malformed_opts *opts,
		    struct fault *why) MUST_USE;

/* Throws them away.  Returns how many there were, or -1. */
int queue_malformed_clear(struct queue *q, struct fault *why) MUST_USE;

#endif
