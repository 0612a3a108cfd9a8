/* SPDX-License-Identifier: MIT */
/* bookctl slots: lists, adds and plans them. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/json.h"
#include "base/str.h"
#include "base/ticks.h"
#include "cli/progress.h"
#include "domain/plan.h"
#include "domain/slot.h"
#include "domain/zone.h"
#include "form/form.h"
#include "json/get.h"
#include "json/put.h"
#include "store/plan.h"
#include "store/slot.h"
#include "store/stock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define LIST_MAX 10000

/* ---- list ------------------------------------------------------------- */

static void print_slot(struct json_object *row)
{
	printf("%s %s %s %s of %s%s\n", ctl_text(row, "id"),
	       ctl_text(row, "starts_at"), ctl_text(row, "time_zone"),
	       ctl_text(row, "booked"), ctl_text(row, "capacity"),
	       get_flag(row, "closed") ? " closed" : "");
}

static struct json_object *slots_json(const struct slots *slots)
{
	struct json_object *all = put_new_list();

	for (size_t i = 0; i < slots->count; i++)
		put_append(all, slot_json(&slots->list[i]));
	return all;
}

/* The day that clocks in its zone show now, and all that follow. */
static struct span today(const struct service *service)
{
	int64_t now_s = wall_ms() / 1000;
	struct tm day;

	(void)zone_local(service->zone, now_s, &day, NULL);
	return (struct span){
		.service_id = service->id,
		.from_s = zone_day_begin(service->zone, &day),
		.until_s = SPAN_EVER_S,
		.max = LIST_MAX,
	};
}

int ctl_slots_list(struct ctl *ctl, struct fault *why)
{
	struct service service;
	struct slots slots = { NULL, 0 };
	struct span span;
	int r;

	if (ctl_service_find(ctl, cli_text(ctl->call, "service"), &service,
			     why) < 0)
		return CLI_BY_FAULT;
	span = today(&service);
	r = ctl_span(ctl, service.zone, &span, why);
	if (r == 0)
		r = store_slots(ctl->store, &span, &slots, why);
	if (r >= 0)
		r = ctl_tell(ctl, slots_json(&slots), print_slot);
	free(slots.list);
	service_release(&service);
	return r;
}

/* ---- add -------------------------------------------------------------- */

static const struct ctl_field add_options[] = {
	{ "start", "starts_at", false },
	{ "capacity", "capacity", false },
	{ "duration", "minutes", true },
	{ "count", "count", false },
	{ .option = NULL },
};

static void print_id(struct json_object *slot)
{
	puts(ctl_text(slot, "id"));
}

static int add_all(struct ctl *ctl, const struct slot_form *form,
		   const struct service *service, struct fault *why)
{
	const struct slots_offer offer = {
		service, slot_row_make(form, service), &ctl->by,
	};
	size_t there;
	int r = store_offer_slots(ctl->store, &offer, &there, why);

	if (r == 0)
		r = fault_set(why, FAULT_REJECT, "the service has a slot at "
			      "that time already, number %zu of %zu; none was "
			      "added", there + 1, offer.slots.count);
	else if (r > 0)
		r = ctl_tell(ctl, slots_json(&offer.slots), print_id);
	free(offer.slots.list);
	return r;
}

int ctl_slots_add(struct ctl *ctl, struct fault *why)
{
	struct slot_form read;
	struct service service;
	struct form form;
	int r;

	if (ctl_service_find(ctl, cli_text(ctl->call, "service"), &service,
			     why) < 0)
		return CLI_BY_FAULT;
	r = ctl_form(ctl, add_options, &form, why);
	if (r == 0) {
		/* What is over may be written down, too. */
		slot_form_read(&form, service.zone, 0, &read);
		form_release(&form);
		r = read.fields.error_count > 0 ?
			ctl_refuse(ctl, add_options, &read.fields, why) :
			add_all(ctl, &read, &service, why);
	}
	service_release(&service);
	return r;
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
	{ .option = NULL },
};

static int plan_run(struct ctl *ctl, struct plan_form *form,
		    const struct plan_offer *offer, struct fault *why)
{
	if (slot_plan_make(form, offer->service->zone, offer->plan) < 0)
		return ctl_refuse(ctl, generate_options, &form->fields, why);
	ctl_watch(ctl, "slots", false);

	int r = store_plan_add(ctl->store, offer, why);

	cli_progress_end();
	return r;
}

static void print_plan(struct json_object *plan)
{
	printf("added: %s; there already: %s; left out by the clocks: %s\n",
	       ctl_text(plan, "added"), ctl_text(plan, "there"),
	       ctl_text(plan, "skipped"));
}

/* 0, or -1 with *why. */
static int plan_read(struct ctl *ctl, struct plan_form *out, struct fault *why)
{
	struct form form;

	if (ctl_form(ctl, generate_options, &form, why) < 0)
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
	return ctl_refuse(ctl, generate_options, &out->fields, why);
}

int ctl_slots_generate(struct ctl *ctl, struct fault *why)
{
	struct slot_plan plan = { .count = 0 };
	struct plan_form form;
	struct service service;
	const struct plan_offer offer = { &service, &plan, &ctl->by };
	int r;

	if (plan_read(ctl, &form, why) < 0 ||
	    ctl_service_find(ctl, cli_text(ctl->call, "service"), &service,
			     why) < 0)
		return CLI_BY_FAULT;
	r = plan_run(ctl, &form, &offer, why);
	if (r >= 0)
		r = ctl_tell(ctl, plan_json(&plan), print_plan);
	slot_plan_release(&plan);
	service_release(&service);
	return r;
}

/* ---- one that is there ------------------------------------------------ */

int ctl_slot_find(struct ctl *ctl, const char *text, struct ctl_slot *out,
		  struct fault *why)
{
	int found = 0;

	if (str_to_int(text, 1, INT64_MAX, &out->slot.id))
		found = store_slot(ctl->store, &out->slot, &out->service, why);
	if (found == 0)
		return fault_set(why, FAULT_REJECT, "there is no slot %s",
				 text);
	return found < 0 ? -1 : 0;
}

/* capacity, close and open. */
int ctl_slots_change(struct ctl *ctl, struct fault *why)
{
	const char *number = ctl->call->words[0];
	const char *places = cli_text(ctl->call, "capacity");
	struct slot_change change = {
		.by = &ctl->by,
		.sets_closed = !places,
		.closed = strcmp(ctl->call->command->name, "slots close") == 0,
	};
	struct ctl_slot found;
	int r;

	if (places &&
	    !str_to_int(places, 1, SLOT_CAPACITY_MAX, &change.capacity))
		return EX_USAGE;
	if (ctl_slot_find(ctl, number, &found, why) < 0)
		return CLI_BY_FAULT;
	change.slug = found.service.slug;
	r = store_slot_change(ctl->store, &found.slot, &change, why);
	service_release(&found.service);
	if (r == STORE_CHANGED)
		return ctl_tell(ctl, slot_json(&found.slot), print_slot);
	if (r == STORE_NO_PLACE)
		(void)fault_set(why, FAULT_REJECT, "%" PRId64 " places are "
				"taken: it cannot be fewer", found.slot.booked);
	else if (r == STORE_MEANWHILE)
		(void)fault_set(why, FAULT_REJECT, "there is no slot %s",
				number);
	return CLI_BY_FAULT;
}

int ctl_slots_remove(struct ctl *ctl, struct fault *why)
{
	struct ctl_slot found;
	int r;

	if (ctl_slot_find(ctl, ctl->call->words[0], &found, why) < 0)
		return CLI_BY_FAULT;

	const struct slot_change change = { .slug = found.service.slug,
					    .by = &ctl->by };

	r = store_slot_remove(ctl->store, &found.slot, &change, why);
	service_release(&found.service);
	if (r == STORE_CHANGED)
		return ctl_tell(ctl, slot_json(&found.slot), print_slot);
	if (r == STORE_NO_PLACE)
		(void)fault_set(why, FAULT_REJECT, "somebody booked the slot, "
				"or waits for it: close it instead");
	return CLI_BY_FAULT;
}
