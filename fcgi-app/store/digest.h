/* SPDX-License-Identifier: MIT */
/* The operators' daily mail in the outbox, and what it counts there. */
#ifndef STORE_DIGEST_H
#define STORE_DIGEST_H

#include "base/compiler.h"
#include "store/figures.h"
#include "store/store.h"

#define STORE_DIGEST_CAUSES 8

struct store_digest {
	struct store_figures outbox;	/* now */
	int64_t expired;		/* given up in the time asked for */
	int64_t dead;			/* refused in it, and by cause: */
	struct {
		char cause[65];		/* "rejected"; "" = not known */
		int64_t count;
	} causes[STORE_DIGEST_CAUSES];	/* the most frequent */
	size_t cause_count;
};

/* Puts the mail into the outbox, due at once, unless it is there: it has no
 * booking.  0, or -1. */
int store_digest_add(struct store *s, const char *envelope_id,
		     int64_t begins_at_ms, struct fault *why) MUST_USE;

/* What ended without reaching anybody in (from, until], the daily mails
 * themselves apart.  0, or -1. */
int store_digest_read(struct store *s, int64_t from_ms, int64_t until_ms,
		      struct store_digest *out, struct fault *why) MUST_USE;

#endif
