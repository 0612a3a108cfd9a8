/* SPDX-License-Identifier: MIT */
/* Moving a booking to another time of its service: choose, look, do it. */
#include "config.h"

#include "pages/pages.h"

#include "answer/days.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/str.h"
#include "http/form.h"
#include "http/request.h"
#include "json/put.h"
#include "pages/change.h"
#include "pages/visit.h"

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
	struct slots slots;

	if (kind == FAIL_FIELDS)
		kind = FAIL_NO_SLOT;
	if (days_read(call, &v->service, &slots, &why) < 0) {
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
	slots.count = fitting(slots.list, slots.count, v);
	days_put(call, values, &slots, &v->service);
	free(slots.list);
	page_send(call, kind != FAIL_NONE ? fail_status(kind) : 200, "move",
		  values);
}

/* Results after which another time may be chosen. */
static bool is_to_choose(const struct change *c, enum fail_kind kind)
{
	return kind == FAIL_FIELDS || kind == FAIL_NO_SLOT ||
	       kind == FAIL_BEGUN || kind == FAIL_FULL ||
	       (c->slot_id > 0 && c->to.id == 0 && fail_status(kind) == 503);
}

static void slot_read(const struct form *f, struct change *c)
{
	if (!str_to_int(form_text(f, "slot"), 1, INT64_MAX, &c->slot_id))
		c->wrong = "slot_unknown";
}

void pages_move(struct call *call)
{
	struct booking_view v;
	struct change c;
	struct page_change page = { .looking = true };
	const char *ignored;
	bool chosen = form_get(&call->rq->query, "slot", &ignored) !=
		      FORM_ABSENT;

	if (!visit_open(call, &v))
		return;
	c = change_begin(call, CHANGE_MOVE, &v, NULL);
	if (chosen)
		slot_read(&call->rq->query, &c);
	page.kind = change_may(&c);
	if (chosen && page.kind == FAIL_NONE && c.to.id != v.slot.id &&
	    c.to.capacity - c.to.booked < v.seats)
		page.kind = FAIL_FULL;
	if (page.kind == FAIL_NONE ? !chosen : is_to_choose(&c, page.kind))
		show_choice(call, &v, page.kind);
	else
		page_change_show(call, &c, &page);
	booking_view_release(&v);
}

void pages_move_post(struct call *call)
{
	struct form form = { .count = 0 };
	struct page_change page = { .looking = false };
	struct booking_view v;
	struct change c;

	if (!visit_open(call, &v))
		return;
	if (open_form(call, &form)) {
		c = change_begin(call, CHANGE_MOVE, &v, NULL);
		slot_read(&form, &c);
		page.kind = change_do(&c);
		if (is_to_choose(&c, page.kind))
			show_choice(call, &v, page.kind);
		else
			page_change_answer(call, &c, &page);
	}
	form_release(&form);
	booking_view_release(&v);
}
