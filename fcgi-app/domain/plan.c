/* SPDX-License-Identifier: MIT */
/* Lays out the slots of opening hours. */
#include "config.h"

#include "domain/plan.h"

#include "base/alloc.h"
#include "base/str.h"
#include "domain/openings.h"
#include "domain/zone.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_S 86400

/* The instant of a minute of a day; false where clocks do not show it. */
static bool instant(const char *zone, int64_t day, int min, int64_t *at_s_out)
{
	time_t noon = (time_t)(day * DAY_S + DAY_S / 2);
	struct tm local;

	must(gmtime_r(&noon, &local) != NULL);
	local.tm_hour = min / 60;
	local.tm_min = min % 60;
	return zone_instant(zone, &local, at_s_out) == ZONE_OK;
}

/*
 * Does it begin before one in front of it, of the same day, has ended, though
 * not by the clock?  Then the hour that clocks leave out is in between.
 */
static bool cuts_in(const struct slot_plan *plan,
		    const struct slot_plan_item *item)
{
	for (size_t i = plan->count; i-- > 0;) {
		const struct slot_plan_item *front = &plan->items[i];

		if (front->day != item->day)
			break;
		if (front->what == SLOT_NEW &&
		    front->start_min + plan->length_min <= item->start_min)
			return front->starts_at_s + plan->length_min * 60 >
			       item->starts_at_s;
	}
	return false;
}

/* There is room for it. */
static void item_add(struct slot_plan *plan, const char *zone, int64_t day,
		     int start_min)
{
	struct slot_plan_item item = { .what = SLOT_NEW, .day = day,
				       .start_min = start_min };

	if (!instant(zone, day, start_min, &item.starts_at_s) ||
	    cuts_in(plan, &item)) {
		item.what = SLOT_SKIPPED;
		item.starts_at_s = 0;
	}
	plan->items[plan->count++] = item;
}

int slot_plan_make(struct plan_form *form, const char *zone,
		   struct slot_plan *out)
{
	int starts[OPENINGS_MINUTES];

	*out = (struct slot_plan){ .length_min = form->length_min,
				   .capacity = form->capacity,
				   .dry = form->dry };
	/* Else all of it would be left out, as by clocks that skip it. */
	if (!zone_is_known(zone)) {
		fields_fail(&form->fields, "time_zone", "zone_lost", 0);
		return -1;
	}
	for (int64_t day = form->from; day <= form->until; day++) {
		size_t count = openings_starts(&form->openings, day,
					       (int)form->length_min, starts);

		if (out->count + count > SLOT_PLAN_MAX) {
			slot_plan_release(out);
			fields_fail(&form->fields, "until", "plan_many",
				    SLOT_PLAN_MAX);
			return -1;
		}
		if (count > 0)
			out->items = alloc_resize(out->items,
						  out->count + count,
						  sizeof(*out->items));
		for (size_t i = 0; i < count; i++)
			item_add(out, zone, day, starts[i]);
	}
	return 0;
}

void slot_plan_release(struct slot_plan *plan)
{
	free(plan->items);
	memset(plan, 0, sizeof(*plan));
}

void slot_plan_mark(struct slot_plan *plan, const struct slot *slots,
		    size_t count)
{
	size_t at = 0;

	for (size_t i = 0; i < plan->count; i++) {
		struct slot_plan_item *item = &plan->items[i];

		if (item->what != SLOT_NEW)
			continue;
		while (at < count && slots[at].starts_at_s < item->starts_at_s)
			at++;
		if (at < count && slots[at].starts_at_s == item->starts_at_s)
			item->what = SLOT_THERE;
	}
}

size_t slot_plan_count(const struct slot_plan *plan, enum slot_planned what)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->count; i++)
		count += plan->items[i].what == what;
	return count;
}

const char *slot_planned_name(enum slot_planned what)
{
	static const char *const names[SLOT_PLANNED] = {
		[SLOT_NEW] = "added",
		[SLOT_THERE] = "there",
		[SLOT_SKIPPED] = "skipped",
	};

	must((size_t)what < ARRAY_COUNT(names));
	return names[what];
}

struct slots slot_row_make(const struct slot_form *form,
			   const struct service *service)
{
	struct slot *slots = alloc_zeroed((size_t)form->times, sizeof(*slots));
	int64_t length_s = form->length_min * 60;

	for (int64_t i = 0; i < form->times; i++) {
		struct slot *slot = &slots[i];

		slot->service_id = service->id;
		slot->starts_at_s = form->starts_at_s + i * length_s;
		slot->ends_at_s = slot->starts_at_s + length_s;
		slot->capacity = form->capacity;
		must(str_copy(slot->zone, sizeof(slot->zone), service->zone));
	}
	return (struct slots){ slots, (size_t)form->times };
}
