/* SPDX-License-Identifier: MIT */
/*
 * Who waits, as lists for organisers: those in line and those for whom a place
 * is kept, also until they confirm their address.
 *
 * Lists are heap arrays that the caller frees with free().
 */
#ifndef STORE_LINE_H
#define STORE_LINE_H

#include "domain/model.h"
#include "store/store.h"

struct line_row {
	char ref[STORE_REF_LEN + 1];
	char name[4 * 200 + 1];
	char email[255];
	int64_t seats;
	int64_t since_s;
	int64_t offer_until_s;	/* 0 = in line; else kept for them so long */
	bool held;		/* their booking is to be confirmed */
	struct slot slot;	/* but for its places */
	char service[4 * 200 + 1];	/* its name */
};

struct line_rows {
	struct line_row *list;
	size_t count;
	bool cut;		/* there may be more */
};

struct line_wish {
	int64_t slot_id;
	size_t max;		/* at most so many */
};

/* For one slot, in the order of the line.  0, or -1. */
int store_line_of_slot(struct store *s, const struct line_wish *wish,
		       struct line_rows *out, struct fault *why) MUST_USE;

/* For the slots of one service in the span, by time.  0, or -1. */
int store_line_of_day(struct store *s, const struct span *span,
		      struct line_rows *out, struct fault *why) MUST_USE;

/* As store_bookings_find() finds bookings, but for telephones, which are asked
 * for when a place is taken.  0, or -1. */
struct booking_filter;
int store_line_find(struct store *s, const struct booking_filter *f,
		    struct line_rows *out, struct fault *why) MUST_USE;

/* How many wait for slots of one service in the span, and how many bookings
 * are to be confirmed. */
struct line_count {
	int64_t slot_id;
	int64_t waiting;
	int64_t held;
};
struct line_counts {
	struct line_count *list;	/* only slots for which somebody does */
	size_t count;
};
int store_line_counts(struct store *s, const struct span *span,
		      struct line_counts *out, struct fault *why) MUST_USE;

#endif
