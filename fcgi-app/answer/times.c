/* SPDX-License-Identifier: MIT */
/* Chooses between a list and a month. */
#include "config.h"

#include "answer/times.h"

#include "answer/month.h"
#include "answer/render.h"
#include "base/ticks.h"
#include "domain/month.h"
#include "domain/zone.h"
#include "form/form.h"
#include "http/request.h"
#include "json/put.h"
#include "store/days.h"
#include "store/slot.h"

#include <stdio.h>
#include <stdlib.h>

#define SPAN_S (INT64_C(400) * 24 * 3600)

/* Reads what the address wants, and the name by which it says so; false if it
 * says nothing that can be read. */
static bool wanted_read(const struct call *call, const char **name_out,
			enum month_wanted *out, struct tm *date_out)
{
	static const struct {
		const char *name;
		enum month_wanted wanted;
		bool (*read)(const char *text, struct tm *out);
	} ways[] = {
		{ "day", MONTH_DAY, zone_date_read },
		{ "month", MONTH_WITHIN, month_read },
		{ "from", MONTH_FIRST, zone_date_read },
	};

	for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
		const char *text = form_text(&call->rq->query, ways[i].name);

		if (!ways[i].read(text, date_out))
			continue;
		*name_out = ways[i].name;
		*out = ways[i].wanted;
		return true;
	}
	return false;
}

void times_query(const struct call *call, char out[TIMES_QUERY_ROOM])
{
	const char *name;
	enum month_wanted ignored;
	struct tm date;

	out[0] = '\0';
	if (wanted_read(call, &name, &ignored, &date))
		(void)snprintf(out, TIMES_QUERY_ROOM, "?%s=%s", name,
			       form_text(&call->rq->query, name));
}

/* ---- the list ------------------------------------------------------------ */

static int list_put(struct call *call, struct json_object *values,
		    const struct days_wish *wish, struct fault *why)
{
	int64_t from_s = page_from_s(call, wish->service->zone);
	const struct span span = { wish->service->id, from_s, from_s + SPAN_S,
				   TIMES_FEW };
	struct slots slots;
	size_t kept = 0;

	if (store_slots(call->site->store, &span, &slots, why) < 0)
		return -1;
	for (size_t i = 0; i < slots.count; i++)
		if (days_shows(wish, &slots.list[i]))
			slots.list[kept++] = slots.list[i];
	slots.count = kept;
	days_put(call, values, &slots, wish->service);
	put_text(values, "nothing", page_text(call, "service.none"));
	put_text(values, "again", "");
	free(slots.list);
	return 0;
}

/* ---- the month ----------------------------------------------------------- */

static bool is_before(const struct tm *a, const struct tm *b)
{
	return month_is_before(a, b) ||
	       (!month_is_before(b, a) && a->tm_mday < b->tm_mday);
}

/* Not in the past, and not in months without end that have nothing. */
static void wanted_bound(struct month_view *view)
{
	if (is_before(&view->date, &view->today)) {
		if (view->wanted == MONTH_DAY)
			view->wanted = MONTH_FIRST;
		view->date = view->today;
	}
	if (month_is_before(&view->last, &view->date)) {
		if (view->wanted == MONTH_DAY)
			view->wanted = MONTH_WITHIN;
		view->date = month_after(&view->last, 0);
		/* Its first days may have passed. */
		if (is_before(&view->date, &view->today))
			view->date = view->today;
	}
}

/* The month that is wanted, between today's and the last one's. */
static struct month_view view_of(struct call *call,
				 const struct days_wish *wish,
				 const struct slots_ahead *ahead)
{
	const char *zone = wish->service->zone;
	const char *ignored;
	struct month_view view = { .wish = wish, .wanted = MONTH_FIRST,
				   .now_s = wall_ms() / 1000 };

	(void)zone_local(zone, view.now_s, &view.today, NULL);
	(void)zone_local(zone, ahead->last_s, &view.last, NULL);
	view.date = view.today;
	(void)wanted_read(call, &ignored, &view.wanted, &view.date);
	wanted_bound(&view);
	return view;
}

int times_put(struct call *call, struct json_object *values,
	      const struct days_wish *wish, struct fault *why)
{
	const struct span span = {
		.service_id = wish->service->id,
		.from_s = wall_ms() / 1000 + 1,
		.until_s = SPAN_EVER_S,
		.max = TIMES_FEW + 1,
	};
	struct slots_ahead ahead;

	put_text(values, "path", wish->path);
	if (store_slots_ahead(call->site->store, &span, &ahead, why) < 0)
		return -1;
	if (ahead.count <= TIMES_FEW)
		return list_put(call, values, wish, why);

	const struct month_view view = view_of(call, wish, &ahead);

	return month_put(call, values, &view, why);
}
