/* SPDX-License-Identifier: MIT */
/* Times as people write and read them. */
#ifndef MAILDCTL_TIME_H
#define MAILDCTL_TIME_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>
#include <stdint.h>

#define CTL_AGE_MAX 16		/* bytes of an age with NUL: "99999999 d" */
#define CTL_AGO_MAX (CTL_AGE_MAX + 8)
#define CTL_LOCAL_MAX 48	/* bytes of a date with NUL */

/*
 * Reads a length of time: a whole number and ms, s, min, h, d or w, with
 * nothing between them ("90s").  False, and *out_ms untouched, if it is none.
 */
bool ctl_span_parse(const char *text, int64_t *out_ms);

/*
 * Reads a point in time, Unix ms: a length of time means that long before
 * now_ms; "2026-11-23", "2026-11-23T14:05", "2026-11-23T14:05:09" and "14:05"
 * (of today) are what local clocks show, with a Z after them, what UTC clocks
 * show.  A time that local clocks leave out is refused.  Returns 0, or -1 with
 * FAULT_REJECT.
 */
int ctl_when_parse(const char *text, int64_t now_ms, int64_t *out_ms,
		   struct fault *why) MUST_USE;

/* "0 s" to "119 s", "2 min" to "119 min", "2 h" to "47 h", "2 d" ...; anything
 * below zero (a clock is ahead) is "0 s".  Returns out. */
const char *ctl_age_text(char out[CTL_AGE_MAX], int64_t ms);

/* "2026-11-23 14:05:09 CET"; "-" for 0.  Returns out. */
const char *ctl_local_text(char out[CTL_LOCAL_MAX], int64_t at_ms);

/* "3 min ago", "in 2 h"; "" for 0.  Returns out. */
const char *ctl_ago_text(char out[CTL_AGO_MAX], int64_t at_ms, int64_t now_ms);

#endif
