/* SPDX-License-Identifier: MIT */
/*
 * Dates and times as people read them.  If the system no longer knows a zone
 * they are UTC's, and each time says so: whatever stands around it, nobody
 * reads a wrong one.
 */
#ifndef DOMAIN_WHEN_H
#define DOMAIN_WHEN_H

#include "base/buf.h"

#include <stdint.h>

struct lang;

/* Appends the date and the time that clocks in zone show at the instant at_s:
 * "Wednesday 3 December 2025"; "14:30", or "13:30 UTC". */
void when_date(const struct lang *l, const char *zone, int64_t at_s,
	       struct buf *out);
void when_time(const struct lang *l, const char *zone, int64_t at_s,
	       struct buf *out);

/* Appends a length of time in the largest unit that gives a whole number:
 * "2 days", "36 hours", "90 minutes". */
void when_length(const struct lang *l, int64_t minutes, struct buf *out);

#endif
