/* SPDX-License-Identifier: MIT */
/* A day's bookings by service, and the search. */
#include "config.h"

#include "admin/admin.h"

#include "answer/fail.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/ticks.h"
#include "base/utext.h"
#include "domain/model.h"
#include "domain/phone.h"
#include "domain/zone.h"
#include "form/form.h"
#include "http/request.h"
#include "json/put.h"
#include "store/bookings.h"
#include "store/line.h"
#include "store/service.h"
#include "store/store.h"
#include "text/lang.h"

#define FOUND_MAX 100
#define TERM_MIN 2	/* bytes to look for */
#define TERM_MAX 254

/* ---- rows ---------------------------------------------------------------- */

/* zone: shown above the list, "" = nothing. */
static void put_booking(const struct call *call, struct json_object *list,
			const struct booking_row *b, const char *zone)
{
	struct json_object *row = put_row(list);
	struct slot slot = { .starts_at_s = b->starts_at_s,
			     .ends_at_s = b->ends_at_s };
	char shown[TOKEN_REF_LEN + 2];
	char dial[4 * PHONE_MAX + 1];

	memcpy(slot.zone, b->zone, sizeof(slot.zone));
	token_ref_show(b->ref, shown);
	put_text(row, "shown", shown);
	put_text(row, "ref", b->ref);
	put_text(row, "name", b->name);
	put_text(row, "email", b->email);
	put_text(row, "notes", b->notes);
	put_text(row, "phone", b->phone);
	phone_dial(b->phone, dial);
	put_text(row, "dial", dial);
	put_text(row, "service_name", b->service);
	put_flag(row, "cancelled", b->cancelled);
	put_flag(row, "erased", b->erased);
	put_flag(row, "waits", b->open_mails > 0);
	put_flag(row, "returned", b->returned == RETURNED_SURELY);
	put_flag(row, "perhaps", b->returned == RETURNED_LIKELY);
	put_flag(row, "bad", b->bad_mails > 0);
	put_value(row, "seats", page_count(call, "seats", b->seats));
	page_put_when(call, row, "when", &slot);
	page_put_zone(call, row, "zone",
		      strcmp(b->zone, zone) != 0 ? b->zone : "");
}

/* ---- today -------------------------------------------------------------- */

/* The requested day; today in that zone if it is missing or nonsense. */
static struct tm day_asked(const struct call *call, const char *zone)
{
	struct tm day;

	if (!zone_date_read(form_text(&call->rq->query, "day"), &day))
		(void)zone_local(zone, wall_ms() / 1000, &day, NULL);
	return zone_date_after(&day, 0);
}

static int put_day_line(const struct call *call, struct json_object *to,
			const struct span *span, struct fault *why)
{
	struct line_rows rows;

	if (store_line_of_day(call->site->store, span, &rows, why) < 0)
		return -1;
	admin_put_line(call, to, &rows, false);
	free(rows.list);
	return 0;
}

static int put_service(const struct call *call, struct json_object *list,
		       const struct service *service, struct fault *why)
{
	struct tm day = day_asked(call, service->zone);
	struct tm next = zone_date_after(&day, 1);
	const struct span span = {
		.service_id = service->id,
		.from_s = zone_day_begin(service->zone, &day),
		.until_s = zone_day_begin(service->zone, &next),
		.max = STORE_ROWS_MAX,
	};
	struct booking_rows rows;
	struct json_object *one;
	struct json_object *to;

	if (store_bookings_of_day(call->site->store, &span, &rows, why) < 0)
		return -1;
	one = put_row(list);
	page_put_service_own(call, one, service);
	to = put_list(one, "rows");
	put_flag(one, "by_service", true);
	put_flag(one, "none", rows.count == 0);
	put_flag(one, "cut", rows.count == STORE_ROWS_MAX);
	for (size_t i = 0; i < rows.count; i++)
		put_booking(call, to, &rows.list[i], service->zone);
	free(rows.list);
	return put_day_line(call, one, &span, why);
}

void admin_today(struct call *call)
{
	struct fault why;
	struct service *services;
	size_t count;
	struct buf text = BUF_INIT;
	struct tm day;
	int r = 0;

	if (store_services(call->site->store, &services, &count, &why) < 0) {
		fail_store(call, "services", &why);
		return;
	}

	const char *zone = count > 0 ? services[0].zone : "UTC";
	struct json_object *values = admin_page(
		call, "/admin", page_text(call, "admin.today.title"));
	struct json_object *list = put_list(values, "services");

	day = day_asked(call, zone);
	lang_date(call->lang, &day, &text);
	put_text(values, "date", text.data);
	admin_put_day(values, "day", day);
	admin_put_day(values, "before", zone_date_after(&day, -1));
	admin_put_day(values, "after", zone_date_after(&day, 1));
	put_flag(values, "none", count == 0);
	put_flag(values, "on_today", true);
	for (size_t i = 0; i < count && r == 0; i++)
		r = put_service(call, list, &services[i], &why);
	store_services_free(services, count);
	buf_release(&text);
	if (r == 0)
		page_send(call, 200, "admin_today", values);
	else
		page_fail(call, values, "bookings", &why);
}

/* ---- search ------------------------------------------------------------- */

static int put_found(const struct call *call, struct json_object *values,
		     const char *term, struct fault *why)
{
	char ref[TOKEN_REF_LEN + 1] = "";
	const struct booking_filter filter = {
		.span = { .max = FOUND_MAX }, .ref = ref, .text = term,
	};
	struct booking_rows rows;
	struct line_rows line;
	struct json_object *list;

	(void)token_ref_parse(term, ref);
	if (store_bookings_find(call->site->store, &filter, &rows, why) < 0)
		return -1;
	list = put_list(values, "rows");
	for (size_t i = 0; i < rows.count; i++)
		put_booking(call, list, &rows.list[i], "");
	put_value(values, "result",
		  page_count(call, "admin.search.found", (int64_t)rows.count));
	put_flag(values, "cut", rows.count == FOUND_MAX);
	free(rows.list);
	if (store_line_find(call->site->store, &filter, &line, why) < 0)
		return -1;
	admin_put_line(call, values, &line, false);
	free(line.list);
	return 0;
}

void admin_search(struct call *call)
{
	struct fault why;
	char *typed = alloc_text(form_text(&call->rq->query, "q"));
	const char *term = utext_trim(typed);
	size_t len = strlen(term);
	struct json_object *values = admin_page(
		call, "/admin/search", page_text(call, "admin.search.title"));
	int r = 0;

	put_text(values, "term", term);
	put_flag(values, "on_search", true);
	put_flag(values, "short", *typed != '\0' &&
				  (len < TERM_MIN || len > TERM_MAX));
	if (len >= TERM_MIN && len <= TERM_MAX)
		r = put_found(call, values, term, &why);
	free(typed);
	if (r == 0)
		page_send(call, 200, "admin_search", values);
	else
		page_fail(call, values, "bookings", &why);
}
