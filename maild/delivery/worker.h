/* SPDX-License-Identifier: MIT */
/* The worker process: claim, handle, again. */
#ifndef DELIVERY_WORKER_H
#define DELIVERY_WORKER_H

#include "settings/mailconf.h"
#include "state/scoreboard.h"

struct worker_opts {
	const struct mailconf *conf;
	struct scoreboard *board;
	const char *instance;
	unsigned number;	/* names the processing list and the ring */
};

/* The body of a worker process; returns its exit status. */
int worker_run(const struct worker_opts *opts);

/* Opens nothing yet; NULL with FAULT_CONFIG.  Shared with the dispatcher. */
struct rconn *worker_rconn(const struct mailconf *conf, int command_timeout_ms,
			   struct fault *why) MUST_USE;

#endif
