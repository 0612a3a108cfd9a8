/* SPDX-License-Identifier: MIT */
/* Moving a booking to another time of its service: choose, look, do it. */
#include "config.h"

#include "pages/pages.h"

#include "actions/mailing.h"
#include "answer/days.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "http/form.h"
#include "http/request.h"
#include "json/put.h"
#include "pages/change.h"
#include "pages/visit.h"
#include "store/slot.h"

#include <json-c/json.h>

/* Keeps the slots that have room for the booking and are not its own. */
static size_t fitting(struct slot *slots, size_t count,
		      const struct booking_view *v)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (slots[i].id != v->slot.id &&
		    slots[i].capacity - slots[i].booked >= v->seats)
			slots[kept++] = slots[i];
	return kept;
}

/* The times to choose from; kind says why one is to be chosen again. */
static void show_choice(struct call *call, const struct booking_view *v,
			enum fail_kind kind)
{
	struct fault why;
	struct slot *slots;
	size_t count;

	if (days_read(call, v->service.id, page_from_s(call, v->service.zone),
		      &slots, &count, &why) < 0) {
		fail_store(call, "slots", &why);
		return;
	}
	struct json_object *values = visit_page(
		call, v, "/move", kind != FAIL_NONE ? fail_title(call, kind) :
				  page_text(call, "change.move.title"));

	if (kind != FAIL_NONE) {
		struct json_object *alert = put_object(values, "alert");

		put_text(alert, "title", fail_title(call, kind));
		put_text(alert, "detail",
			 page_text(call, "change.move.unchanged"));
	}
	days_put(call, values, slots, fitting(slots, count, v), &v->service);
	free(slots);
	page_send(call, kind != FAIL_NONE ? fail_status(kind) : 200, "move",
		  values);
}

/* The slot that the field names, if the booking may go there. */
static enum fail_kind read_slot(struct call *call, const struct form *f,
				const struct booking_view *v, struct slot *out)
{
	struct fault why;
	int64_t id;
	int found;

	if (!str_to_int(form_text(f, "slot"), 1, INT64_MAX, &id))
		return FAIL_NO_SLOT;
	found = store_slot(call->site->store, id, true, out, NULL, &why);
	if (found < 0) {
		log_warning("could not read a slot why=\"%s\"", why.text);
		return fail_of_fault(&why);
	}
	if (found == 0 || out->service_id != v->service.id)
		return FAIL_NO_SLOT;
	if (out->starts_at_s <= wall_ms() / 1000)
		return FAIL_BEGUN;
	return FAIL_NONE;
}

static enum fail_kind move_hindrance(const struct call *call,
				     const struct booking_view *v)
{
	enum fail_kind kind = visit_hindrance(v);

	return kind != FAIL_NONE ? kind : mailing_moves(call->site, v);
}

void pages_move(struct call *call)
{
	struct booking_view v;
	struct slot to;
	const char *ignored;
	struct page_change page = { .word = "move", .looking = true,
				    .texts = "move_to" };

	if (!visit_open(call, &v))
		return;
	page.kind = move_hindrance(call, &v);
	if (page.kind != FAIL_NONE) {
		page_change_show(call, &v, &page);
	} else if (form_get(&call->rq->query, "slot", &ignored) ==
		   FORM_ABSENT) {
		show_choice(call, &v, FAIL_NONE);
	} else {
		page.kind = read_slot(call, &call->rq->query, &v, &to);
		if (page.kind == FAIL_NONE &&
		    to.capacity - to.booked < v.seats && to.id != v.slot.id)
			page.kind = FAIL_FULL;
		page.to = &to;
		if (page.kind != FAIL_NONE)
			show_choice(call, &v, page.kind);
		else
			page_change_show(call, &v, &page);
	}
	booking_view_release(&v);
}

static void move(struct call *call, const struct booking_view *v,
		 const struct slot *to)
{
	struct fault why;
	struct page_change page = { .word = "move", .texts = "move_to",
				    .to = to };
	int result = mailing_move(call, v, to, &why);

	if (result == STORE_NO_PLACE)
		show_choice(call, v, FAIL_FULL);
	else
		page_change_done(call, v, &page, result, &why);
}

void pages_move_post(struct call *call)
{
	struct form form = { .count = 0 };
	struct booking_view v;
	struct slot to;
	struct page_change page = { .word = "move", .texts = "move_to" };

	if (!visit_open(call, &v))
		return;
	if (!open_form(call, &form))
		goto out;
	page.kind = move_hindrance(call, &v);
	if (page.kind != FAIL_NONE) {
		page_change_show(call, &v, &page);
		goto out;
	}
	page.kind = read_slot(call, &form, &v, &to);
	if (page.kind != FAIL_NONE)
		show_choice(call, &v, page.kind);
	else if (to.id == v.slot.id)
		visit_see(call, &v, "");
	else
		move(call, &v, &to);
out:
	form_release(&form);
	booking_view_release(&v);
}
