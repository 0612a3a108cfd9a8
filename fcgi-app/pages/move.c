/* SPDX-License-Identifier: MIT */
/* Moving a booking to another time of its service: choose, look, do it. */
#include "config.h"

#include "pages/pages.h"

#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "answer/times.h"
#include "base/alloc.h"
#include "base/str.h"
#include "form/form.h"
#include "http/request.h"
#include "http/routes.h"
#include "json/get.h"
#include "json/put.h"
#include "pages/change.h"
#include "pages/visit.h"

/* The times to choose from; kind says why one is to be chosen again. */
static void show_choice(struct call *call, const struct booking_view *v,
			enum fail_kind kind)
{
	struct fault why;
	char query[TIMES_QUERY_ROOM];

	if (kind == FAIL_FIELDS)
		kind = FAIL_NO_SLOT;
	times_query(call, query);

	char *part = alloc_printf("/move%s", query);
	char *path = alloc_printf("/b/%s/move", call->match->args[0]);
	struct json_object *values = visit_page(
		call, v, part, kind != FAIL_NONE ? fail_title(call, kind) :
			       page_text(call, "change.move.title"));
	const struct days_wish wish = {
		.service = &v->service,
		.path = path,
		.seats = v->seats,
		.except_id = v->slot.id,
	};

	if (kind != FAIL_NONE) {
		struct json_object *alert = put_object(values, "alert");

		put_text(alert, "title", fail_title(call, kind));
		put_text(alert, "detail",
			 page_text(call, "change.move.unchanged"));
	}
	put_format(values, "pick", "%s?slot=", path);
	put_text(values, "more", get_text(values, "amp"));
	if (times_put(call, values, &wish, &why) == 0)
		page_send(call, kind != FAIL_NONE ? fail_status(kind) : 200,
			  "move", values);
	else
		page_fail(call, values, "slots", &why);
	free(part);
	free(path);
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
