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

	for (size_t i = 0; i < o->slots.count; i++) {
		if (store_slot_insert(s, &slots[i], &slots[i].id, why) == 0)
			continue;
		if (dbconn_error(s->db) != DBCONN_DUPLICATE)
			return -1;
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

static int plan_look(struct store *s, const struct service *service,
		     struct slot_plan *plan, struct fault *why)
{
	struct span span = { .service_id = service->id, .max = LOOK_MAX };
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

struct planning {
	const struct service *service;
	const struct store_actor *by;
	struct slot_plan *plan;
};

static int plan_body(struct store *s, void *arg, struct fault *why)
{
	struct planning *c = arg;
	char detail[40];
	size_t added = 0;

	for (size_t i = 0; i < c->plan->count; i++) {
		struct slot_plan_item *item = &c->plan->items[i];
		struct slot slot = {
			.service_id = c->service->id,
			.starts_at_s = item->starts_at_s,
			.ends_at_s = item->starts_at_s +
				     c->plan->length_min * 60,
			.capacity = c->plan->capacity,
		};

		store_tell(s, (int64_t)i, (int64_t)c->plan->count);
		if (item->what != SLOT_NEW)
			continue;
		must(str_copy(slot.zone, sizeof(slot.zone),
			      c->service->zone));
		if (store_slot_insert(s, &slot, &slot.id, why) == 0)
			added++;
		else if (dbconn_error(s->db) == DBCONN_DUPLICATE)
			item->what = SLOT_THERE;
		else
			return -1;
	}
	(void)snprintf(detail, sizeof(detail), "%zu slots", added);

	const struct audit_entry entry = {
		c->by, "slots_added", c->service->slug, detail,
	};

	return added == 0 ? STORE_CHANGED : store_audit_add(s, &entry, why);
}

int store_plan_add(struct store *s, const struct service *service,
		   struct slot_plan *plan, const struct store_actor *by,
		   struct fault *why)
{
	struct planning c = { service, by, plan };

	/* Existing slots need no try that fails. */
	if (plan_look(s, service, plan, why) < 0)
		return -1;
	if (plan->dry)
		return 0;
	return store_transaction(s, plan_body, &c, why) < 0 ? -1 : 0;
}
