/* SPDX-License-Identifier: MIT */
/* Groups slots by the day that they are on in their own zone. */
#include "config.h"

#include "answer/days.h"

#include "answer/render.h"
#include "base/alloc.h"
#include "domain/zone.h"
#include "form/form.h"
#include "http/request.h"
#include "json/put.h"

#define SLOTS_SHOWN 60		/* a page ends with the day that reaches it */
#define DAYS_SHOWN 14

bool days_shows(const struct days_wish *wish, const struct slot *slot)
{
	int64_t free_seats = slot->capacity - slot->booked;

	return !slot->closed && slot->id != wish->except_id &&
	       (free_seats >= wish->seats || (wish->full && free_seats <= 0));
}

/* A number for the date that clocks in zone show at the instant at_s. */
static int date_of(const char *zone, int64_t at_s)
{
	struct tm tm;

	(void)zone_local(zone, at_s, &tm, NULL);
	return tm.tm_year * 366 + tm.tm_yday;
}

/* How many of the slots fit on a page.  It ends with a day in the service's
 * zone, which is the one that "from" is read in. */
static size_t page_length(const struct slot *slots, size_t count,
			  const char *zone)
{
	size_t n = 0;
	int days = 0;

	while (n < count && n < SLOTS_SHOWN && days++ < DAYS_SHOWN) {
		int date = date_of(zone, slots[n].starts_at_s);

		while (n < count && date_of(zone, slots[n].starts_at_s) == date)
			n++;
	}
	return n;
}

/* The zone that all slots have, "" if there are several. */
static const char *common_zone(const struct slot *slots, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (strcmp(slots[i].zone, slots[0].zone) != 0)
			return "";
	return count > 0 ? slots[0].zone : "";
}

/*
 * Moves the slots that have slots[0]'s zone and are on its date there to the
 * front; the order is kept otherwise.  Returns how many.
 */
static size_t day_gather(struct slot *slots, size_t count)
{
	int date = date_of(slots[0].zone, slots[0].starts_at_s);
	size_t n = 1;

	for (size_t i = 1; i < count; i++) {
		struct slot slot = slots[i];

		if (strcmp(slot.zone, slots[0].zone) != 0 ||
		    date_of(slot.zone, slot.starts_at_s) != date)
			continue;
		memmove(&slots[n + 1], &slots[n], (i - n) * sizeof(*slots));
		slots[n++] = slot;
	}
	return n;
}

/* Is there something, and no room in any of it? */
static bool are_full(const struct slot *slots, size_t count)
{
	size_t n = 0;

	while (n < count && slots[n].booked >= slots[n].capacity)
		n++;
	return count > 0 && n == count;
}

/* Adds those that fit on a page. */
static void put_fitting(struct call *call, struct json_object *values,
			const struct slots *fitting, const char *slug)
{
	struct slot *slots = fitting->list;
	struct json_object *days = put_list(values, "days");
	char *common = alloc_text(common_zone(slots, fitting->count));
	size_t at = 0;
	int shown = 0;

	page_put_zone(call, values, "zone", common);
	put_flag(values, "all_full", are_full(slots, fitting->count));
	while (at < fitting->count) {
		struct json_object *day = put_row(days);
		const struct page_slots list = {
			slots + at, day_gather(slots + at, fitting->count - at),
			slug, slots[at].zone,
		};

		put_format(day, "id", "day-%d", ++shown);
		page_put_zone(call, day, "zone",
			      *common != '\0' ? "" : list.zone);
		page_put_when(call, day, "when", list.slots);
		page_put_slots(call, day, &list);
		at += list.count;
	}
	free(common);
}

void days_put_times(struct call *call, struct json_object *values,
		    const struct slots *all, const struct service *service)
{
	put_fitting(call, values, all, service->slug);
	put_text(values, "next", "");
	put_flag(values, "none", all->count == 0);
	put_flag(values, "later", false);
}

void days_put(struct call *call, struct json_object *values,
	      const struct slots *all, const struct service *service)
{
	const struct slots page = {
		all->list, page_length(all->list, all->count, service->zone),
	};

	put_fitting(call, values, &page, service->slug);
	if (page.count < all->count) {
		char next[ZONE_ISO_SIZE];

		zone_iso(service->zone,
			 all->list[page.count].starts_at_s * 1000, next);
		next[strlen("2025-12-03")] = '\0';
		put_text(values, "next", next);
	}
	put_flag(values, "none", all->count == 0);

	bool later = *form_text(&call->rq->query, "from") != '\0';

	put_flag(values, "later", later);
	put_flag(values, "pages", later || page.count < all->count);
}
