/* SPDX-License-Identifier: MIT */
/* The operators' daily mail: what was not delivered, and what still waits. */
#ifndef OUTBOX_DIGEST_H
#define OUTBOX_DIGEST_H

#include "base/compiler.h"
#include "outbox/notification.h"
#include "queue/figures.h"
#include "store/figures.h"

#define DIGEST_ID_SIZE 24	/* "digest.2025-12-03" */
#define DIGEST_LATE_MS (INT64_C(3600) * 1000)	/* so long a mail may wait */

/*
 * The latest digest that is due at now_ms, if one is due each day at hour
 * (UTC): when it was due, and its id, which no other has.  Pure.
 */
int64_t digest_due(int64_t now_ms, int64_t hour, char id[DIGEST_ID_SIZE]);

struct digest_figures {
	struct store_digest mails;
	struct queue_places queue;
	int64_t now_ms;		/* when they were read */
};

/*
 * Its envelope, in the site's language: the JSON text, which the caller frees.
 * Depends on nothing but its arguments.
 */
char *digest_envelope(const struct notification_opts *opts, const char *to,
		      const struct notification *row,
		      const struct digest_figures *f)
	MUST_USE RETURNS_NONNULL;

#endif
