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
 * Before the worker of that number claims: tells Redis which of its mails went
 * out without Redis having been told, and with lately also those that Redis was
 * told of in the last two minutes, as it may have lost them.  Returns how many,
 * or -1.
 */
int replay_worker(struct replay *r, unsigned worker, bool lately,
		  struct fault *why) MUST_USE;

/* The same without its journal, for a master, which must not wait for a file's
 * lock. */
int replay_ring(struct replay *r, unsigned worker, bool lately,
		struct fault *why) MUST_USE;

/* Before anything is admitted: tells Redis what all workers of this host sent
 * lately, and what is in all journals, even those of masters that are gone. */
int replay_all(struct replay *r, struct fault *why) MUST_USE;

/* Can the journal of the settings be written?  0, or -1 with FAULT_CONFIG. */
int replay_journal_check(const struct mailconf *conf, struct fault *why)
	MUST_USE;

/* Writes to the journal that a mail was sent and Redis could not be told; logs
 * if that fails. */
void replay_keep(const struct mailconf *conf, unsigned worker,
		 const struct journal_fact *fact);

#endif
