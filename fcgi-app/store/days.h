/* SPDX-License-Identifier: MIT */
/* On which days a service has room, and when next. */
#ifndef STORE_DAYS_H
#define STORE_DAYS_H

#include "domain/model.h"
#include "store/store.h"

/* How much of a service lies ahead. */
struct slots_ahead {
	int64_t count;		/* not more than was asked for; full and closed
				   ones are among them */
	int64_t last_s;		/* when the last one begins; 0 = none does */
};

/* Counts those of a span, to its max, and reads no others.  0, or -1. */
int store_slots_ahead(struct store *s, const struct span *span,
		      struct slots_ahead *out, struct fault *why) MUST_USE;

/* What somebody wants of a slot. */
struct slot_wish {
	int64_t service_id;
	int64_t from_s;		/* it begins at or after that instant */
	int64_t seats;		/* so many are free; 0 = it may be full */
	int64_t except_id;	/* and it is not this one; 0 = any */
};

/* The first one with room.  1, 0, -1. */
int store_slot_next(struct store *s, const struct slot_wish *wish,
		    struct slot *out, struct fault *why) MUST_USE;

/* The same of each of these services, within 400 days: a heap array of as many
 * for free(), with the id 0 where there is none.  One query for 16 of them.
 * NULL on a fault. */
struct slot *store_slots_next(struct store *s, const struct service *services,
			      size_t count, struct fault *why) MUST_USE;

#define STORE_DAYS_MAX 31

/* Days, and what is wanted on them; the wish has their first instant. */
struct slot_days {
	struct slot_wish wish;
	/* When each begins, and when the last one ends. */
	int64_t begins_s[STORE_DAYS_MAX + 1];
	size_t count;
};

/* What of one zone begins on one of those days. */
struct slot_day {
	char zone[STORE_ZONE_MAX + 1];
	int64_t day;		/* 1 is the first; others are outside */
	int64_t offered;	/* not closed */
	int64_t fitting;	/* of those: with room */
};

struct slot_day_rows {
	struct slot_day *list;	/* on the heap */
	size_t count;
};

/*
 * Counts slots by day and by zone, also those that begin up to
 * STORE_ZONES_APART_S before and after: another zone has its own days.  0, or
 * -1.
 */
#define STORE_ZONES_APART_S (INT64_C(26) * 3600)
int store_slot_days(struct store *s, const struct slot_days *days,
		    struct slot_day_rows *out, struct fault *why) MUST_USE;

#endif
