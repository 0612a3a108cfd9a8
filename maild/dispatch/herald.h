/* SPDX-License-Identifier: MIT */
/*
 * The master's words with Redis: beats, live state, what dead workers had.
 *
 * A supervisor that waits can neither keep deadlines nor reap.  So the master
 * never resolves a name: it goes to the address at which its dispatcher found
 * Redis.  Each exchange is limited to HERALD_LIMIT_MS, and after a failure
 * there is none for a while, which grows up to HERALD_PAUSE_MAX_MS.
 */
#ifndef DISPATCH_HERALD_H
#define DISPATCH_HERALD_H

#include "base/compiler.h"
#include "base/fault.h"
#include "queue/queue.h"
#include "settings/mailconf.h"
#include "state/scoreboard.h"

#include <stdbool.h>

#define HERALD_LIMIT_MS 500
#define HERALD_PAUSE_MIN_MS 500
#define HERALD_PAUSE_MAX_MS 8000

struct herald;

/* What the instance holds is read anew after herald_close(). */
struct herald *herald_new(const struct instance *instance) MUST_USE;
void herald_free(struct herald *h);

/* Lets go of the connection: after a reload. */
void herald_close(struct herald *h);

/* The same in a forked child, saying nothing on it. */
void herald_abandon(struct herald *h);

/* To be called about once a second: beats, tells the live state and what was
 * counted to Redis, and to the service manager; hears which relays are
 * paused. */
void herald_tend(struct herald *h);

/*
 * Returns a dead worker's jobs at once.  First what it had sent and not told
 * (no duplicate), then what it had claimed.  If Redis does not answer, the
 * next worker of that number does the same before it claims.
 */
void herald_reclaim(struct herald *h, unsigned worker, bool crashed);

/*
 * For the end of the service, after all of its children: removes its live
 * state, and its name unless one of its lists still holds a job that others
 * must find.
 */
void herald_leave(struct herald *h);

#endif
