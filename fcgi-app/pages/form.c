/* SPDX-License-Identifier: MIT */
/* Shows the booking form, and loads the slot of one that came back. */
#include "config.h"

#include "pages/form.h"

#include "actions/reserve.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "domain/question.h"
#include "domain/words.h"
#include "form/form.h"
#include "json/put.h"
#include "pages/questions.h"
#include "store/questions.h"
#include "store/service.h"
#include "store/slot.h"
#include "text/lang.h"

#include <stdlib.h>

/* A hidden field cannot be linked to. */
static bool is_shown(const struct pages_form *page, const char *field)
{
	if (strcmp(field, "key") == 0)
		return false;
	if (strcmp(field, "slot") == 0)
		return page->other_count > 0;
	if (strcmp(field, "seats") == 0)
		return page->slot == NULL || page->slot->capacity > 1;
	if (strcmp(field, "notes") == 0)
		return !page->waiting;
	return strcmp(field, ANSWERS_FIELD) != 0;
}

/* Adds each error twice: to the list above the form, and beside its field. */
static void put_errors(const struct call *call, struct json_object *values,
		       const struct pages_form *page)
{
	const struct fields *wrong = &page->checked->fields;
	struct json_object *beside = put_object(values, "error");
	struct json_object *list = put_list(values, "errors");

	for (size_t i = 0; i < wrong->error_count; i++) {
		const struct field_error *e = &wrong->errors[i];
		struct json_object *row = put_row(list);

		page_put_answer_error(call, row, page->service, e);
		page_put_error(call, beside, e->field, e);
		if (is_shown(page, e->field))
			put_text(row, "field", e->field);
	}
	put_flag(values, "wrong", wrong->error_count > 0);
}

/* The fields' contents. */
static void put_typed(struct json_object *values, const struct form *f)
{
	static const char *const fields[] = { "name", "email", "seats",
					      "notes" };
	struct json_object *typed = put_object(values, "typed");
	const char *seats;

	for (size_t i = 0; i < ARRAY_COUNT(fields); i++)
		put_text(typed, fields[i],
			 f != NULL ? form_text(f, fields[i]) : "");
	/* A field that was not shown has its default. */
	if (f == NULL || form_get(f, "seats", &seats) == FORM_ABSENT)
		seats = "1";
	put_text(typed, "seats", seats);
	put_text(typed, "seats_type", page_input_type("number", seats));
}

/* Whoever waits is asked when a place is kept for them: until then the answers
 * would be data for nothing. */
static void put_asked(const struct call *call, struct json_object *values,
		      const struct pages_form *page)
{
	const struct page_questions asked = {
		.service = page->waiting ? NULL : page->service,
		.typed = page->typed,
		.wrong = page->checked ? &page->checked->fields : NULL,
		.many = page->slot == NULL || page->slot->capacity > 1,
		.seats = page->checked && page->checked->seats > 1 ?
			 page->checked->seats : 0,
	};

	page_put_questions(call, values, &asked);
	page_put_typed_answers(call, values, asked.service, page->typed);
}

/* Until when it could be changed, before anybody commits to it. */
static void put_notice(const struct call *call, struct json_object *values,
		       const struct pages_form *page)
{
	struct slot until = *page->slot;

	until.starts_at_s -= page->service->notice_min * 60;
	if (page->waiting || page->other_count > 0 ||
	    page->service->notice_min == 0)
		return;
	if (until.starts_at_s > wall_ms() / 1000)
		page_put_when(call, values, "until", &until);
	else
		put_flag(values, "fixed", true);
}

/* How many may be asked for, of those that are free. */
static int64_t seats_most(const struct call *call, const struct slot *slot,
			  int64_t free_seats)
{
	int64_t most = call->site->conf.seats_max;
	int64_t there = free_seats > 0 ? free_seats : slot->capacity;

	return most > 0 && most < there ? most : there;
}

/* Adds the slot's number (even if the slot could not be read), and times. */
static void put_slot(const struct call *call, struct json_object *values,
		     const struct pages_form *page)
{
	const struct slot *slot = page->slot;
	int64_t free_seats = 0;

	if (slot == NULL) {
		if (page->checked != NULL && page->checked->slot_id > 0)
			put_int(values, "slot", page->checked->slot_id);
		/* If unknown, it is asked for, not left out. */
		put_flag(values, "many", true);
		put_int(values, "seats_max", BOOKING_SEATS_MAX);
		if (page->service != NULL)
			page_put_service(call, values, page->service);
		return;
	}
	/* Those of a closed slot are not taken, but nobody can have them. */
	free_seats = slot->closed ? 0 : slot->capacity - slot->booked;
	put_int(values, "slot", slot->id);
	put_flag(values, "many", slot->capacity > 1);
	put_int(values, "seats_max", seats_most(call, slot, free_seats));
	if (slot->capacity > 1 && free_seats > 0)
		put_value(values, "free", page_count(call, "free", free_seats));
	page_put_when(call, values, "when", slot);
	page_put_service(call, values, page->service);
	put_notice(call, values, page);
}

static const char *title_of(struct call *call, const struct pages_form *page)
{
	if (page->kind == FAIL_FIELDS)
		return page_text(call, "form.title_error");
	if (page->kind != FAIL_NONE)
		return fail_title(call, page->kind);
	return page_text(call, page->waiting ? "wait.title" : "form.title");
}

/* Says why the form comes back.  Returns the answer's status. */
static int put_alert(struct call *call, struct json_object *values,
		     const struct pages_form *page)
{
	struct json_object *alert;

	if (page->kind == FAIL_NONE)
		return 200;
	alert = put_object(values, "alert");
	put_text(alert, "title", title_of(call, page));
	if (page->kind != FAIL_FIELDS)
		put_text(alert, "detail", fail_detail(call, page->kind));
	fail_headers(call, page->kind);
	return fail_status(page->kind);
}

/* The other times to choose from. */
static void put_choice(const struct call *call, struct json_object *values,
		       const struct pages_form *page)
{
	const struct page_slots list = {
		page->others, page->other_count, page->service->slug,
		page->slot != NULL ? page->slot->zone : page->service->zone,
	};

	page_put_slots(call, put_object(values, "choice"), &list);
	/* Without a slot to go back to, whoever chooses none sees the first. */
	if (page->choose)
		put_int(values, "slot", page->others[0].id);
}

static char *self_of(const struct pages_form *page)
{
	if (page->slot != NULL)
		return alloc_printf("/s/%s/%lld", page->service->slug,
				    (long long)page->slot->id);
	return page->choose ? alloc_printf("/s/%s", page->service->slug) :
			      alloc_text("/");
}

static void show(struct call *call, const struct pages_form *page)
{
	char *self = self_of(page);
	char *title = page->service == NULL ?
		alloc_text(title_of(call, page)) :
		alloc_printf("%s – %s", title_of(call, page),
			     service_say(page->service,
					 lang_tag(call->lang)).name);
	char *wait = alloc_printf("%s/wait", self);
	struct json_object *values = page_new(call, page->waiting ? wait : self,
					      title);
	int status = put_alert(call, values, page);

	free(self);
	free(title);
	put_slot(call, values, page);
	put_typed(values, page->typed);
	put_asked(call, values, page);
	put_text(values, "key", page->key ? page->key : "");
	put_flag(values, "waiting", page->waiting);
	put_flag(values, "confirm", !page->waiting && page->service != NULL &&
				    page->service->confirm_min > 0);
	put_text(values, "next", page->next ? page->next : "");
	if (page->waiting || page->action != NULL)
		put_text(values, "action", page->waiting ? wait :
							   page->action);
	else
		put_format(values, "action", "/bookings%s", call->site->cell);
	put_text(values, "submit",
		 page_text(call, page->waiting ? "wait.submit" :
						 "form.submit"));
	if (page->checked != NULL)
		put_errors(call, values, page);
	if (page->other_count > 0)
		put_choice(call, values, page);
	/* A time that is gone cannot be asked for again. */
	bool gone = (page->kind == FAIL_FULL || page->kind == FAIL_BEGUN ||
		     page->kind == FAIL_NO_SLOT || page->choose) &&
		    page->other_count == 0;

	put_flag(values, "gone", gone);
	put_flag(values, "kept", gone && page->typed != NULL);
	/* Another language keeps what was typed; a form of another site goes
	 * to a handler that knows nothing of it. */
	put_flag(values, "keeps", !gone && page->action == NULL);
	/* Whoever wants more seats than are left would be sent back here. */
	if (page->kind == FAIL_FULL && page->slot != NULL &&
	    page->slot->booked >= page->slot->capacity)
		put_text(values, "wait", wait);
	free(wait);
	page_send(call, status, "form", values);
}

/* Must another time be chosen? */
static bool is_to_choose(const struct pages_form *page)
{
	if (page->slot == NULL || page->waiting)
		return false;
	return page->kind == FAIL_FULL || page->kind == FAIL_BEGUN ||
	       page->kind == FAIL_NO_SLOT ||
	       (page->checked != NULL &&
		fields_error(&page->checked->fields, "slot") != NULL);
}

void pages_form_show(struct call *call, const struct pages_form *page)
{
	struct fault why;
	struct pages_form whole = *page;	/* borrows */
	struct slot now = { .starts_at_s = wall_ms() / 1000 };
	struct slot *others = NULL;
	struct slot fresh;
	struct service service;
	bool lost = page->kind == FAIL_NO_SLOT && page->slot == NULL &&
		    store_service_by_slug(call->site->store,
					  form_text(page->typed, "service"),
					  &service, &why) == 1;

	/* What it asks is shown with what was typed, if it can be read. */
	if (lost && store_service_questions(call->site->store, &service,
					    &why) < 0)
		log_warning("could not read questions why=\"%s\"", why.text);
	if (lost)
		whole.service = &service;
	if (lost || page->choose)
		now.service_id = whole.service->id;
	/* What was remembered of it has room, or is ahead, perhaps. */
	if ((page->kind == FAIL_FULL || page->kind == FAIL_BEGUN) &&
	    page->slot != NULL) {
		fresh.id = page->slot->id;
		if (store_slot(call->site->store, &fresh, NULL, &why) == 1)
			whole.slot = &fresh;
	}
	if (now.service_id != 0 || is_to_choose(page))
		whole.other_count = reserve_nearest(
			call, now.service_id != 0 ? &now : whole.slot, &others);
	whole.others = others;
	show(call, &whole);
	if (lost)
		service_release(&service);
	free(others);
}

struct reserve_order pages_posted_order(struct pages_posted *p,
					const uint8_t *key)
{
	return (struct reserve_order){
		.form = &p->form,
		.b = &p->checked,
		.slot = &p->slot,
		.service = &p->service,
		.seats_max = p->seats_max,
		.key = key,
		.again = *form_text(&p->form, "again") != '\0',
	};
}

enum fail_kind pages_posted_load(struct call *call, struct pages_posted *p)
{
	struct fault why;
	int64_t id = p->checked.slot_id;

	if (id == 0 && !str_to_int(form_text(&p->form, "instead_of"), 1,
				   INT64_MAX, &id))
		return FAIL_FIELDS;
	p->seats_max = call->site->conf.seats_max;

	const struct reserve_order order = pages_posted_order(p, NULL);

	p->slot.id = id;

	int found = reserve_check(call->site->store, &order, &why);

	if (found < 0) {
		log_warning("could not read a slot why=\"%s\"", why.text);
		return fail_of_fault(&why);
	}
	if (found == 0)
		return FAIL_NO_SLOT;
	p->loaded = true;
	page_say(call, &p->service, 1);
	return FAIL_NONE;
}

void pages_posted_release(struct pages_posted *p)
{
	if (p->loaded)
		service_release(&p->service);
	booking_form_release(&p->checked);
	form_release(&p->form);
}
