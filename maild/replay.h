/* SPDX-License-Identifier: MIT */
/* Tells Redis which mails the relay took, from the rings and the journal. */
#ifndef REPLAY_H
#define REPLAY_H

#include "compiler.h"
#include "fault.h"
#include "mailconf.h"
#include "queue.h"
#include "slots.h"

struct replay {			/* all borrowed */
	const struct mailconf *conf;
	struct slots *slots;
	struct queue *q;
	const char *instance;
};

/* What this slot sent and Redis was never told: before its worker claims.
 * Returns how many, or -1. */
int replay_slot(const struct replay *r, unsigned slot, struct fault *why)
	MUST_USE;

/* What all workers of this host sent lately: Redis may have lost its last
 * seconds.  Returns how many, or -1. */
int replay_rings(const struct replay *r, struct fault *why) MUST_USE;

/* The same, and what is in the journals of all slots, also of masters that are
 * gone: before anything is admitted. */
int replay_all(const struct replay *r, struct fault *why) MUST_USE;

/* Keeps a mail that was sent and could not be told; logs if it cannot. */
void replay_keep(const struct mailconf *conf, unsigned slot, const char *id,
		 int64_t token, const char *reply);

#endif
