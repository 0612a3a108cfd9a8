/* SPDX-License-Identifier: MIT */
/* A service's slots day by day, and one slot with what can be done to it. */
#include "config.h"

#include "admin/admin.h"

#include "admin/form.h"
#include "answer/days.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "domain/slot.h"
#include "domain/zone.h"
#include "http/form.h"
#include "http/routes.h"
#include "json/get.h"
#include "json/put.h"
#include "store/slot.h"
#include "store/stock.h"

#include <inttypes.h>
#include <stdlib.h>

#define SLOTS_READ 1500		/* more than any one day has minutes */
#define SPAN_S (INT64_C(800) * 24 * 3600)

/* ---- day by day ------------------------------------------------------- */

/* Adds what is taken to each slot that days_put() has shown, in its order. */
static void put_all_taken(const struct call *call, struct json_object *values,
			  const struct slot *slots)
{
	struct json_object *days = get_value(values, "days");
	size_t at = 0;

	for (size_t d = 0; d < get_count(days); d++) {
		struct json_object *list = get_value(get_at(days, d), "slots");

		for (size_t i = 0; i < get_count(list); i++) {
			struct json_object *row = get_at(list, i);
			const struct slot *slot = &slots[at++];

			admin_put_taken(call, row, slot->booked,
					slot->capacity);
			put_flag(row, "full", slot->booked >= slot->capacity);
			put_flag(row, "closed", slot->closed);
		}
	}
}

void admin_slots(struct call *call)
{
	static const char *const words[] = {
		"slot_added", "slots_added", "slot_removed",
	};
	struct fault why;
	struct service service;
	struct slot *slots = NULL;
	struct json_object *values;
	size_t count;
	int64_t from_s;
	char *self;
	char *title;

	if (!open_service(call, &service))
		return;
	from_s = page_from_s(call, service.zone);
	if (store_slots(call->site->store, service.id, from_s, from_s + SPAN_S,
			false, SLOTS_READ, &slots, &count, &why) < 0) {
		fail_store(call, "slots", &why);
		service_release(&service);
		return;
	}
	self = alloc_printf("/admin/services/%s/slots", service.slug);
	title = alloc_printf("%s – %s", page_text(call, "admin.slots.title"),
			     service.name);
	values = admin_page(call, self, title);
	page_put_service(call, values, "service", &service);
	days_put(call, values, slots, count, &service);
	put_all_taken(call, values, slots);
	put_text(values, "base", self);
	put_flag(values, "on_services", true);
	put_flag(values, "wrong", false);
	admin_put_done(call, values, words, ARRAY_COUNT(words));
	page_send(call, 200, "admin_slots", values);
	free(self);
	free(title);
	free(slots);
	service_release(&service);
}

/* ---- one slot --------------------------------------------------------- */

static void put_day_link(struct json_object *values, const struct slot *slot)
{
	struct tm day;
	char text[16];

	(void)zone_local(slot->zone, slot->starts_at_s, &day, NULL);
	if (strftime(text, sizeof(text), "%Y-%m-%d", &day) == 0)
		text[0] = '\0';
	put_text(values, "day", text);
}

static void slot_show(struct call *call, const struct slot *slot,
		      const struct service *service, const struct form *typed,
		      const struct fields *wrong)
{
	static const char *const words[] = { "slot_capacity", "slot_closed",
					     "slot_opened" };
	char capacity[24];
	const struct admin_input places = {
		"capacity", "number", capacity, 0, true, true, false,
	};
	char *self = alloc_printf("/admin/slots/%" PRId64, slot->id);
	char *title = alloc_printf("%s – %s", page_text(call, wrong ?
							"form.title_error" :
							"admin.slot.title"),
				   service->name);
	struct json_object *values = admin_page(call, self, title);
	struct admin_form f = admin_form_begin(call, values, typed, wrong);

	(void)snprintf(capacity, sizeof(capacity), "%" PRId64,
		       slot->capacity);
	admin_form_input(&f, &places);
	page_put_service(call, values, "service", service);
	page_put_when(call, values, "when", slot);
	put_day_link(values, slot);
	admin_put_taken(call, values, slot->booked, slot->capacity);
	put_flag(values, "closed", slot->closed);
	put_flag(values, "may_remove", slot->booked == 0);
	put_text(values, "base", self);
	put_flag(values, "on_services", true);
	admin_put_done(call, values, words, ARRAY_COUNT(words));
	page_send(call, wrong ? 422 : 200, "admin_slot", values);
	free(self);
	free(title);
}

void admin_slot(struct call *call)
{
	struct slot slot;
	struct service service;

	if (!open_slot(call, call->match->args[0], &slot, &service))
		return;
	slot_show(call, &slot, &service, NULL, NULL);
	service_release(&service);
}

/* A change on its way; its form, slot and service are released by done(). */
struct changing {
	struct form typed;
	struct slot slot;
	struct service service;
	struct fields fields;
};

static bool begin(struct call *call, struct changing *c)
{
	*c = (struct changing){ .slot = { .id = 0 } };
	if (!open_slot(call, call->match->args[0], &c->slot, &c->service))
		return false;
	if (open_form(call, &c->typed)) {
		c->fields.form = &c->typed;
		return true;
	}
	service_release(&c->service);
	return false;
}

static void end(struct changing *c)
{
	form_release(&c->typed);
	service_release(&c->service);
}

/* Answers what store_slot_change() said; done is what was done. */
static void changed(struct call *call, struct changing *c, int result,
		    const char *done, const struct fault *why)
{
	if (result < 0)
		fail_store(call, "a slot", why);
	else if (result == STORE_CHANGED)
		admin_see(call, done, "/admin/slots/%" PRId64, c->slot.id);
	else if (c->fields.error_count > 0)
		slot_show(call, &c->slot, &c->service, &c->typed, &c->fields);
	else
		fail(call, FAIL_NO_SLOT);
}

void admin_slot_capacity_post(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct slot_change change = { .capacity = 0 };
	struct changing c;
	struct fault why;
	int r = STORE_NO_PLACE;

	if (!begin(call, &c))
		return;
	slot_form_capacity(&c.fields, &change.capacity);
	if (c.fields.error_count == 0) {
		r = store_slot_change(call->site->store, &c.slot,
				      c.service.slug, &change, &by, &why);
		if (r == STORE_NO_PLACE)
			fields_fail(&c.fields, "capacity", "capacity_booked",
				    c.slot.booked);
	}
	changed(call, &c, r, "slot_capacity", &why);
	end(&c);
}

static void close_post(struct call *call, bool closed)
{
	const struct store_actor by = admin_actor(call);
	const struct slot_change change = { .sets_closed = true,
					    .closed = closed };
	struct changing c;
	struct fault why;

	if (!begin(call, &c))
		return;
	changed(call, &c, store_slot_change(call->site->store, &c.slot,
					    c.service.slug, &change, &by,
					    &why),
		closed ? "slot_closed" : "slot_opened", &why);
	end(&c);
}

void admin_slot_close_post(struct call *call)
{
	close_post(call, true);
}

void admin_slot_open_post(struct call *call)
{
	close_post(call, false);
}

void admin_slot_remove_post(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct changing c;
	struct fault why;
	int r;

	if (!begin(call, &c))
		return;
	r = store_slot_remove(call->site->store, &c.slot, c.service.slug, &by,
			      &why);
	if (r == STORE_CHANGED) {
		admin_see(call, "slot_removed", "/admin/services/%s/slots",
			  c.service.slug);
	} else if (r < 0) {
		fail_store(call, "a slot", &why);
	} else {
		fields_fail(&c.fields, "remove", "slot_in_use", 0);
		slot_show(call, &c.slot, &c.service, NULL, &c.fields);
	}
	end(&c);
}
