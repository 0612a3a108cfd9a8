/* SPDX-License-Identifier: MIT */
/*
 * Weekly opening hours with closures, as people write them.  Pure: days and
 * minutes of the local clock; which instants they are is zone.h's.
 */
#ifndef DOMAIN_OPENINGS_H
#define DOMAIN_OPENINGS_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPENINGS_SPANS_MAX 64
#define OPENINGS_CLOSED_MAX 128
#define OPENINGS_MINUTES (24 * 60)

struct opening_span {
	unsigned days;		/* bit 0 is Sunday, as tm_wday */
	int from_min;		/* after midnight; from < until <= 1440 */
	int until_min;
};

struct openings {
	struct opening_span spans[OPENINGS_SPANS_MAX];
	size_t span_count;
	struct {
		int64_t from;	/* days since 1970-01-01, both included */
		int64_t until;
	} closed[OPENINGS_CLOSED_MAX];
	size_t closed_count;
};

/*
 * Reads "mon-fri 09:00-12:00 14:00-17:00; sat,sun 10:00-12:00": groups between
 * semicolons, each of days and then spans; sun may stand at either end of a
 * week; a time may be written 9:00, 9h or 9h30.  0, or -1 with FAULT_REJECT
 * naming the word.
 */
int openings_read(struct openings *o, const char *text, struct fault *why)
	MUST_USE;

/* Adds the hours of one day of the week (0 is Sunday), as
 * "09:00-12:00, 14h-17h30", or "" for none.  0 or -1 as above. */
int openings_read_day(struct openings *o, int wday, const char *text,
		      struct fault *why) MUST_USE;

/* Adds closures: "2025-12-24..2026-01-02 2026-05-01", between blanks, commas or
 * on lines.  0 or -1 as above. */
int openings_close(struct openings *o, const char *text, struct fault *why)
	MUST_USE;

/* Reads "2025-12-03" as days since 1970-01-01; false if there is no such
 * day. */
bool openings_day(const char *text, int64_t *day_out);

/*
 * Fills starts (OPENINGS_MINUTES of them) with the minutes of that day at which
 * slots of length_min begin that end within a span, in order, each once.
 * Returns how many; none on a closed day.
 */
size_t openings_starts(const struct openings *o, int64_t day, int length_min,
		       int *starts);

#endif
