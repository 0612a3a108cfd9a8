/* SPDX-License-Identifier: MIT */
/*
 * Which slots opening hours make, in one service's zone, and which of them
 * exist already.  No I/O and no clock.
 */
#ifndef DOMAIN_PLAN_H
#define DOMAIN_PLAN_H

#include "base/compiler.h"
#include "domain/model.h"
#include "domain/slot.h"

#include <stddef.h>
#include <stdint.h>

#define SLOT_PLAN_MAX 10000	/* slots of one plan */

enum slot_planned {
	SLOT_NEW,
	SLOT_THERE,		/* the service has one that begins then */
	SLOT_SKIPPED,		/* clocks leave that time out, or the end of
				   the one in front of it */
	SLOT_PLANNED,		/* number of these */
};

struct slot_plan_item {
	enum slot_planned what;
	int64_t day;		/* since 1970-01-01 */
	int start_min;		/* after midnight, by the local clock */
	int64_t starts_at_s;	/* 0 if skipped */
};

/* slot_plan_make(), then slot_plan_release(). */
struct slot_plan {
	struct slot_plan_item *items;	/* in order of time */
	size_t count;
	int64_t length_min;
	int64_t capacity;
	bool dry;		/* only to be looked at */
};

/* All slots of a form without errors, as if none existed.  0, or -1 with the
 * error in the form: more than SLOT_PLAN_MAX, or a zone that the system does
 * not know; *out is then empty. */
int slot_plan_make(struct plan_form *form, const char *zone,
		   struct slot_plan *out) MUST_USE;
void slot_plan_release(struct slot_plan *plan);

/* Marks those that begin when one of the slots (in order of time) does. */
void slot_plan_mark(struct slot_plan *plan, const struct slot *slots,
		    size_t count);

/* How many of that kind. */
size_t slot_plan_count(const struct slot_plan *plan, enum slot_planned what);

/* "added", "there", "skipped": the names of the counts in JSON. */
const char *slot_planned_name(enum slot_planned what);

/* The form->times slots of a form without errors; their list is for free(). */
struct slots slot_row_make(const struct slot_form *form,
			   const struct service *service) MUST_USE;

#endif
