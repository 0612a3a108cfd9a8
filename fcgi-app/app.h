/* SPDX-License-Identifier: MIT */
/* The two kinds of children: request workers and the relay. */
#ifndef APP_H
#define APP_H

#include "base/compiler.h"

#include <stdint.h>

struct app_slots;
struct site;

/* Sets what libfcgi reads from the environment.  Before proctitle_init(), which
 * moves the environment. */
void app_environment_set(void);

/*
 * Once, before any signal handler of ours is set: libfcgi installs its own for
 * TERM, USR1 and PIPE.
 */
void app_init(void);

/* Memory shared between master and workers: each one's deadline.  Lives until
 * the process ends. */
struct app_slots *app_slots_new(void) MUST_USE RETURNS_NONNULL;

/* ticks_ms() at which the child in that slot must be done with its request, 0
 * if it has none. */
int64_t app_slot_deadline_ms(const struct app_slots *slots, unsigned slot);

/* The child in that slot is gone, and its deadline with it. */
void app_slot_clear(struct app_slots *slots, unsigned slot);

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
