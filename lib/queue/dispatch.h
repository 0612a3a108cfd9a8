/* SPDX-License-Identifier: MIT */
/* The queue seen by the dispatcher: admit, instances, lengths. */
#ifndef QUEUE_DISPATCH_H
#define QUEUE_DISPATCH_H

#include "queue/queue.h"

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

/* Registers the instance and says that it is alive: to be called before the
 * first claim, then every few seconds. */
int queue_beat(struct queue *q, const char *instance, struct fault *why)
	MUST_USE;

/* Calls each(arg, instance, counter) for every registered instance.  Returns
 * how many, or -1. */
int queue_instances(struct queue *q,
		    void (*each)(void *arg, const char *instance,
				 int64_t counter),
		    void *arg, struct fault *why) MUST_USE;

/*
 * Notes that this instance has told a Redis of this generation what it sent;
 * and asks whether another instance has: 1, 0, or -1.
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

/* What kind of server keeps the queue. */
struct queue_server {
	bool keeps_keys;	/* maxmemory-policy is noeviction, or it does
				   not say */
	bool has_aof;
};
int queue_server_read(struct queue *q, struct queue_server *out,
		      struct fault *why) MUST_USE;

#endif
