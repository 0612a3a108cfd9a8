/* SPDX-License-Identifier: MIT */
/* A booking whose address is to be confirmed: what its form leads to, and the
 * form once more after it has lapsed. */
#include "config.h"

#include "pages/pages.h"

#include "actions/reserve.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/ticks.h"
#include "domain/offer.h"
#include "domain/question.h"
#include "domain/when.h"
#include "form/form.h"
#include "http/routes.h"
#include "json/put.h"
#include "pages/form.h"
#include "pages/held.h"
#include "pages/visit.h"
#include "store/answers.h"
#include "store/questions.h"
#include "store/slot.h"
#include "text/lang.h"

#include <json-c/json.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- after the form ------------------------------------------------------ */

void pages_held_put(const struct call *call, struct json_object *to,
		    const char *name, const struct booking_view *v)
{
	const struct offer_clock clock = offer_clock_of(
		v, &(struct quiet_hours){ 0 });
	struct json_object *vars = put_new();
	struct buf length = BUF_INIT;

	when_length(call->lang, clock.minutes, &length);
	put_text(vars, "email", v->email);
	put_text(vars, "length", length.data);
	put_value(to, name,
		  page_format(call, offer_is_whole(&clock) ?
			      "held.detail" : "held.detail_short", vars));
	buf_release(&length);
	json_object_put(vars);
}

/* All that was typed, to be sent once more as it is. */
static void put_typed(const struct call *call, struct json_object *values,
		      const struct pages_held *held)
{
	struct json_object *list = put_list(values, "typed");
	bool asked = *form_text(held->typed, "again") != '\0';

	for (size_t i = 0; i < held->typed->count; i++) {
		const struct form_field *field = &held->typed->fields[i];
		struct json_object *row;

		if (strcmp(field->name, "lang") == 0 ||
		    strcmp(field->name, "again") == 0)
			continue;
		row = put_row(list);
		put_text(row, "name", field->name);
		put_text(row, "value", field->value);
	}
	put_text(values, "action", held->action);
	put_text(values, "said", !held->old || !asked ? "" :
		 page_text(call, held->again ? "held.sent" : "held.not_sent"));
}

void pages_held_show(struct call *call, const struct pages_held *held)
{
	const struct booking_view *v = held->view;
	char *self = alloc_printf("/s/%s/%" PRId64, v->service.slug,
				  v->slot.id);
	struct json_object *values;

	page_say(call, &v->service, v->seats);
	values = page_new(call, self, page_text(call, "held.title"));
	pages_held_put(call, values, "detail", v);
	page_put_service(call, values, &v->service);
	page_put_when(call, values, "when", &v->slot);
	put_value(values, "seats", page_count(call, "seats", v->seats));
	put_text(values, "name", v->name);
	put_text(values, "email", v->email);
	put_typed(call, values, held);
	put_flag(values, "secret", true);
	put_flag(values, "noindex", true);
	page_send(call, 202, "held", values);
	free(self);
}

/* ---- once more ----------------------------------------------------------- */

static void typed_add(struct form *f, const char *name, const char *text)
{
	struct buf key = BUF_INIT;
	struct buf value = BUF_INIT;

	buf_addstr(&key, name);
	buf_addstr(&value, text);
	/* As many as a form that was read can have had. */
	(void)form_add(f, FORM_TEXT, &key, &value);
	buf_release(&key);
	buf_release(&value);
}

/* The answers to one question, from the first on: a line for each seat.
 * Returns the place of the next question's. */
static size_t answer_add(struct form *f, const struct question *q,
			 const struct answers *all, size_t first)
{
	struct buf text = BUF_INIT;
	int64_t line = 1;
	size_t i = first;

	for (; i < all->count && all->list[i].question_id == q->id; i++) {
		for (; line < all->list[i].seat; line++)
			buf_addstr(&text, "\n");
		buf_addstr(&text, all->list[i].text);
	}
	typed_add(f, q->field, text.data);
	buf_release(&text);
	return i;
}

/* What was typed, as a form; a question that is not asked any more is not. */
static void typed_fill(struct form *f, const struct booking_view *v)
{
	char seats[24];

	(void)snprintf(seats, sizeof(seats), "%" PRId64, v->seats);
	typed_add(f, "name", v->name);
	typed_add(f, "email", v->email);
	typed_add(f, "seats", seats);
	typed_add(f, "notes", v->notes);
	for (size_t i = 0; i < v->answers.count;) {
		const struct question *q = questions_by_id(
			v->service.questions, v->answers.list[i].question_id);

		if (q == NULL || q->retired)
			i++;
		else
			i = answer_add(f, q, &v->answers, i);
	}
}

void pages_held_again(struct call *call)
{
	struct fault why;
	struct waiting_view w;
	struct booking_view *v = &w.as_booking;
	struct form typed = { .count = 0 };
	char key[BOOKING_KEY_HEX + 1];
	struct pages_form page = { .typed = &typed, .key = key };

	if (!visit_open_waiting(call, &w))
		return;
	if (!v->held || w.state != WAITING_LAPSED) {
		fail(call, FAIL_NOT_FOUND);
	} else if (store_answers(call->site->store, v, &why) < 0 ||
		   (v->service.questions == NULL &&
		    store_service_questions(call->site->store, &v->service,
					    &why) < 0)) {
		fail_store(call, "answers", &why);
	} else {
		typed_fill(&typed, v);
		reserve_key_draw(key);
		page.slot = &v->slot;
		page.service = &v->service;
		page.kind = booking_slot_refusal(&v->slot, wall_ms() / 1000);
		pages_form_show(call, &page);
	}
	form_release(&typed);
	waiting_view_release(&w);
}
