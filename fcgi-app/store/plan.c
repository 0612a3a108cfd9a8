/* SPDX-License-Identifier: MIT */
/* Slots of a plan, written together with who did it. */
#include "config.h"

#include "store/plan.h"

#include "base/str.h"
#include "domain/zone.h"
#include "store/audit.h"
#include "store/impl.h"
#include "store/slot.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY_S INT64_C(86400)
#define LOOK_MAX 2000	/* slots read at once */
#define PLAN_STEP 100	/* slots written between two reports */

struct adding {
	const struct slots_offer *offer;
	size_t there;
};

static int slots_body(struct store *s, void *arg, struct fault *why)
{
	struct adding *a = arg;
	const struct slots_offer *o = a->offer;
	struct slot *slots = o->slots.list;
	char detail[ZONE_ISO_SIZE];

	if (store_slots_insert(s, slots, o->slots.count, why) < 0)
		return -1;
	for (size_t i = 0; i < o->slots.count; i++) {
		if (slots[i].id != 0)
			continue;
		a->there = i;
		return STORE_MEANWHILE;
	}
	zone_iso(o->service->zone, slots[0].starts_at_s * 1000, detail);
	if (o->slots.count > 1)
		(void)snprintf(detail, sizeof(detail), "%zu slots",
			       o->slots.count);

	const struct audit_entry entry = {
		o->by, "slots_added", o->service->slug, detail,
	};

	return store_audit_add(s, &entry, why);
}

int store_offer_slots(struct store *s, const struct slots_offer *offer,
		      size_t *there_out, struct fault *why)
{
	struct adding a = { .offer = offer };

	must(offer->slots.count > 0);

	int r = store_transaction(s, slots_body, &a, why);

	*there_out = a.there;
	return r < 0 ? -1 : r == STORE_CHANGED;
}

static int plan_look(struct store *s, const struct plan_offer *offer,
		     struct fault *why)
{
	struct slot_plan *plan = offer->plan;
	struct span span = { .service_id = offer->service->id,
			     .max = LOOK_MAX };
	struct slots slots;

	if (plan->count == 0)
		return 0;
	/* Zones are less than a day from UTC. */
	span.from_s = (plan->items[0].day - 1) * DAY_S;
	span.until_s = (plan->items[plan->count - 1].day + 2) * DAY_S;
	do {
		if (store_slots(s, &span, &slots, why) < 0)
			return -1;
		slot_plan_mark(plan, slots.list, slots.count);
		if (slots.count > 0)
			span.from_s =
				slots.list[slots.count - 1].starts_at_s + 1;
		free(slots.list);
	} while (slots.count == LOOK_MAX);	/* a full answer is not all */
	return 0;
}

/* The new items from *at on, as many as go in together; *at moves behind. */
static size_t plan_gather(const struct plan_offer *c, size_t *at,
			  struct slot slots[PLAN_STEP],
			  struct slot_plan_item *items[PLAN_STEP])
{
	size_t count = 0;

	for (; *at < c->plan->count && count < PLAN_STEP; ++*at) {
		struct slot_plan_item *item = &c->plan->items[*at];

		if (item->what != SLOT_NEW)
			continue;
		items[count] = item;
		slots[count] = (struct slot){
			.service_id = c->service->id,
			.starts_at_s = item->starts_at_s,
			.ends_at_s = item->starts_at_s +
				     c->plan->length_min * 60,
			.capacity = c->plan->capacity,
		};
		must(str_copy(slots[count].zone, sizeof(slots[count].zone),
			      c->service->zone));
		count++;
	}
	return count;
}

static int plan_body(struct store *s, void *arg, struct fault *why)
{
	const struct plan_offer *c = arg;
	struct slot_plan_item *items[PLAN_STEP];
	struct slot slots[PLAN_STEP];
	char detail[40];
	size_t added = 0;
	size_t count;

	for (size_t at = 0; (count = plan_gather(c, &at, slots, items)) > 0;) {
		if (store_slots_insert(s, slots, count, why) < 0)
			return -1;
		for (size_t i = 0; i < count; i++)
			if (slots[i].id != 0)
				added++;
			else
				items[i]->what = SLOT_THERE;
		store_tell(s, (int64_t)at, (int64_t)c->plan->count);
	}
	(void)snprintf(detail, sizeof(detail), "%zu slots", added);

	const struct audit_entry entry = {
		c->by, "slots_added", c->service->slug, detail,
	};

	return added == 0 ? STORE_CHANGED : store_audit_add(s, &entry, why);
}

int store_plan_add(struct store *s, const struct plan_offer *offer,
		   struct fault *why)
{
	struct plan_offer c = *offer;

	/* Existing slots need no try that fails. */
	if (plan_look(s, offer, why) < 0)
		return -1;
	if (offer->plan->dry)
		return 0;
	return store_transaction(s, plan_body, &c, why) < 0 ? -1 : 0;
}
