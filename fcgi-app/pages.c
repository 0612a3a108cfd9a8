/* SPDX-License-Identifier: MIT */
/* The services, and the days of one with their free slots. */
#include "config.h"

#include "pages.h"

#include "alloc.h"
#include "lang.h"
#include "logger.h"
#include "page_fail.h"
#include "page_render.h"
#include "put.h"
#include "request.h"
#include "routes.h"
#include "zone.h"

#include <json-c/json.h>

#define SLOTS_READ 400		/* more than any one day has */
#define SLOTS_SHOWN 60		/* a page ends with the day that reaches it */
#define DAYS_SHOWN 14
#define SPAN_S (INT64_C(400) * 24 * 3600)

void pages_services(struct call *call)
{
	struct fault why;
	struct service *services;
	size_t count;

	if (store_services(call->site->store, &services, &count, &why) < 0) {
		log_warning("could not read services why=\"%s\"", why.text);
		fail_page(call, fail_of_fault(&why));
		return;
	}
	struct json_object *values = page_new(
		call, "/", page_text(call, "services.title"));
	struct json_object *list = put_list(values, "services");

	for (size_t i = 0; i < count; i++)
		page_put_service(put_row(list), "service", &services[i]);
	put_flag(values, "none", count == 0);
	store_services_free(services, count);
	page_send(call, 200, "services", values);
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

/* Adds the days that fit on a page, and where the next one begins. */
static void put_days(struct call *call, struct json_object *values,
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
}

void pages_service(struct call *call)
{
	const char *slug = call->match->args[0];
	struct fault why;
	struct service service;
	struct slot *slots = NULL;
	size_t count = 0;
	int found = store_service_by_slug(call->site->store, slug, &service,
					  &why);

	if (found == 0) {
		fail_page(call, FAIL_NOT_FOUND);
		return;
	}
	int64_t from_s = found == 1 ? page_from_s(call, service.zone) : 0;

	if (found < 0 ||
	    store_slots(call->site->store, service.id, from_s,
			from_s + SPAN_S, true, SLOTS_READ, &slots, &count,
			&why) < 0) {
		log_warning("could not read slots why=\"%s\"", why.text);
		fail_page(call, fail_of_fault(&why));
	} else {
		char *self = alloc_printf("/s/%s", slug);
		struct json_object *values = page_new(call, self,
						      service.name);

		free(self);
		page_put_service(values, "service", &service);
		put_days(call, values, slots, count, &service);
		put_flag(values, "none", count == 0);
		put_flag(values, "later",
			 *form_text(&call->rq->query, "from") != '\0');
		free(slots);
		page_send(call, 200, "service", values);
	}
	if (found == 1)
		service_release(&service);
}

void pages_problem(struct call *call)
{
	enum fail_kind kind = fail_find(call->match->args[0]);

	if (kind == FAIL_KINDS) {
		fail_page(call, FAIL_NOT_FOUND);
		return;
	}
	char *self = alloc_printf("/problems/%s", fail_type(kind));
	struct json_object *values = page_new(call, self,
					      fail_title(call, kind));

	free(self);
	put_text(values, "detail", fail_detail(call, kind));
	put_text(values, "type", fail_type(kind));
	put_int(values, "status", fail_status(kind));
	page_send(call, 200, "problem", values);
}
