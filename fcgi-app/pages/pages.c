/* SPDX-License-Identifier: MIT */
/* The services, and the days of one with their free slots. */
#include "config.h"

#include "pages/pages.h"

#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "answer/times.h"
#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "domain/words.h"
#include "domain/zone.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/routes.h"
#include "json/get.h"
#include "json/put.h"
#include "store/days.h"
#include "store/service.h"
#include "text/lang.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* When it can be booked next, and for how long; its id is 0 if it cannot. */
static void put_next(const struct call *call, struct json_object *row,
		     const struct slot *next)
{
	put_text(row, "length", "");
	put_flag(row, "next", next->id != 0);
	if (next->id == 0)
		return;
	page_put_when(call, row, "next", next);
	page_put_length(call, row, "length",
			next->ends_at_s - next->starts_at_s);
}

void pages_services(struct call *call)
{
	struct store *store = call->site->store;
	struct fault why;
	struct service *services = NULL;
	struct slot *next = NULL;
	size_t count = 0;
	struct json_object *values = page_new(
		call, "/", page_text(call, "services.title"));
	struct json_object *list = put_list(values, "services");
	int r = store_services(store, &services, &count, &why);

	if (r == 0)
		next = store_slots_next(store, services, count, &why);
	if (r == 0 && next == NULL)
		r = -1;
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct json_object *row = put_row(list);

		page_put_service(call, row, &services[i]);
		put_next(call, row, &next[i]);
	}
	put_flag(values, "none", count == 0);
	call->rp->shared = true;
	free(next);
	store_services_free(services, count);
	if (r == 0)
		page_send(call, 200, "services", values);
	else
		page_fail(call, values, "services", &why);
}

void pages_service(struct call *call)
{
	struct fault why;
	struct service service;
	char query[TIMES_QUERY_ROOM];
	struct json_object *values;

	call->rp->shared = true;
	if (!open_service(call, &service))
		return;
	times_query(call, query);

	char *path = alloc_printf("/s/%s", service.slug);
	char *self = alloc_printf("%s%s", path, query);
	const struct days_wish wish = { .service = &service, .path = path,
					.seats = 1, .full = true };

	values = page_new(call, self,
			  service_say(&service, lang_tag(call->lang)).name);
	page_put_service(call, values, &service);
	put_format(values, "pick", "%s/", path);
	put_text(values, "more", get_text(values, "q"));
	if (times_put(call, values, &wish, &why) == 0)
		page_send(call, 200, "service", values);
	else
		page_fail(call, values, "slots", &why);
	free(self);
	free(path);
	service_release(&service);
}

/* Who answers for the data, and whom to ask. */
static void put_controller(const struct call *call, struct json_object *values)
{
	const struct appconf *c = &call->site->conf;
	struct json_object *vars = put_new();

	put_text(vars, "name", c->site_name);
	if (*c->site_name != '\0')
		put_value(values, "controller",
			  page_format(call, "privacy.controller", vars));
	json_object_put(vars);
	put_text(values, "contact", c->site_contact);
	put_flag(values, "contact_mail",
		 strchr(c->site_contact, '@') != NULL &&
		 !str_starts_with(c->site_contact, "https://"));
	put_flag(values, "who", *c->site_name != '\0' ||
				*c->site_contact != '\0');
}

/* RFC 9116.  It is never older than a day, so it says so for a month. */
void pages_security(struct call *call)
{
	const struct appconf *c = &call->site->conf;
	const char *contact = c->security_contact;
	char until[ZONE_ISO_SIZE];
	char *text;

	if (*contact == '\0') {
		fail(call, FAIL_NOT_FOUND);
		return;
	}
	zone_utc(wall_ms() / 1000 + 30 * DAY_MS / 1000, until);
	text = alloc_printf("Contact: %s%s\nExpires: %s\n"
			    "Canonical: %s/.well-known/security.txt\n",
			    str_starts_with(contact, "https://") ? "" :
			    "mailto:", contact, until, c->base_url);
	reply_text(call->rp, 200, text);
	free(text);
}

/* Said from the settings, so that it is true. */
void pages_privacy(struct call *call)
{
	int64_t days = call->site->conf.retention / DAY_MS;
	struct json_object *values = page_new(
		call, "/privacy", page_text(call, "privacy.title"));

	if (call->site->conf.retention == 0)
		put_text(values, "retention",
			 page_text(call, "privacy.for_ever"));
	else
		put_value(values, "retention",
			  page_count(call, "privacy.days",
				     days > 0 ? days : 1));
	put_controller(call, values);
	page_send(call, 200, "privacy", values);
}

void pages_problems(struct call *call)
{
	struct json_object *values = page_new(
		call, "/problems", page_text(call, "problems.title"));
	struct json_object *list = put_list(values, "problems");

	for (int kind = FAIL_NONE + 1; kind < FAIL_KINDS; kind++) {
		struct json_object *row = put_row(list);

		put_int(row, "status", fail_status(kind));
		put_text(row, "type", fail_type(kind));
		put_text(row, "title", fail_title(call, kind));
	}
	page_send(call, 200, "problems", values);
}

void pages_problem(struct call *call)
{
	enum fail_kind kind = fail_find(call->match->args[0]);

	if (kind == FAIL_NONE) {
		fail(call, FAIL_NOT_FOUND);
		return;
	}
	char *self = alloc_printf("/problems/%s", fail_type(kind));
	struct json_object *values = page_new(call, self,
					      fail_title(call, kind));

	free(self);
	put_text(values, "detail", fail_detail(call, kind));
	put_text(values, "type", fail_type(kind));
	put_int(values, "status", fail_status(kind));
	page_send(call, 200, "problem", values);
}

static const char *const done_known[] = { "erased", "left", "sought",
					  "waiting" };

void pages_done_see(struct call *call, const char *what)
{
	char stamp[STAMP_SIZE];

	site_stamp(call->site, what, stamp);
	reply_see_other(call->rp, "%s/done/%s?at=%s%s%s%s", call->site->root,
			what, stamp, call->site->cell_too,
			call->lang_chosen ? "&lang=" : "",
			call->lang_chosen ? lang_tag(call->lang) : "");
}

/* GET /done/{what}: there is no other page left to say it on, and nothing by
 * which it could be told whether it is true. */
void pages_done(struct call *call)
{
	const char *stamp = form_text(&call->rq->query, "at");
	const char *what = call->match->args[0];
	size_t i = 0;

	while (i < ARRAY_COUNT(done_known) && strcmp(what, done_known[i]) != 0)
		i++;
	if (i == ARRAY_COUNT(done_known) ||
	    !site_stamp_is_fresh(call->site, what, stamp)) {
		fail(call, FAIL_NOT_FOUND);
		return;
	}

	char *self = alloc_printf("/done/%s?at=%s", what, stamp);
	struct json_object *values = page_new(
		call, self, page_text(call, "done.%s.title", what));

	put_text(values, "detail", page_text(call, "done.%s.detail", what));
	put_flag(values, "noindex", true);
	page_send(call, 200, "message", values);
	free(self);
}
