/* SPDX-License-Identifier: MIT */
/* Who may enter, and what organisers' pages share. */
#include "config.h"

#include "admin/admin.h"

#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "base/utext.h"
#include "domain/model.h"
#include "domain/zone.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "json/put.h"
#include "store/audit.h"
#include "store/service.h"
#include "text/lang.h"

#include <json-c/json.h>
#include <string.h>

#define USER_MAX 64	/* characters of the history's column */

/* A name that the history can keep, and that nobody else has in it. */
static bool is_user(const char *user)
{
	size_t len = strlen(user);

	return len > 0 && !utext_has_invisible(user) &&
	       str_utf8_count(user, len) <= USER_MAX &&
	       strcmp(user, "visitor") != 0 && strcmp(user, "system") != 0 &&
	       !str_starts_with(user, "shell:") &&
	       !str_starts_with(user, "key:");
}

/* Is origin base_url's, or the requested host's?  A page in clear is another
 * site than one by TLS: only a browser that says "same-origin" may come by
 * another scheme than base_url's, through a tunnel, say. */
static bool is_ours(const struct call *call, const char *origin)
{
	const char *base = call->site->conf.base_url;
	size_t len = strlen(base) - strlen(call->site->root);
	const char *host = strstr(origin, "://");
	bool same = *call->rq->fetch_site != '\0' &&
		    (str_starts_with(origin, "https://") ||
		     str_starts_with(origin, "http://"));

	if (strlen(origin) == len && strncmp(origin, base, len) == 0)
		return true;
	if (host == NULL || *call->rq->host == '\0' ||
	    strcmp(host + strlen("://"), call->rq->host) != 0)
		return false;
	return same || strncmp(origin, base, (size_t)(host - origin) +
			       strlen("://")) == 0;
}

static bool is_from_us(const struct call *call)
{
	const char *origin = call->rq->origin;
	const char *site = call->rq->fetch_site;

	if (*origin == '\0' && *site == '\0')
		return false;
	if (*site != '\0' && strcmp(site, "same-origin") != 0)
		return false;
	return *origin == '\0' || is_ours(call, origin);
}

enum fail_kind admin_hindrance(const struct call *call)
{
	const struct request *rq = call->rq;
	bool reads = strcmp(rq->method, "GET") == 0 ||
		     strcmp(rq->method, "HEAD") == 0;

	if (!is_user(rq->user)) {
		log_warning("organisers' page without a user: is REMOTE_USER "
			    "set for /admin? request=%s",
			    *rq->id != '\0' ? rq->id : "-");
		return FAIL_FORBIDDEN;
	}
	if (reads || is_from_us(call))
		return FAIL_NONE;
	log_warning("organisers' form from elsewhere request=%s",
		    *rq->id != '\0' ? rq->id : "-");
	return FAIL_ELSEWHERE;
}

struct json_object *admin_page(struct call *call, const char *self,
			       const char *title)
{
	struct json_object *values = page_new(call, self, title);

	reply_header(call->rp, "X-Robots-Tag", "noindex");
	put_flag(values, "admin", true);
	put_flag(values, "noindex", true);
	put_text(values, "user", call->rq->user);
	return values;
}

const char *admin_word(const struct call *call, const char *group,
		       const char *word)
{
	const char *text = page_text(call, "admin.%s.%s", group, word);

	return *text != '\0' ? text : word;
}

void admin_put_time(struct json_object *to, const char *name, const char *zone,
		    long long at_ms)
{
	char iso[ZONE_ISO_SIZE];
	char *iso_name = alloc_printf("%s_iso", name);

	zone_iso(zone, at_ms, iso);
	put_text(to, iso_name, iso);
	/* "2025-12-03T14:30:05+01:00" without its T and its offset. */
	if (iso[0] != '\0') {
		iso[10] = ' ';
		iso[19] = '\0';
	}
	put_text(to, name, iso);
	free(iso_name);
}

void admin_put_day(struct json_object *to, const char *name, struct tm day)
{
	char text[24];

	if (strftime(text, sizeof(text), "%Y-%m-%d", &day) == 0)
		text[0] = '\0';
	put_text(to, name, text);
}

void admin_see(struct call *call, const char *done, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *path = alloc_vprintf(format, args);

	va_end(args);
	reply_see_other(call->rp, "%s%s?done=%s%s%s", call->site->root, path,
			done, call->lang_chosen ? "&lang=" : "",
			call->lang_chosen ? lang_tag(call->lang) : "");
	free(path);
}

/* What acts say, and the record of them; NULL: that nothing was done. */
static const struct {
	enum admin_on on;
	const char *word;
	const char *action;
} dones[] = {
	{ ADMIN_ON_BOOKING, "cancel", "cancelled" },
	{ ADMIN_ON_BOOKING, "erase", "erased" },
	{ ADMIN_ON_BOOKING, "email", "readdressed" },
	{ ADMIN_ON_BOOKING, "resend", "resent" },
	{ ADMIN_ON_BOOKING, "retry", "retried" },
	{ ADMIN_ON_BOOKING, "abort", "aborted" },
	{ ADMIN_ON_BOOKING, "meanwhile", NULL },
	{ ADMIN_ON_SERVICE, "service_added", "service_added" },
	{ ADMIN_ON_SERVICE, "service_changed", "service_changed" },
	{ ADMIN_ON_SERVICE, "service_told", "service_changed" },
	{ ADMIN_ON_SERVICE, "service_untold", "service_changed" },
	{ ADMIN_ON_SERVICE, "question_added", "question_added" },
	{ ADMIN_ON_SERVICE, "question_changed", "question_changed" },
	{ ADMIN_ON_SERVICE, "question_raised", "question_changed" },
	{ ADMIN_ON_SERVICE, "question_retired", "question_retired" },
	{ ADMIN_ON_SERVICE, "question_restored", "question_restored" },
	{ ADMIN_ON_SERVICE, "question_many", NULL },
	{ ADMIN_ON_SERVICE, "meanwhile", NULL },
	{ ADMIN_ON_SLOTS, "slot_added", "slots_added" },
	{ ADMIN_ON_SLOTS, "slots_added", "slots_added" },
	{ ADMIN_ON_SLOTS, "slot_removed", "slot_removed" },
	{ ADMIN_ON_SLOT, "slot_capacity", "slot_capacity" },
	{ ADMIN_ON_SLOT, "slot_closed", "slot_closed" },
	{ ADMIN_ON_SLOT, "slot_opened", "slot_opened" },
	{ ADMIN_ON_SLOT, "waiting_added", "waiting_added" },
	{ ADMIN_ON_SLOT, "waiting_resent", "waiting_resent" },
	{ ADMIN_ON_SLOT, "waiting_removed", "waiting_removed" },
	{ ADMIN_ON_SLOT, "waiting_on_its_way", NULL },
	{ ADMIN_ON_SLOT, "meanwhile", NULL },
	{ ADMIN_ON_FEEDS, "feed_revoked", "feed_revoked" },
	{ ADMIN_ON_FEEDS, "meanwhile", NULL },
};

/* For so long it is what somebody wants to read. */
#define DONE_MS (INT64_C(10) * 60 * 1000)

static bool was_done(const struct call *call, const struct admin_acts *acts,
		     const char *action)
{
	const struct acted a = {
		.actor = admin_actor(call).name,
		.action = action,
		.booking_id = acts->booking_id,
		.object = acts->object,
		.detail = acts->detail,
		.since_ms = wall_ms() - DONE_MS,
	};
	struct fault why;
	int r = store_acted(call->site->store, &a, &why);

	/* The page is right without it. */
	if (r < 0)
		log_warning("could not read what was done why=\"%s\"",
			    why.text);
	return r == 1;
}

void admin_put_done(const struct call *call, struct json_object *values,
		    const struct admin_acts *acts)
{
	const char *word = form_text(&call->rq->query, "done");
	size_t i = 0;

	while (i < ARRAY_COUNT(dones) &&
	       (dones[i].on != acts->on || strcmp(dones[i].word, word) != 0))
		i++;
	if (i == ARRAY_COUNT(dones) ||
	    (dones[i].action && !was_done(call, acts, dones[i].action)))
		put_text(values, "done", "");
	else
		put_text(values, "done",
			 page_text(call, "admin.done.%s", word));
}

void admin_put_taken(const struct call *call, struct json_object *to,
		     int64_t booked, int64_t capacity)
{
	struct json_object *vars = put_new();

	put_int(vars, "n", booked);
	put_int(vars, "capacity", capacity);
	put_value(to, "taken", page_format(call, "admin.taken", vars));
	json_object_put(vars);
}

int admin_put_services(const struct call *call, struct json_object *to,
		       const char *slug, struct fault *why)
{
	struct service *services;
	struct json_object *list;
	size_t count;

	if (store_services(call->site->store, &services, &count, why) < 0)
		return -1;
	list = put_list(to, "service_choices");
	for (size_t i = 0; i < count; i++) {
		struct json_object *row = put_row(list);

		put_text(row, "slug", services[i].slug);
		put_text(row, "name", services[i].name);
		page_put_zone(call, row, "zone", services[i].zone);
		put_flag(row, "chosen", strcmp(services[i].slug, slug) == 0);
	}
	put_flag(to, "all_services", *slug == '\0');
	store_services_free(services, count);
	return 0;
}
