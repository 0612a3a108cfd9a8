/* SPDX-License-Identifier: MIT */
/* Slots for organisers' programs: listed, added, planned, changed, removed. */
#include "config.h"

#include "api/api.h"

#include "actions/json.h"
#include "actions/span.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "base/ticks.h"
#include "domain/plan.h"
#include "domain/slot.h"
#include "domain/zone.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/routes.h"
#include "json/put.h"
#include "store/plan.h"
#include "store/slot.h"
#include "store/stock.h"

#include <stdlib.h>

#define SLOTS_MAX 1000		/* of one answer */

static void send_slots(struct call *call, int status,
		       const struct slots *slots, bool complete)
{
	struct json_object *doc = put_new();
	struct json_object *list = put_list(doc, "slots");

	for (size_t i = 0; i < slots->count; i++)
		put_append(list, slot_json(&slots->list[i]));
	put_flag(doc, "complete", complete);
	reply_json(call->rp, status, doc);
}

/* ---- the list --------------------------------------------------------- */

void api_admin_slots(struct call *call)
{
	struct fields wrong = { .form = &call->rq->query };
	struct span span = { .from_s = wall_ms() / 1000,
			     .until_s = SPAN_EVER_S, .max = SLOTS_MAX };
	struct service service;
	struct slots slots;
	struct fault why;

	if (!open_service(call, &service))
		return;
	span.service_id = service.id;
	span_days(&wrong, service.zone, &span);
	if (wrong.error_count > 0) {
		fail_fields(call, &wrong);
	} else if (store_slots(call->site->store, &span, &slots, &why) < 0) {
		fail_store(call, "slots", &why);
	} else {
		send_slots(call, 200, &slots, slots.count < SLOTS_MAX);
		free(slots.list);
	}
	service_release(&service);
}

/* ---- new ones --------------------------------------------------------- */

static void add(struct call *call, const struct service *service,
		struct slot_form *form)
{
	const struct store_actor by = admin_actor(call);
	const struct slots_offer offer = {
		service, slot_row_make(form, service), &by,
	};
	struct fault why;
	size_t there;
	int r = store_offer_slots(call->site->store, &offer, &there, &why);

	if (r < 0) {
		fail_store(call, "slots", &why);
	} else if (r == 0) {
		fields_fail(&form->fields, "starts_at", "time_there", 0);
		fail_fields(call, &form->fields);
	} else {
		send_slots(call, 201, &offer.slots, true);
	}
	free(offer.slots.list);
}

void api_admin_slots_add(struct call *call)
{
	struct slot_form read;
	struct service service;
	struct form form;

	if (!open_service_sent(call, &service, &form))
		return;
	slot_form_read(&form, service.zone, wall_ms() / 1000, &read);
	if (read.fields.error_count > 0)
		fail_fields(call, &read.fields);
	else
		add(call, &service, &read);
	form_release(&form);
	service_release(&service);
}

static void plan(struct call *call, const struct service *service,
		 struct plan_form *form)
{
	const struct store_actor by = admin_actor(call);
	struct slot_plan plan;
	const struct plan_offer offer = { service, &plan, &by };
	struct fault why;

	if (slot_plan_make(form, service->zone, &plan) < 0)
		fail_fields(call, &form->fields);
	else if (store_plan_add(call->site->store, &offer, &why) < 0)
		fail_store(call, "slots", &why);
	else
		reply_json(call->rp, 200, plan_json(&plan));
	slot_plan_release(&plan);
}

void api_admin_slots_plan(struct call *call)
{
	struct plan_form read;
	struct service service;
	struct form form;

	if (!open_service_sent(call, &service, &form))
		return;
	plan_form_read(&form, zone_today(service.zone, wall_ms() / 1000),
		       &read);
	if (read.fields.error_count > 0)
		fail_fields(call, &read.fields);
	else
		plan(call, &service, &read);
	form_release(&form);
	service_release(&service);
}

/* ---- one that is there ------------------------------------------------ */

void api_admin_slot(struct call *call)
{
	struct slot slot;
	struct service service;

	if (!open_slot(call, call->match->args[0], &slot, &service))
		return;
	reply_json(call->rp, 200, slot_json(&slot));
	service_release(&service);
}

/* Reads what is given; what is wrong goes into *wrong. */
static struct slot_change change_read(struct fields *wrong)
{
	struct slot_change change = { .capacity = 0 };
	const char *text;

	change.sets_closed = fields_flag(wrong, "closed", &change.closed);
	if (!change.sets_closed ||
	    form_get(wrong->form, "capacity", &text) != FORM_ABSENT)
		slot_form_capacity(wrong, &change.capacity);
	return change;
}

void api_admin_slot_change(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct slot_change change;
	struct form form;
	struct fields wrong = { .form = &form };
	struct service service;
	struct slot slot;
	struct fault why;
	int r = STORE_NO_PLACE;

	if (!open_slot_sent(call, &slot, &service, &form))
		return;
	change = change_read(&wrong);
	change.slug = service.slug;
	change.by = &by;
	if (wrong.error_count == 0) {
		r = store_slot_change(call->site->store, &slot, &change, &why);
		if (r == STORE_NO_PLACE)
			fields_fail(&wrong, "capacity", "capacity_booked",
				    slot.booked);
	}
	if (r < 0)
		fail_store(call, "a slot", &why);
	else if (r == STORE_NO_PLACE)
		fail_fields(call, &wrong);
	else if (r == STORE_CHANGED)
		reply_json(call->rp, 200, slot_json(&slot));
	else
		fail(call, FAIL_NOT_FOUND);
	form_release(&form);
	service_release(&service);
}

void api_admin_slot_remove(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct service service;
	struct slot slot;
	struct fault why;
	int r;

	if (!open_slot(call, call->match->args[0], &slot, &service))
		return;

	const struct slot_change change = { .slug = service.slug, .by = &by };

	r = store_slot_remove(call->site->store, &slot, &change, &why);
	if (r < 0)
		fail_store(call, "a slot", &why);
	else if (r == STORE_CHANGED)
		reply_json(call->rp, 200, slot_json(&slot));
	else
		fail(call, FAIL_IN_USE);
	service_release(&service);
}
