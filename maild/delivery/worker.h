/* SPDX-License-Identifier: MIT */
/* The worker process: claim, handle, again. */
#ifndef DELIVERY_WORKER_H
#define DELIVERY_WORKER_H

#include "settings/mailconf.h"
#include "state/scoreboard.h"

/* The body of a worker process; its number names its processing list and its
 * ring.  Returns its exit status. */
int worker_run(const struct instance *instance, unsigned number);

/* Opens nothing yet; NULL with FAULT_CONFIG.  Shared with the dispatcher. */
struct rconn *worker_rconn(const struct mailconf *conf, int command_timeout_ms,
			   struct fault *why) MUST_USE;

#endif
