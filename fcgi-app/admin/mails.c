/* SPDX-License-Identifier: MIT */
/* All mails by state and cause, and the record of who did what. */
#include "config.h"

#include "admin/admin.h"

#include "actions/mails.h"
#include "actions/story.h"
#include "answer/fail.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "form/form.h"
#include "http/request.h"
#include "json/put.h"
#include "outbox/mailstate.h"
#include "store/audit.h"
#include "store/service.h"

#define MAILS_MAX 100
#define LINES_MAX 200

/* Times across services are in the first one's zone, which is named. */
static char *zone_of_all(struct call *call, struct fault *why)
{
	struct service *services;
	size_t count;
	char *zone;

	if (store_services(call->site->store, &services, &count, why) < 0)
		return NULL;
	zone = alloc_text(count > 0 ? services[0].zone : "UTC");
	store_services_free(services, count);
	return zone;
}

/* A cause is a word of ours; anything else is not shown, nor linked. */
static bool is_word(const char *cause)
{
	return cause[strspn(cause, "abcdefghijklmnopqrstuvwxyz")] == '\0';
}

/* The page that is put together. */
struct mails_page {
	struct call *call;
	struct json_object *values;
	const struct mail_filter *filter;
	const char *zone;
};

static int put_causes(const struct mails_page *p, struct fault *why)
{
	struct mail_cause *causes;
	struct json_object *list = put_list(p->values, "causes");
	size_t count;

	if (store_mail_causes(p->call->site->store, &causes, &count, why) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct mail_cause *c = &causes[i];
		struct json_object *row = put_row(list);
		const char *cause = is_word(c->cause) ? c->cause : "";

		put_text(row, "state", story_state(c->state));
		put_text(row, "state_text",
			 admin_word(p->call, "state", story_state(c->state)));
		put_text(row, "cause", cause);
		put_text(row, "cause_text", *cause != '\0' ?
			 admin_word(p->call, "cause", cause) : "");
		put_int(row, "count", c->count);
		admin_put_time(row, "oldest", p->zone, c->oldest_ms);
		put_flag(row, "bad", c->state == NOTIFICATION_DEAD ||
				     c->state == NOTIFICATION_EXPIRED ||
				     c->fate == QUEUE_FATE_RETURNED);
		put_flag(row, "current",
			 p->filter->state == (int)c->state &&
			 strcmp(p->filter->cause, cause) == 0);
	}
	put_flag(p->values, "none", count == 0);
	free(causes);
	return 0;
}

static void put_mail(struct call *call, struct json_object *list,
		     const struct mail_row *m, const char *zone)
{
	const struct notification *n = &m->mail;
	const bool heard = n->fate != QUEUE_FATE_NONE;
	struct json_object *row = put_row(list);

	put_text(row, "ref", m->ref);
	put_text(row, "name", m->name);
	put_text(row, "id", n->envelope_id);
	put_text(row, "kind_text", admin_word(call, "kind", n->kind));
	put_text(row, "state_text",
		 admin_word(call, "state", story_state(n->state)));
	put_text(row, "fate_text", heard ?
		 admin_word(call, "cause", queue_fate_word(n->fate)) : "");
	put_flag(row, "likely", heard && !n->fate_sure);
	put_flag(row, "bad", mailstate_lost(n));
	put_int(row, "attempts", n->attempts);
	put_text(row, "reply", *n->fate_text != '\0' ? n->fate_text :
							n->reply);
	admin_say(call, row, "reply");
	admin_put_time(row, "created", zone, n->created_at_ms);
	admin_put_time(row, "final", zone, heard ? n->fate_at_ms :
						   n->final_at_ms);
	admin_put_time(row, "next", zone, m->next_at_ms);
}

static int put_mails(const struct mails_page *p, struct fault *why)
{
	struct mail_rows rows;
	struct json_object *list = put_list(p->values, "mails");

	if (mails_open(p->call->site, p->filter, &rows, why) < 0)
		return -1;
	for (size_t i = 0; i < rows.count; i++)
		put_mail(p->call, list, &rows.list[i], p->zone);
	put_flag(p->values, "cut", rows.count == p->filter->max);
	free(rows.list);
	return 0;
}

void admin_mails(struct call *call)
{
	const struct form *query = &call->rq->query;
	struct mail_filter filter = {
		.state = story_state_find(form_text(query, "state")),
		.cause = form_text(query, "cause"),
		.max = MAILS_MAX,
	};
	struct fault why;
	char *zone = zone_of_all(call, &why);
	struct json_object *values = admin_page(
		call, "/admin/mails", page_text(call, "admin.mails.title"));
	const struct mails_page page = { call, values, &filter, zone };

	if (!is_word(filter.cause) || strlen(filter.cause) > STORE_CAUSE_MAX)
		filter.cause = "";
	put_flag(values, "on_mails", true);
	page_put_zone(call, values, "zone", zone ? zone : "");
	if (zone && put_causes(&page, &why) == 0 && put_mails(&page, &why) == 0)
		page_send(call, 200, "admin_mails", values);
	else
		page_fail(call, values, "mails", &why);
	free(zone);
}

static int put_lines(struct call *call, struct json_object *values,
		     const char *zone, struct fault *why)
{
	struct audit_rows rows;
	struct json_object *list = put_list(values, "lines");

	if (store_audit(call->site->store, LINES_MAX, &rows, why) < 0)
		return -1;
	for (size_t i = 0; i < rows.count; i++) {
		const struct audit_row *a = &rows.list[i];
		struct json_object *row = put_row(list);

		admin_put_time(row, "at", zone, a->at_ms);
		put_text(row, "actor", a->actor);
		put_text(row, "action_text",
			 admin_word(call, "action", a->action));
		put_text(row, "object", a->object);
		put_flag(row, "booking", a->is_booking);
		put_text(row, "detail", a->detail);
		admin_say_detail(call, row);
		put_text(row, "request_id", a->request_id);
	}
	put_flag(values, "none", rows.count == 0);
	put_flag(values, "cut", rows.count == LINES_MAX);
	free(rows.list);
	return 0;
}

void admin_log(struct call *call)
{
	struct fault why;
	char *zone = zone_of_all(call, &why);
	struct json_object *values = admin_page(
		call, "/admin/log", page_text(call, "admin.log.title"));

	put_flag(values, "on_log", true);
	page_put_zone(call, values, "zone", zone ? zone : "");
	if (zone && put_lines(call, values, zone, &why) == 0)
		page_send(call, 200, "admin_log", values);
	else
		page_fail(call, values, "the log", &why);
	free(zone);
}
