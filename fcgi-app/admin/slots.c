/* SPDX-License-Identifier: MIT */
/* A service's slots day by day, and one slot with what can be done to it. */
#include "config.h"

#include "admin/admin.h"

#include "admin/ask.h"
#include "admin/form.h"
#include "answer/days.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "domain/booking.h"
#include "domain/slot.h"
#include "domain/zone.h"
#include "form/form.h"
#include "http/request.h"
#include "http/routes.h"
#include "json/get.h"
#include "json/put.h"
#include "store/line.h"
#include "store/slot.h"
#include "store/stock.h"

#include <inttypes.h>
#include <stdlib.h>

#define SLOTS_READ 1500		/* more than any day has minutes */
#define SPAN_S (INT64_C(800) * 24 * 3600)

/* ---- day by day ------------------------------------------------------- */

static const struct line_count *waiting_of(const struct line_counts *line,
					   int64_t slot_id)
{
	static const struct line_count nobody = { .waiting = 0 };

	for (size_t i = 0; i < line->count; i++)
		if (line->list[i].slot_id == slot_id)
			return &line->list[i];
	return &nobody;
}

/* Slots, and who waits for them. */
struct offered {
	struct slots slots;
	struct line_counts line;
};

/* Adds what is taken, and how many wait, to each slot that days_put() has
 * shown, in its order. */
static void put_all_taken(const struct call *call, struct json_object *values,
			  const struct offered *o)
{
	struct json_object *days = get_value(values, "days");
	size_t at = 0;

	for (size_t d = 0; d < get_count(days); d++) {
		struct json_object *list = get_value(get_at(days, d), "slots");

		for (size_t i = 0; i < get_count(list); i++) {
			struct json_object *row = get_at(list, i);
			const struct slot *slot = &o->slots.list[at++];

			admin_put_taken(call, row, slot->booked,
					slot->capacity);
			put_flag(row, "full", slot->booked >= slot->capacity);
			put_flag(row, "closed", slot->closed);
			admin_put_waiting(call, row, "admin.line.short",
					  waiting_of(&o->line, slot->id));
		}
	}
}

/* 0, or -1 with *why and nothing to free. */
static int offered_read(struct call *call, const struct span *span,
			struct offered *out, struct fault *why)
{
	struct store *store = call->site->store;

	if (store_slots(store, span, &out->slots, why) < 0)
		return -1;
	if (store_line_counts(store, span, &out->line, why) == 0)
		return 0;
	free(out->slots.list);
	return -1;
}

void admin_slots(struct call *call)
{
	struct fault why;
	struct service service;
	struct offered o;
	struct json_object *values;
	struct span span = { .max = SLOTS_READ };
	char *self;
	char *title;

	if (!open_service(call, &service))
		return;
	span.service_id = service.id;
	span.from_s = page_from_s(call, service.zone);
	span.until_s = span.from_s + SPAN_S;
	if (offered_read(call, &span, &o, &why) < 0) {
		fail_store(call, "slots", &why);
		service_release(&service);
		return;
	}
	self = alloc_printf("/admin/services/%s/slots", service.slug);
	title = alloc_printf("%s – %s", page_text(call, "admin.slots.title"),
			     service.name);
	values = admin_page(call, self, title);
	page_put_service_own(call, values, &service);
	days_put(call, values, &o.slots, &service);
	put_all_taken(call, values, &o);
	put_text(values, "base", self);
	put_flag(values, "on_services", true);
	put_flag(values, "wrong", false);
	admin_put_done(call, values, &(struct admin_acts){
		.on = ADMIN_ON_SLOTS, .object = service.slug, .detail = "",
	});
	page_send(call, 200, "admin_slots", values);
	free(self);
	free(title);
	free(o.slots.list);
	free(o.line.list);
	service_release(&service);
}

/* ---- one slot --------------------------------------------------------- */

static int put_line(struct call *call, struct json_object *values,
		    int64_t slot_id, struct fault *why)
{
	const struct line_wish wish = { slot_id, STORE_ROWS_MAX };
	struct line_rows rows;

	if (store_line_of_slot(call->site->store, &wish, &rows, why) < 0)
		return -1;
	admin_put_line(call, values, &rows, true);
	free(rows.list);
	return 0;
}

static void slot_show(struct call *call, const struct slot *slot,
		      const struct service *service,
		      const struct admin_sent *sent)
{
	bool wrong = sent->wrong != NULL;
	char capacity[24];
	const struct admin_input places = {
		"capacity", "number", capacity, 0, true, true, false, NULL,
	};
	char *self = alloc_printf("/admin/slots/%" PRId64, slot->id);
	char *title = alloc_printf("%s – %s", page_text(call, wrong ?
							"form.title_error" :
							"admin.slot.title"),
				   service->name);
	struct json_object *values = admin_page(call, self, title);
	struct admin_form f = admin_form_begin(call, values, sent->typed,
					       sent->wrong);
	struct fault why;
	struct tm day;
	char at[ZONE_ISO_SIZE];

	(void)snprintf(capacity, sizeof(capacity), "%" PRId64,
		       slot->capacity);
	admin_form_input(&f, &places);
	page_put_service_own(call, values, service);
	page_put_when(call, values, "when", slot);
	page_put_lost(values, slot->zone);
	(void)zone_local(slot->zone, slot->starts_at_s, &day, NULL);
	admin_put_day(values, "day", day);
	admin_put_taken(call, values, slot->booked, slot->capacity);
	put_flag(values, "closed", slot->closed);
	put_flag(values, "may_remove", slot->booked == 0);
	put_flag(values, "may_wait", booking_wait_refusal(
			 slot, wall_ms() / 1000) == FAIL_NONE);
	put_text(values, "base", self);
	put_flag(values, "on_services", true);
	zone_iso(slot->zone, slot->starts_at_s * 1000, at);
	admin_put_done(call, values, &(struct admin_acts){
		.on = ADMIN_ON_SLOT, .object = service->slug, .detail = at,
	});
	if (put_line(call, values, slot->id, &why) == 0)
		page_send(call, wrong ? 422 : 200, "admin_slot", values);
	else
		page_fail(call, values, "a waiting list", &why);
	free(self);
	free(title);
}

void admin_slot(struct call *call)
{
	struct slot slot;
	struct service service;

	if (!open_slot(call, call->match->args[0], &slot, &service))
		return;
	slot_show(call, &slot, &service, &(struct admin_sent){ .typed = NULL });
	service_release(&service);
}

/* A new capacity, or no more bookings, or bookings again. */
void admin_slot_post(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	const char *path = call->rq->path;
	bool sets_capacity = str_ends_with(path, "/capacity");
	struct slot_change change = {
		.by = &by,
		.sets_closed = !sets_capacity,
		.closed = str_ends_with(path, "/close"),
	};
	struct form typed;
	struct fields wrong = { .form = &typed };
	struct slot slot;
	struct service service;
	struct fault why;
	int r = STORE_NO_PLACE;

	if (!open_slot_sent(call, &slot, &service, &typed))
		return;
	if (sets_capacity)
		slot_form_capacity(&wrong, &change.capacity);
	if (wrong.error_count == 0) {
		change.slug = service.slug;
		r = store_slot_change(call->site->store, &slot, &change, &why);
		if (r == STORE_NO_PLACE)
			fields_fail(&wrong, "capacity", "capacity_booked",
				    slot.booked);
	}
	if (r < 0)
		fail_store(call, "a slot", &why);
	else if (r == STORE_CHANGED)
		admin_see(call, sets_capacity ? "slot_capacity" :
				change.closed ? "slot_closed" : "slot_opened",
			  "/admin/slots/%" PRId64, slot.id);
	else if (r == STORE_NO_PLACE)
		slot_show(call, &slot, &service,
			  &(struct admin_sent){ &typed, &wrong });
	else
		fail(call, FAIL_NO_SLOT);
	form_release(&typed);
	service_release(&service);
}

static void remove_ask(struct call *call, const struct slot *slot,
		       const struct service *service)
{
	char *back = alloc_printf("/admin/slots/%" PRId64, slot->id);
	char *self = alloc_printf("%s/remove", back);
	const struct admin_ask question = {
		.word = "slot_remove", .self = self, .action = self,
		.back = back, .what = service->name,
	};
	struct json_object *values = admin_ask(call, &question);

	page_put_service_own(call, values, service);
	page_put_when(call, values, "when", slot);
	put_flag(values, "on_services", true);
	admin_put_taken(call, values, slot->booked, slot->capacity);
	admin_ask_fact(values, page_text(call, "admin.slot.places"),
		       get_text(values, "taken"));
	page_send(call, 200, "admin_ask", values);
	free(self);
	free(back);
}

void admin_slot_remove(struct call *call)
{
	struct slot slot;
	struct service service;

	if (!open_slot(call, call->match->args[0], &slot, &service))
		return;
	if (slot.booked == 0)
		remove_ask(call, &slot, &service);
	else
		admin_see(call, "meanwhile", "/admin/slots/%" PRId64, slot.id);
	service_release(&service);
}

void admin_slot_remove_post(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct form typed;
	struct fields wrong = { .form = &typed };
	struct slot slot;
	struct service service;
	struct fault why;
	int r;

	if (!open_slot_sent(call, &slot, &service, &typed))
		return;

	const struct slot_change change = { .slug = service.slug, .by = &by };

	r = store_slot_remove(call->site->store, &slot, &change, &why);
	if (r == STORE_CHANGED) {
		admin_see(call, "slot_removed", "/admin/services/%s/slots",
			  service.slug);
	} else if (r < 0) {
		fail_store(call, "a slot", &why);
	} else {
		fields_fail(&wrong, "remove", "slot_in_use", 0);
		slot_show(call, &slot, &service,
			  &(struct admin_sent){ .wrong = &wrong });
	}
	form_release(&typed);
	service_release(&service);
}
