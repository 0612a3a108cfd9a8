/* SPDX-License-Identifier: MIT */
/*
 * Which of a relay's addresses failed lately: known to all workers.
 *
 * The good ones are remembered by remembering the bad: among several that
 * serve, the resolver's order stays, and with it the spread of load that the
 * relay's owner wants.
 */
#ifndef SMTP_MARKS_H
#define SMTP_MARKS_H

#include "smtp/lookup.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MARKS_MAX LOOKUP_MAX
#define MARKS_TRIAL_MS (30 * 60 * 1000LL)

/* Lives in shared memory; all zero = no address has failed.  Writers that meet,
 * or die halfway, spoil one mark at the most. */
struct marks {
	struct {
		_Atomic uint64_t who;	/* the address, 0 = free */
		_Atomic int64_t at_ms;	/* ticks_ms() of its last failure */
	} mark[MARKS_MAX];
};

/* The address failed.  Returns whether that is news. */
bool marks_set(struct marks *m, const struct lookup_address *address,
	       int64_t now_ms);

/* The address serves. */
void marks_clear(struct marks *m, const struct lookup_address *address);

/* Forgets all: what was wrong may have been fixed. */
void marks_clear_all(struct marks *m);

/*
 * In which order to try them: order[] gets the places in the list.  First those
 * that did not fail, in their order, then the others, oldest failure first; but
 * one whose failure is MARKS_TRIAL_MS old comes first, once: this caller's
 * session finds out for everybody.
 */
void marks_order(struct marks *m, const struct lookup_result *list,
		 int64_t now_ms, size_t order[LOOKUP_MAX]);

#endif
