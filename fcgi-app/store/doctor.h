/* SPDX-License-Identifier: MIT */
/*
 * Finds rows that do not fit together, as an incomplete restore or a hand in
 * the tables leaves them; the program's own transactions leave none.
 */
#ifndef STORE_DOCTOR_H
#define STORE_DOCTOR_H

#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A sort of rows that do not fit. */
struct store_check {
	const char *name;	/* one word */
	const char *what;	/* such a row, in words */
	const char *todo;	/* what helps */
	bool mends;		/* store_misfit_mend() can */
};

extern const struct store_check store_checks[];
extern const size_t store_check_count;

struct store_misfit {
	int64_t id;		/* of the row */
	char text[129];		/* a name or figures of it; "" = none */
};
#define STORE_MISFITS_MAX 100

/* A step through a table; after = 0 begins. */
struct store_misfits {
	int64_t after;		/* the last row that was looked at */
	struct store_misfit list[STORE_MISFITS_MAX];
	size_t count;
};

/*
 * Looks through the next rows of a check for those that do not fit; it may be
 * called beside bookings.  One statement reads at most 1000 rows of a table and
 * what belongs to them.  Returns 1, 0 when there are no more rows, -1.
 */
int store_misfits(struct store *s, size_t check, struct store_misfits *m,
		  struct fault *why) MUST_USE;

/* Mends a row if it still does not fit.  1 mended, 0 it cannot be (or was
 * already), -1. */
int store_misfit_mend(struct store *s, size_t check, int64_t id,
		      struct fault *why) MUST_USE;

#endif
