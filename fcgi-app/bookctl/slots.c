/* SPDX-License-Identifier: MIT */
/* bookctl slots: lists, adds and plans them. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/json.h"
#include "actions/span.h"
#include "base/str.h"
#include "base/ticks.h"
#include "domain/plan.h"
#include "domain/slot.h"
#include "domain/zone.h"
#include "http/form.h"
#include "store/plan.h"
#include "store/slot.h"
#include "store/stock.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define LIST_MAX 10000

/* ---- list ------------------------------------------------------------- */

static void print_slot(struct json_object *row)
{
	static const char *const names[] = {
		"id", "starts_at", "time_zone", "booked", "capacity",
	};
	const char *texts[ARRAY_COUNT(names)];
	bool closed = json_object_get_boolean(
		json_object_object_get(row, "closed"));

	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		texts[i] = json_object_get_string(
			json_object_object_get(row, names[i]));
	printf("%s %s %s %s of %s%s\n", texts[0], texts[1], texts[2], texts[3],
	       texts[4], closed ? " closed" : "");
}

/* The day that clocks in the zone show now, and all that follow. */
static struct span today(const char *zone)
{
	int64_t now_s = wall_ms() / 1000;
	struct tm day;

	(void)zone_local(zone, now_s, &day, NULL);
	return (struct span){
		.from_s = zone_day_begin(zone, &day),
		.until_s = SPAN_EVER_S,
	};
}

int ctl_slots_list(struct ctl *ctl, struct fault *why)
{
	struct service service;
	struct slot *slots = NULL;
	size_t count = 0;
	struct span span;
	struct json_object *all;

	if (ctl_service_find(ctl, cli_text(ctl->call, "service"), &service,
			     why) < 0)
		return ctl_status(why);
	span = today(service.zone);
	if (ctl_span(ctl, service.zone, &span, why) < 0 ||
	    store_slots(ctl->store, service.id, span.from_s, span.until_s,
			false, LIST_MAX, &slots, &count, why) < 0) {
		service_release(&service);
		return ctl_status(why);
	}
	all = json_object_new_array();
	must(all != NULL);
	for (size_t i = 0; i < count; i++)
		must(json_object_array_add(all, slot_json(&slots[i])) ==
		     0);
	free(slots);
	service_release(&service);
	if (cli_flag(ctl->call, "json"))
		return ctl_print_json(all, why);
	for (size_t i = 0; i < count; i++)
		print_slot(json_object_array_get_idx(all, i));
	json_object_put(all);
	return EX_OK;
}

/* ---- add -------------------------------------------------------------- */

static const struct ctl_field add_options[] = {
	{ "start", "starts_at", false },
	{ "capacity", "capacity", false },
	{ "duration", "minutes", true },
	{ "count", "count", false },
};

#define ADD_OPTIONS ARRAY_COUNT(add_options)

static int print_added(const struct slot *slots, size_t count, bool json,
		       struct fault *why)
{
	struct json_object *all;

	if (!json) {
		for (size_t i = 0; i < count; i++)
			printf("%" PRId64 "\n", slots[i].id);
		return EX_OK;
	}
	all = json_object_new_array();
	must(all != NULL);
	for (size_t i = 0; i < count; i++)
		must(json_object_array_add(all, slot_json(&slots[i])) ==
		     0);
	return ctl_print_json(all, why);
}

static int add_all(struct ctl *ctl, const struct slot_form *form,
		   const struct service *service, bool json,
		   struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	struct slot *slots = slot_row_make(form, service);
	size_t count = (size_t)form->times;
	size_t there;
	int status;
	int r = store_offer_slots(ctl->store, service, slots, count, &by,
				  &there, why);

	if (r == 0)
		r = fault_set(why, FAULT_REJECT, "the service has a slot at "
			      "that time already, number %zu of %zu; none was "
			      "added", there + 1, count);
	status = r < 0 ? ctl_status(why) :
			 print_added(slots, count, json, why);
	free(slots);
	return status;
}

int ctl_slots_add(struct ctl *ctl, struct fault *why)
{
	struct slot_form read;
	struct service service;
	struct form form;
	int status;

	if (ctl_service_find(ctl, cli_text(ctl->call, "service"), &service,
			     why) < 0)
		return ctl_status(why);
	if (ctl_form(ctl, add_options, ADD_OPTIONS, &form, why) < 0) {
		service_release(&service);
		return ctl_status(why);
	}
	/* What is over may be written down, too. */
	slot_form_read(&form, service.zone, 0, &read);
	form_release(&form);
	if (read.fields.error_count > 0) {
		(void)ctl_refuse(ctl, add_options, ADD_OPTIONS, &read.fields,
				 why);
		status = ctl_status(why);
	} else {
		status = add_all(ctl, &read, &service,
				 cli_flag(ctl->call, "json"), why);
	}
	service_release(&service);
	return status;
}

/* ---- generate --------------------------------------------------------- */

static const struct ctl_field generate_options[] = {
	{ "from", "from", false },
	{ "until", "until", false },
	{ "hours", "hours", false },
	{ "closed", "closed", false },
	{ "minutes", "minutes", false },
	{ "capacity", "capacity", false },
	{ "dry-run", "dry_run", false },
};

#define GENERATE_OPTIONS ARRAY_COUNT(generate_options)

static int plan_run(struct ctl *ctl, struct plan_form *form,
		    const struct service *service, struct slot_plan *plan,
		    struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };

	if (slot_plan_make(form, service->zone, plan) < 0)
		return ctl_refuse(ctl, generate_options, GENERATE_OPTIONS,
				  &form->fields, why);
	return store_plan_add(ctl->store, service, plan, &by, why);
}

static int plan_print(const struct slot_plan *plan, bool json,
		      struct fault *why)
{
	if (json)
		return ctl_print_json(plan_json(plan), why);
	printf("added: %zu; there already: %zu; left out by the clocks: %zu\n",
	       slot_plan_count(plan, SLOT_NEW),
	       slot_plan_count(plan, SLOT_THERE),
	       slot_plan_count(plan, SLOT_SKIPPED));
	return EX_OK;
}

/* 0, or -1 with *why. */
static int plan_read(struct ctl *ctl, struct plan_form *out, struct fault *why)
{
	struct form form;

	if (ctl_form(ctl, generate_options, GENERATE_OPTIONS, &form, why) < 0)
		return -1;
	plan_form_read(&form, 0, out);
	form_release(&form);
	if (out->fields.error_count == 0)
		return 0;
	/* The word that is wrong says more than the sentence. */
	if (out->fields.error_count == 1 && out->why.class != FAULT_NONE) {
		*why = out->why;
		return -1;
	}
	return ctl_refuse(ctl, generate_options, GENERATE_OPTIONS,
			  &out->fields, why);
}

int ctl_slots_generate(struct ctl *ctl, struct fault *why)
{
	struct slot_plan plan = { .count = 0 };
	struct plan_form form;
	struct service service;
	int status;

	if (plan_read(ctl, &form, why) < 0 ||
	    ctl_service_find(ctl, cli_text(ctl->call, "service"), &service,
			     why) < 0)
		return ctl_status(why);
	status = plan_run(ctl, &form, &service, &plan, why) < 0 ?
			 ctl_status(why) :
			 plan_print(&plan, cli_flag(ctl->call, "json"), why);
	slot_plan_release(&plan);
	service_release(&service);
	return status;
}

/* ---- one that is there ------------------------------------------------ */

/* Reads the slot of a number; 0, or -1 with *why. */
static int slot_find(struct ctl *ctl, const char *text, struct slot *slot,
		     struct service *service, struct fault *why)
{
	int64_t id;
	int found = 0;

	if (str_to_int(text, 1, INT64_MAX, &id))
		found = store_slot(ctl->store, id, true, slot, service, why);
	if (found == 0)
		return fault_set(why, FAULT_REJECT, "there is no slot %s",
				 text);
	return found < 0 ? -1 : 0;
}

static int slot_print(const struct slot *slot, bool json, struct fault *why)
{
	struct json_object *row = slot_json(slot);

	if (json)
		return ctl_print_json(row, why);
	print_slot(row);
	json_object_put(row);
	return EX_OK;
}

/* capacity, close and open. */
int ctl_slots_change(struct ctl *ctl, struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	const char *number = ctl->call->words[0];
	const char *places = cli_text(ctl->call, "capacity");
	struct slot_change change = {
		.sets_closed = !places,
		.closed = strcmp(ctl->call->command->name, "slots close") == 0,
	};
	struct service service;
	struct slot slot;
	int r;

	if (places &&
	    !str_to_int(places, 1, SLOT_CAPACITY_MAX, &change.capacity))
		return EX_USAGE;
	if (slot_find(ctl, number, &slot, &service, why) < 0)
		return ctl_status(why);
	r = store_slot_change(ctl->store, &slot, service.slug, &change, &by,
			      why);
	service_release(&service);
	if (r == STORE_CHANGED)
		return slot_print(&slot, cli_flag(ctl->call, "json"), why);
	if (r == STORE_NO_PLACE)
		(void)fault_set(why, FAULT_REJECT, "%" PRId64 " places are "
				"taken: it cannot be fewer", slot.booked);
	else if (r == STORE_MEANWHILE)
		(void)fault_set(why, FAULT_REJECT, "there is no slot %s",
				number);
	return ctl_status(why);
}

int ctl_slots_remove(struct ctl *ctl, struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	struct service service;
	struct slot slot;
	int r;

	if (slot_find(ctl, ctl->call->words[0], &slot, &service, why) < 0)
		return ctl_status(why);
	r = store_slot_remove(ctl->store, &slot, service.slug, &by, why);
	service_release(&service);
	if (r == STORE_CHANGED)
		return slot_print(&slot, cli_flag(ctl->call, "json"), why);
	if (r == STORE_NO_PLACE)
		(void)fault_set(why, FAULT_REJECT, "somebody booked the slot, "
				"or waits for it: close it instead");
	return ctl_status(why);
}
