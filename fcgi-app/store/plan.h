/* SPDX-License-Identifier: MIT */
/*
 * Many slots of a service at once, in one transaction with their line in the
 * record of who did what.
 *
 * What is put in was checked before, by domain/slot.h.  Returns -1 as the rest
 * of the store; a lost COMMIT is carried out once more, and finds the slots
 * it added.
 */
#ifndef STORE_PLAN_H
#define STORE_PLAN_H

#include "domain/plan.h"
#include "store/store.h"

/* Slots that somebody adds to a service. */
struct slots_offer {
	const struct service *service;
	struct slots slots;
	const struct store_actor *by;
};

/*
 * Adds slots (at least one) of a service, all or none.  Their ids are filled
 * in.  1 added; 0 if the service has one at one of these times already:
 * *there_out is its place among them; -1.
 */
int store_offer_slots(struct store *s, const struct slots_offer *offer,
		      size_t *there_out, struct fault *why) MUST_USE;

/* A plan that somebody has for a service. */
struct plan_offer {
	const struct service *service;
	struct slot_plan *plan;
	const struct store_actor *by;
};

/* Marks slots that exist already and, unless the plan is only to be looked at,
 * adds the new ones; one that turns out to exist is marked, too.  0, or -1 and
 * nothing was added. */
int store_plan_add(struct store *s, const struct plan_offer *offer,
		   struct fault *why) MUST_USE;

#endif
