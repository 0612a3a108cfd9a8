/* SPDX-License-Identifier: MIT */
/*
 * The fields of new slots, from a page, from JSON or from the shell.  No I/O
 * and no clock.
 */
#ifndef DOMAIN_SLOT_H
#define DOMAIN_SLOT_H

#include "base/compiler.h"
#include "base/fault.h"
#include "domain/fields.h"
#include "domain/openings.h"

#include <stdbool.h>
#include <stdint.h>

#define SLOT_CAPACITY_MAX 1000000
#define SLOT_MINUTES_MAX (7 * 24 * 60)	/* of one slot */
#define SLOT_ROW_MAX 10000		/* slots one behind the other */
#define SLOT_DAYS_MAX 800		/* of one plan */

/* One slot, or times of them, each beginning when the one before ends. */
struct slot_form {
	struct fields fields;	/* its errors; none: the rest is good */
	int64_t starts_at_s;
	int64_t length_min;
	int64_t capacity;
	int64_t times;
};

/*
 * Reads starts_at ("2027-03-28T14:30" in zone, its seconds may be 00, or with
 * an offset behind it), minutes (30 if absent), capacity and count (1 if
 * absent).  A time that clocks in zone skip is refused, of one that they show
 * twice the first is taken.  Refuses what begins before now_s.
 */
void slot_form_read(const struct form *f, const char *zone, int64_t now_s,
		    struct slot_form *out);

/* Slots from weekly opening hours. */
struct plan_form {
	struct fields fields;
	struct openings openings;
	int64_t from;		/* days since 1970-01-01, both included */
	int64_t until;
	int64_t length_min;
	int64_t capacity;
	bool dry;		/* only to be looked at */
	struct fault why;	/* which word of the hours or closures is wrong;
				   FAULT_NONE if none is */
};

/*
 * Reads from, until (days, at most SLOT_DAYS_MAX of them; none before today),
 * hours (as openings_read() takes them) or, a day each, hours_mon to hours_sun;
 * closed (may be absent), minutes (30 if absent), capacity and dry_run.
 */
void plan_form_read(const struct form *f, int64_t today,
		    struct plan_form *out);

/* Reads the field capacity alone. */
void slot_form_capacity(struct fields *f, int64_t *out);

#endif
