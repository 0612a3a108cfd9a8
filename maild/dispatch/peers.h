/* SPDX-License-Identifier: MIT */
/*
 * Watches the other instances of maild by their beats.
 *
 * Ages are measured on our own monotonic clock, from beat to beat: no wall
 * clock decides who owns a job (invariant 15).
 */
#ifndef DISPATCH_PEERS_H
#define DISPATCH_PEERS_H

#include "queue/queue.h"
#include "settings/mailconf.h"

struct peers;

struct peers_opts {
	const struct mailconf *conf;	/* borrowed */
	struct queue *q;		/* borrowed */
	const char *instance;		/* ours, never taken over; borrowed */
	int64_t dot_ms;			/* silence after which jobs past the
					   dot return */
};

struct peers *peers_new(const struct peers_opts *opts) MUST_USE;
void peers_free(struct peers *p);

/* Looks at all beats; reclaims the lists of those that are silent.  0, or
 * -1. */
int peers_check(struct peers *p, struct fault *why) MUST_USE;

/*
 * How many of the others, of those that live, have yet to tell Redis again what
 * they sent?  generation is that of its data.  Returns the number, or -1.
 */
int peers_behind(struct peers *p, const char *generation, struct fault *why)
	MUST_USE;

#endif
