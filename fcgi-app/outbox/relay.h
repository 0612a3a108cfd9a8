/* SPDX-License-Identifier: MIT */
/*
 * The relay: brings the outbox in MySQL and the queue in Redis to agree.
 *
 * It never concludes from a timer that a mail is lost: it asks the queue, and
 * publishes again only what the queue does not know.
 */
#ifndef OUTBOX_RELAY_H
#define OUTBOX_RELAY_H

#include "base/compiler.h"
#include "outbox/notification.h"
#include "queue/fate.h"

#include <stdint.h>

struct queue;
struct store;

struct relay_opts {			/* all borrowed */
	struct store *store;
	struct queue *queue;		/* over a connection of its own */
	const struct notification_opts *mail;
	int64_t retention_ms;		/* of personal data; 0 = for ever */
	int64_t horizon_ms;		/* an older open row EXPIRES */
	const char *digest_to;		/* operators' address, "" = none */
	int64_t digest_hour;		/* of the day, UTC */
	/* Told of each report that was news; NULL = nobody. */
	void (*reported)(void *arg, enum queue_fate fate);
	void *arg;
};

/*
 * The body of the relay child: every 200 ms it applies maild's receipts and
 * looks after due rows, until prefork_stopping().  MySQL or Redis may be away:
 * it waits with a doubling pause, says so once and then each minute.
 *
 * A crash at any point is harmless: receipts are dropped after they are
 * committed, and rows that were looked at stay open until they are final.
 * Returns the exit status, 0.
 */
int relay_run(const struct relay_opts *opts);

#endif
