/* SPDX-License-Identifier: MIT */
/* Tells Redis which mails the relay took, from the rings and the journal. */
#ifndef STATE_REPLAY_H
#define STATE_REPLAY_H

#include "base/compiler.h"
#include "base/fault.h"
#include "queue/queue.h"
#include "settings/mailconf.h"
#include "state/scoreboard.h"

#include <stdbool.h>

struct replay {			/* all borrowed */
	const struct mailconf *conf;
	struct scoreboard *board;
	struct queue *q;
	const char *instance;
};

/*
 * What the worker of that number sent, before it claims: all that Redis was
 * never told, and with lately also what it was told in the last two minutes,
 * which it may have lost.  Returns how many, or -1.
 */
int replay_worker(struct replay *r, unsigned worker, bool lately,
		  struct fault *why) MUST_USE;

/* The same without its journal, for a master, which must not wait for a file's
 * lock. */
int replay_ring(struct replay *r, unsigned worker, bool lately,
		struct fault *why) MUST_USE;

/* What all workers of this host sent lately, and what is in the journals of all
 * workers, also of masters that are gone: before anything is admitted. */
int replay_all(struct replay *r, struct fault *why) MUST_USE;

/* Can the journal of the settings be written?  0, or -1 with FAULT_CONFIG. */
int replay_journal_check(const struct mailconf *conf, struct fault *why)
	MUST_USE;

/* Keeps a mail that was sent and could not be told; logs if it cannot. */
void replay_keep(const struct mailconf *conf, unsigned worker,
		 const struct journal_fact *fact);

#endif
