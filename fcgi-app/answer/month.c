/* SPDX-License-Identifier: MIT */
/* Shows a service's month, and the times of one of its days. */
#include "config.h"

#include "answer/month.h"

#include "answer/render.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "domain/month.h"
#include "domain/zone.h"
#include "json/put.h"
#include "store/days.h"
#include "store/slot.h"
#include "text/lang.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define ZONES_MAX 8
#define DAY_SLOTS_MAX 1500	/* a day has no more minutes */

/* One page on its way. */
struct look {
	struct call *call;
	const struct month_view *view;
	struct month month;
	/* What its days have; the first is 1. */
	int64_t offered[MONTH_DAYS_MAX + 1];
	int64_t fitting[MONTH_DAYS_MAX + 1];
	/* The service's, and those of older slots. */
	char zones[ZONES_MAX][STORE_ZONE_MAX + 1];
	size_t zone_count;
	int open;		/* the day whose times are shown; 0 = none */
};

static struct tm day_of(const struct look *k, int day)
{
	return zone_date_after(&k->month.first, day - 1);
}

static struct slot_wish wish_from(const struct look *k, int64_t from_s)
{
	int64_t now_s = k->view->now_s;

	return (struct slot_wish){
		.service_id = k->view->wish->service->id,
		.from_s = from_s > now_s ? from_s : now_s + 1,
		.seats = k->view->wish->seats,
		.except_id = k->view->wish->except_id,
	};
}

/* ---- counting ------------------------------------------------------------ */

static void zone_note(struct look *k, const char *zone)
{
	size_t i = 0;

	while (i < k->zone_count && strcmp(k->zones[i], zone) != 0)
		i++;
	if (i == k->zone_count && i < ZONES_MAX)
		must(str_copy(k->zones[k->zone_count++], STORE_ZONE_MAX + 1,
			      zone));
}

static int count_zone(struct look *k, const char *zone, struct fault *why)
{
	struct slot_days days = {
		.wish = wish_from(k, 0),
		.count = (size_t)k->month.days,
	};
	struct slot_day_rows rows;

	for (int i = 0; i <= k->month.days; i++) {
		struct tm day = day_of(k, i + 1);

		days.begins_s[i] = zone_day_begin(zone, &day);
	}
	if (store_slot_days(k->call->site->store, &days, &rows, why) < 0)
		return -1;
	for (size_t i = 0; i < rows.count; i++) {
		const struct slot_day *row = &rows.list[i];

		zone_note(k, row->zone);
		if (strcmp(row->zone, zone) != 0 || row->day < 1 ||
		    row->day > k->month.days)
			continue;
		k->offered[row->day] += row->offered;
		k->fitting[row->day] += row->fitting;
	}
	free(rows.list);
	return 0;
}

/* One query, and one more for each zone that older slots have. */
static int count_days(struct look *k, const struct tm *date,
		      struct fault *why)
{
	*k = (struct look){
		.call = k->call,
		.view = k->view,
		.month = month_of(date, lang_week_begins(k->call->lang)),
	};
	zone_note(k, k->view->wish->service->zone);
	for (size_t i = 0; i < k->zone_count; i++)
		if (count_zone(k, k->zones[i], why) < 0)
			return -1;
	return 0;
}

/* ---- choosing a day ------------------------------------------------------ */

/* The first day that the count is not 0 for, from that day on; 0 = none. */
static int first_day(const int64_t count[MONTH_DAYS_MAX + 1], int day)
{
	while (day <= MONTH_DAYS_MAX && count[day] == 0)
		day++;
	return day <= MONTH_DAYS_MAX ? day : 0;
}

/* The first date after this month that has so many seats free (0 = any that is
 * offered).  1, 0 = there is none, -1. */
static int next_date(const struct look *k, int64_t seats, struct tm *out,
		     struct fault *why)
{
	struct tm after = month_after(&k->month.first, 1);
	struct slot_wish wish = wish_from(
		k, zone_day_begin(k->view->wish->service->zone, &after));
	struct slot slot;
	int r;

	wish.seats = seats;
	r = store_slot_next(k->call->site->store, &wish, &slot, why);
	if (r == 1)
		(void)zone_local(slot.zone, slot.starts_at_s, out, NULL);
	return r;
}

/* Goes on to the month of the next date with so many seats free.  1, 0 = there
 * is none, -1. */
static int go_on(struct look *k, int64_t seats, struct fault *why)
{
	struct tm next;
	int r = next_date(k, seats, &next, why);

	return r == 1 && count_days(k, &next, why) < 0 ? -1 : r;
}

/* Reads the month in which a day is opened, and chooses it. */
static int choose(struct look *k, struct fault *why)
{
	const struct month_view *view = k->view;
	bool goes_on = view->wanted == MONTH_FIRST;
	int from = view->date.tm_mday;
	int r = 0;

	if (count_days(k, &view->date, why) < 0)
		return -1;
	k->open = view->wanted == MONTH_DAY ? from :
		  first_day(k->fitting, from);
	if (k->open == 0 && goes_on) {
		r = go_on(k, view->wish->seats, why);
		if (r == 1)
			k->open = first_day(k->fitting, 1);
	}
	/* Whoever finds all full can wait. */
	if (k->open == 0 && r == 0 && view->wish->full) {
		k->open = first_day(k->offered, from);
		if (k->open == 0 && goes_on && (r = go_on(k, 0, why)) == 1)
			k->open = first_day(k->offered, 1);
	}
	return r < 0 ? -1 : 0;
}

/* ---- the table ----------------------------------------------------------- */

/* "2025-12-03", or "2025-12". */
static void put_date(struct json_object *to, const char *name,
		     const struct tm *date, bool whole)
{
	char text[16];

	(void)strftime(text, sizeof(text), "%Y-%m-%d", date);
	if (!whole)
		text[strlen("2025-12")] = '\0';
	put_text(to, name, text);
}

static void put_heads(const struct look *k, struct json_object *month)
{
	const struct lang *l = k->call->lang;
	struct json_object *heads = put_list(month, "heads");

	for (int i = 0; i < WEEK_DAYS; i++) {
		struct json_object *head = put_row(heads);
		int wday = (lang_week_begins(l) + i) % WEEK_DAYS;

		put_text(head, "short", lang_weekday_short(l, wday));
		put_text(head, "name", lang_weekday(l, wday));
	}
}

static bool is_full(const struct look *k, int day)
{
	return k->view->wish->full && k->fitting[day] == 0 &&
	       k->offered[day] > 0;
}

/* A day, or a cell outside the month.  All names are said in each row: what it
 * lacks is looked up outside. */
static void put_cell(const struct look *k, struct json_object *cell, int day)
{
	struct tm date = day_of(k, day);
	struct buf text = BUF_INIT;

	put_text(cell, "number", "");
	put_flag(cell, "link", false);
	if (day < 1 || day > k->month.days)
		return;
	lang_date(k->call->lang, &date, &text);
	put_format(cell, "number", "%d", day);
	put_text(cell, "label", text.data);
	put_flag(cell, "link", k->fitting[day] > 0 || is_full(k, day));
	put_flag(cell, "full", is_full(k, day));
	put_flag(cell, "open", day == k->open);
	put_date(cell, "date", &date, true);
	buf_release(&text);
}

static void put_weeks(const struct look *k, struct json_object *month)
{
	struct json_object *weeks = put_list(month, "weeks");
	struct json_object *cells = NULL;
	int until = k->month.days + k->month.lead;
	bool any_full = false;

	until += (WEEK_DAYS - until % WEEK_DAYS) % WEEK_DAYS;
	for (int i = 0; i < until; i++) {
		if (i % WEEK_DAYS == 0)
			cells = put_list(put_row(weeks), "cells");
		put_cell(k, put_row(cells), i - k->month.lead + 1);
	}
	for (int day = 1; day <= k->month.days; day++)
		any_full |= is_full(k, day);
	put_flag(month, "any_full", any_full);
}

/* A link to another month, false if it leads nowhere. */
static void put_other(const struct look *k, struct json_object *month,
		      const char *name, int n)
{
	struct tm first = month_after(&k->month.first, n);
	bool leads = !month_is_before(&first, &k->view->today) &&
		     !month_is_before(&k->view->last, &first);
	struct json_object *other;
	struct buf text = BUF_INIT;

	if (!leads) {
		put_flag(month, name, false);
		return;
	}
	other = put_object(month, name);
	lang_month(k->call->lang, &first, &text);
	put_text(other, "name", text.data);
	put_date(other, "month", &first, false);
	put_flag(month, "others", true);
	buf_release(&text);
}

static void put_month(const struct look *k, struct json_object *values)
{
	struct json_object *month = put_object(values, "month");
	struct buf text = BUF_INIT;

	lang_month(k->call->lang, &k->month.first, &text);
	put_text(month, "caption", text.data);
	buf_release(&text);
	put_heads(k, month);
	put_weeks(k, month);
	put_flag(month, "others", false);
	put_other(k, month, "before", -1);
	put_other(k, month, "after", 1);
}

/* ---- the day ------------------------------------------------------------- */

/* Appends what begins on the open day of one zone. */
static int day_read(const struct look *k, const char *zone,
		    struct slots *out, struct fault *why)
{
	struct tm date = day_of(k, k->open);
	struct tm after = zone_date_after(&date, 1);
	const struct span span = {
		.service_id = k->view->wish->service->id,
		.from_s = wish_from(k, zone_day_begin(zone, &date)).from_s,
		.until_s = zone_day_begin(zone, &after),
		.max = DAY_SLOTS_MAX,
	};
	struct slots found;

	if (store_slots(k->call->site->store, &span, &found, why) < 0)
		return -1;
	if (found.count > 0)
		out->list = alloc_resize(out->list, out->count + found.count,
					 sizeof(*out->list));
	for (size_t i = 0; i < found.count; i++)
		if (strcmp(found.list[i].zone, zone) == 0 &&
		    days_shows(k->view->wish, &found.list[i]))
			out->list[out->count++] = found.list[i];
	free(found.list);
	return 0;
}

/* Says why there is nothing to choose from, and where there is. */
static int put_nothing(const struct look *k, struct json_object *values,
		       struct fault *why)
{
	bool one_day = k->view->wanted == MONTH_DAY;
	int day = one_day ? first_day(k->fitting, k->open + 1) : 0;
	struct tm next = day_of(k, day);
	int r = day > 0 ? 1 :
		next_date(k, k->view->wish->seats, &next, why);
	struct buf text = BUF_INIT;

	put_text(values, "nothing", page_text(
		k->call, one_day ? "month.none_day" :
		r == 0 && k->view->wanted == MONTH_FIRST ? "service.none" :
		"month.none"));
	put_text(values, "again", "");
	if (r == 1) {
		lang_date(k->call->lang, &next, &text);
		put_text(values, "again", text.data);
		put_date(values, "again_day", &next, true);
		buf_release(&text);
	}
	return r < 0 ? -1 : 0;
}

int month_put(struct call *call, struct json_object *values,
	      const struct month_view *view, struct fault *why)
{
	struct look k = { .call = call, .view = view };
	struct slots slots = { .count = 0 };
	int r = choose(&k, why);

	if (r < 0)
		return -1;
	put_month(&k, values);
	for (size_t i = 0; r == 0 && k.open > 0 && i < k.zone_count; i++)
		r = day_read(&k, k.zones[i], &slots, why);
	if (r == 0) {
		days_put_times(call, values, &slots, view->wish->service);
		if (slots.count == 0)
			r = put_nothing(&k, values, why);
	}
	free(slots.list);
	return r;
}
