/* SPDX-License-Identifier: MIT */
/* Groups slots by the day that they are on in their zone. */
#include "config.h"

#include "page_days.h"

#include "alloc.h"
#include "form.h"
#include "page_render.h"
#include "put.h"
#include "request.h"
#include "zone.h"

#include <json-c/json.h>

#define SLOTS_READ 400		/* more than any one day has */
#define SLOTS_SHOWN 60		/* a page ends with the day that reaches it */
#define DAYS_SHOWN 14
#define SPAN_S (INT64_C(400) * 24 * 3600)

int days_read(struct call *call, int64_t service_id, int64_t from_s,
	      struct slot **out, size_t *count_out, struct fault *why)
{
	return store_slots(call->site->store, service_id, from_s,
			   from_s + SPAN_S, true, SLOTS_READ, out, count_out,
			   why);
}

/* The slots of the day that slots[0] is on. */
static size_t day_length(const struct slot *slots, size_t count,
			 const char *zone)
{
	struct tm first;
	struct tm other;
	size_t n = 1;

	(void)zone_local(zone, slots[0].starts_at_s, &first, NULL);
	for (; n < count; n++) {
		(void)zone_local(zone, slots[n].starts_at_s, &other, NULL);
		if (other.tm_yday != first.tm_yday ||
		    other.tm_year != first.tm_year)
			break;
	}
	return n;
}

void days_put(struct call *call, struct json_object *values,
	      const struct slot *slots, size_t count,
	      const struct service *service)
{
	struct json_object *days = put_list(values, "days");
	size_t at = 0;
	int shown = 0;

	while (at < count && at < SLOTS_SHOWN && shown < DAYS_SHOWN) {
		struct json_object *day = put_row(days);
		char *id = alloc_printf("day-%d", ++shown);
		size_t n = day_length(slots + at, count - at, service->zone);

		put_text(day, "id", id);
		free(id);
		page_put_when(call, day, "when", &slots[at], service->zone);
		page_put_slots(call, day, "slots", slots + at, n, service);
		at += n;
	}
	if (at < count) {
		char next[PAGE_ISO_SIZE];

		page_iso(service->zone, slots[at].starts_at_s, next);
		next[strlen("2025-12-03")] = '\0';
		put_text(values, "next", next);
	}
	put_flag(values, "none", count == 0);
	put_flag(values, "later",
		 *form_text(&call->rq->query, "from") != '\0');
}
