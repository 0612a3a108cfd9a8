/* SPDX-License-Identifier: MIT */
/*
 * The request's push into the queue: best effort, never in the way.
 *
 * After COMMIT only: the outbox row is the truth, and the relay pushes what
 * this could not.  After 3 failures in a row nothing is tried for 5 s.
 */
#ifndef OUTBOX_PUBLISH_H
#define OUTBOX_PUBLISH_H

#include "base/compiler.h"
#include "base/fault.h"
#include "redis/rconn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PUBLISH_LIMIT_MS 100	/* to connect, and for each command */

struct publish;

struct publish_opts {		/* copied by publish_new() */
	struct rconn_opts redis;
	const char *prefix;	/* of the queue's keys */
};

/* Makes one without connecting.  Returns it, or NULL with FAULT_CONFIG. */
struct publish *publish_new(const struct publish_opts *opts,
			    struct fault *why) MUST_USE;
void publish_free(struct publish *p);

/*
 * Pushes one envelope.  Returns whether it reached Redis; false needs no
 * action.  A change for the worse or the better is logged once.
 */
bool publish_envelope(struct publish *p, const char *envelope, size_t len);

/* What the queue says of a mail whose end the outbox does not know yet. */
struct publish_seen {
	bool sent, dead;	/* it has ended: the verdict is on its way */
	int attempts;
	int64_t next_at_ms;	/* Unix ms; 0 = at once, or being tried */
	int64_t final_at_ms;	/* Unix ms; 0 = it has not ended */
	char reply[129];	/* why it was set aside last or ended, or why it
				   has not been tried; "" */
};

/* What a job's record says of it. */
struct queue_record;
void publish_seen_of(const struct queue_record *record,
		     struct publish_seen *out);

/* Asks the queue about one mail, as quickly and with the same patience as it is
 * pushed.  False if Redis is away or does not know it. */
bool publish_look(struct publish *p, const char *id, struct publish_seen *out);

#endif
