/* SPDX-License-Identifier: MIT */
/* New slots: a single one, or those of weekly opening hours, with a preview of
 * them first. */
#include "config.h"

#include "admin/admin.h"

#include "admin/form.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/ticks.h"
#include "domain/plan.h"
#include "domain/zone.h"
#include "form/form.h"
#include "json/put.h"
#include "store/plan.h"
#include "text/lang.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS "/admin/services/%s/slots"
#define DAY_S INT64_C(86400)
#define DAYS_SHOWN 400		/* of a plan */

struct part {
	const char *path;	/* below that of the slots */
	const char *title_key;
};

static struct json_object *begin_page(struct call *call,
				      const struct part *part,
				      const struct service *service,
				      bool wrong)
{
	const char *title_key = part->title_key;
	char *self = alloc_printf(SLOTS "%s", service->slug, part->path);
	char *title = alloc_printf("%s – %s",
				   page_text(call, "%s", wrong ?
					     "form.title_error" : title_key),
				   service->name);
	struct json_object *values = admin_page(call, self, title);

	put_text(values, "heading", page_text(call, "%s", title_key));
	put_text(values, "action", self);
	put_text(values, "done", "");
	put_flag(values, "on_services", true);
	page_put_service_own(call, values, service);
	free(self);
	free(title);
	return values;
}

/* ---- one -------------------------------------------------------------- */

static void slot_show(struct call *call, const struct service *service,
		      const struct form *typed, const struct fields *wrong)
{
	static const struct admin_input inputs[] = {
		{ "starts_at", "datetime-local", "", 0, true, false,
		  false, NULL },
		{ "minutes", "number", "30", 0, true, true, false, NULL },
		{ "capacity", "number", "1", 0, true, true, false, NULL },
	};
	static const struct part part = { "/new", "admin.slots.add" };
	struct json_object *values = begin_page(call, &part, service,
						wrong != NULL);
	struct admin_form f = admin_form_begin(call, values, typed, wrong);

	for (size_t i = 0; i < ARRAY_COUNT(inputs); i++)
		admin_form_input(&f, &inputs[i]);
	page_send(call, wrong ? 422 : 200, "admin_slot_new", values);
}

void admin_slot_new(struct call *call)
{
	struct service service;

	if (!open_service(call, &service))
		return;
	slot_show(call, &service, NULL, NULL);
	service_release(&service);
}

void admin_slot_new_post(struct call *call)
{
	struct form typed;
	const struct store_actor by = admin_actor(call);
	struct slot_form form;
	struct service service;
	struct fault why;
	size_t there;
	int r = 0;

	if (!open_service_sent(call, &service, &typed))
		return;
	slot_form_read(&typed, service.zone, wall_ms() / 1000, &form);
	if (form.fields.error_count == 0) {
		const struct slots_offer offer = {
			&service, slot_row_make(&form, &service), &by,
		};

		r = store_offer_slots(call->site->store, &offer, &there, &why);
		free(offer.slots.list);
		if (r == 0)
			fields_fail(&form.fields, "starts_at", "time_there",
				    0);
	}
	if (r < 0)
		fail_store(call, "a slot", &why);
	else if (r == 1)
		admin_see(call, "slot_added", SLOTS, service.slug);
	else
		slot_show(call, &service, &typed, &form.fields);
	form_release(&typed);
	service_release(&service);
}

/* ---- from opening hours ----------------------------------------------- */

static const char *const weekdays[] = {
	"hours_mon", "hours_tue", "hours_wed", "hours_thu", "hours_fri",
	"hours_sat", "hours_sun",
};

static void put_plan_fields(const struct admin_form *f)
{
	static const struct admin_input inputs[] = {
		{ "from", "date", "", 0, true, false, false, NULL },
		{ "until", "date", "", 0, true, false, false, NULL },
		{ "closed", NULL, "", 2000, false, false, false, NULL },
		{ "minutes", "number", "30", 0, true, true, false, NULL },
		{ "capacity", "number", "1", 0, true, true, false, NULL },
	};

	admin_form_input(f, &inputs[0]);
	admin_form_input(f, &inputs[1]);
	for (size_t i = 0; i < ARRAY_COUNT(weekdays); i++) {
		const struct admin_input day = { weekdays[i], "text", "", 200,
						 false, false, true, NULL };

		admin_form_input(f, &day);
	}
	for (size_t i = 2; i < ARRAY_COUNT(inputs); i++)
		admin_form_input(f, &inputs[i]);
}

/* "09:00", as clocks show it. */
static void put_clock(const struct call *call, struct json_object *row,
		      const char *name, int min)
{
	struct buf text = BUF_INIT;
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	tm.tm_hour = min / 60;
	tm.tm_min = min % 60;
	lang_time(call->lang, &tm, &text);
	put_text(row, name, text.data);
	buf_release(&text);
}

static void put_date(const struct call *call, struct json_object *row,
		     int64_t day)
{
	time_t noon = (time_t)(day * DAY_S + DAY_S / 2);
	struct buf text = BUF_INIT;
	struct tm tm;

	must(gmtime_r(&noon, &tm) != NULL);
	lang_date(call->lang, &tm, &text);
	put_text(row, "date", text.data);
	buf_release(&text);
}

/* Each day with its times, and what becomes of each. */
static void put_preview(const struct call *call, struct json_object *to,
			const struct slot_plan *plan)
{
	struct json_object *days = put_list(to, "days");
	struct json_object *times = NULL;
	int64_t last = -1;
	size_t shown = 0;

	for (size_t i = 0; i < plan->count && shown <= DAYS_SHOWN; i++) {
		const struct slot_plan_item *item = &plan->items[i];
		struct json_object *row;

		if (item->day != last) {
			if (++shown > DAYS_SHOWN)
				break;
			row = put_row(days);
			put_date(call, row, item->day);
			times = put_list(row, "times");
			last = item->day;
		}
		row = put_row(times);
		put_clock(call, row, "time", item->start_min);
		put_flag(row, "there", item->what == SLOT_THERE);
		put_flag(row, "skipped", item->what == SLOT_SKIPPED);
	}
	put_flag(to, "cut", shown > DAYS_SHOWN);
}

/* The form, and plan's slots (NULL = nothing was planned yet). */
static void plan_show(struct call *call, const struct service *service,
		      const struct admin_sent *sent,
		      const struct slot_plan *plan)
{
	static const struct part part = { "/plan", "admin.plan.title" };
	bool wrong = sent->wrong != NULL;
	struct json_object *values = begin_page(call, &part, service, wrong);
	struct admin_form f = admin_form_begin(call, values, sent->typed,
					       sent->wrong);

	put_plan_fields(&f);
	if (plan) {
		struct json_object *to = put_object(values, "plan");

		for (enum slot_planned what = 0; what < SLOT_PLANNED; what++) {
			const char *name = slot_planned_name(what);
			char *key = alloc_printf("admin.plan.%s", name);
			size_t n = slot_plan_count(plan, what);

			put_text(to, name, "");
			if (n > 0 || what == SLOT_NEW)
				put_value(to, name,
					  page_count(call, key, (int64_t)n));
			free(key);
		}
		put_flag(to, "some", slot_plan_count(plan, SLOT_NEW) > 0);
		put_preview(call, to, plan);
	}
	page_send(call, wrong ? 422 : 200, "admin_plan", values);
}

void admin_plan(struct call *call)
{
	struct service service;

	if (!open_service(call, &service))
		return;
	plan_show(call, &service, &(struct admin_sent){ .typed = NULL }, NULL);
	service_release(&service);
}

/* Previews or adds; answers either way. */
static void plan_run(struct call *call, const struct service *service,
		     const struct form *typed, struct plan_form *form)
{
	struct admin_sent sent = { .typed = typed };
	const struct store_actor by = admin_actor(call);
	struct slot_plan plan;
	const struct plan_offer offer = { service, &plan, &by };
	struct fault why;

	if (slot_plan_make(form, service->zone, &plan) < 0) {
		sent.wrong = &form->fields;
		plan_show(call, service, &sent, NULL);
	} else if (store_plan_add(call->site->store, &offer, &why) < 0)
		fail_store(call, "slots", &why);
	else if (form->dry)
		plan_show(call, service, &sent, &plan);
	else
		admin_see(call, "slots_added", SLOTS, service->slug);
	slot_plan_release(&plan);
}

void admin_plan_post(struct call *call)
{
	struct form typed;
	struct plan_form form;
	struct service service;

	if (!open_service_sent(call, &service, &typed))
		return;
	plan_form_read(&typed, zone_today(service.zone, wall_ms() / 1000),
		       &form);
	if (form.fields.error_count > 0)
		plan_show(call, &service,
			  &(struct admin_sent){ &typed, &form.fields }, NULL);
	else
		plan_run(call, &service, &typed, &form);
	form_release(&typed);
	service_release(&service);
}
