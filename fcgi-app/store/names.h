/* SPDX-License-Identifier: MIT */
/*
 * What names rows outside the database, and must never name another one: the
 * nonces of links, the numbers that are counted up, those in the ids of mails.
 */
#ifndef STORE_NAMES_H
#define STORE_NAMES_H

#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Gives a nonce to each booking and place in line that has none, some at a
 * time; may run beside bookings, and again after it was cut off.  0 with how
 * many there were, or -1.
 */
int store_links_fill(struct store *s, int64_t *count_out, struct fault *why)
	MUST_USE;

/* Keeps the names that calendars know today with the bookings that are ahead
 * and have none yet, some at a time.  0, or -1. */
int store_calendar_fill(struct store *s, struct fault *why) MUST_USE;

/* How many have none.  0, or -1. */
int store_links_missing(struct store *s, int64_t *count_out,
			struct fault *why) MUST_USE;

/* Makes the keys by which their names are found of bookings and places in line
 * that have none, some at a time.  0, or -1. */
int store_names_fill(struct store *s, struct fault *why) MUST_USE;

/* How far a table of people was looked through; zeroed = it begins. */
struct store_naming {
	int64_t after;		/* the last row that was looked at */
	int64_t seen;		/* the last one when it began anew */
	int64_t settled;	/* and before that: nothing comes in up to it */
	int64_t again_at_ms;	/* ticks; when it begins anew from there */
};
#define STORE_PEOPLE 2	/* bookings, places in line */

/*
 * Makes the keys of some that have come in since; until then a search finds
 * them among the newest.  Not in the transaction of a booking, which would cost
 * the server a fifth more.  1 = there may be more, 0, -1.
 */
int store_names_step(struct store *s, struct store_naming all[STORE_PEOPLE],
		     struct fault *why) MUST_USE;

/* The counter behind the ids of a table. */
struct store_counter {
	const char *table;
	int64_t next;	/* the id of the next row */
	int64_t known;	/* the highest one that stands anywhere; 0 = none */
};
#define STORE_COUNTERS 11

/* Reads that with index i.  0, or -1. */
int store_counter_read(struct store *s, size_t i, struct store_counter *out,
		       struct fault *why) MUST_USE;

/*
 * Raises it to the time in microseconds, unless it is higher: beyond whatever
 * was given out, as long as there were never more than a million rows a second.
 * Needs the right to alter the table.  0, or -1.
 */
int store_counter_raise(struct store *s, const struct store_counter *counter,
			struct fault *why) MUST_USE;

/*
 * After a restore: raises all counters, and the numbers of each booking and
 * place in line that stand in the ids of mails, in calendars and in pages that
 * are open.  Without that a mail about a new change could have the id of one
 * that was sent before, and would be taken for it.
 *
 * Nobody may book meanwhile.  May be run again.  0 with how many rows had their
 * numbers raised, or -1.
 */
int store_restored(struct store *s, const char *actor, int64_t *count_out,
		   struct fault *why) MUST_USE;

#endif
