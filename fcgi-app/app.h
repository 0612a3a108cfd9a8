/* SPDX-License-Identifier: MIT */
/* The two kinds of children: request workers and the relay. */
#ifndef APP_H
#define APP_H

#include "daemon/prefork.h"

#include <stdint.h>

struct site;

/* Memory shared between master and workers (alloc_shared()).  ticks_ms() at
 * which the child in each slot must be done with its request, 0 if it has
 * none. */
struct app_slots {
	_Atomic int64_t deadline_ms[PREFORK_MAX];
};

struct app_worker {		/* borrowed, inherited over fork */
	struct site *site;
	struct app_slots *slots;
	int listen_fd;		/* non-blocking */
};

/*
 * The body of a request worker: accepts and answers until it is asked to end or
 * has answered recycle_requests.  A request in hand is finished first.
 * Returns the exit status.
 */
int app_worker_run(const struct app_worker *w, unsigned slot, unsigned index);

/* The body of the relay child.  Returns the exit status. */
int app_relay_run(struct site *site);

#endif
