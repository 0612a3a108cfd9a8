/* SPDX-License-Identifier: MIT */
/* How full the outbox is, for monitoring; and the operators' daily mail. */
#ifndef STORE_FIGURES_H
#define STORE_FIGURES_H

#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

struct store_figures {
	int64_t open;		/* rows that have begun and are not final */
	int64_t oldest_ms;	/* how long the oldest has been so; 0 = none */
	int64_t scheduled;	/* rows that have not begun */
	int64_t lag_ms;		/* how long a row has been due for the relay */
};

/* Reads all rows that are not final.  0, or -1. */
int store_figures(struct store *s, struct store_figures *out,
		  struct fault *why) MUST_USE;

/* ---- the daily mail ----------------------------------------------------- */

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
	int64_t returned;		/* came back in it, surely or likely */
	int64_t returned_likely;	/* of those */
	int64_t complained;		/* marked as unwanted in it */
};

/* Puts the mail into the outbox, due at once, unless it is there: it has no
 * booking.  0, or -1. */
int store_digest_add(struct store *s, const char *envelope_id,
		     int64_t begins_at_ms, struct fault *why) MUST_USE;

/* What ended without reaching anybody, or was heard of, in the 24 hours until
 * until_ms, which are (from, until], the daily mails themselves apart.  0, or
 * -1. */
int store_digest_read(struct store *s, int64_t until_ms,
		      struct store_digest *out, struct fault *why) MUST_USE;

#endif
