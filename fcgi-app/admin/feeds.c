/* SPDX-License-Identifier: MIT */
/* Calendars that organisers subscribe to: made, given new addresses, ended. */
#include "config.h"

#include "admin/admin.h"

#include "actions/feed.h"
#include "admin/ask.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/str.h"
#include "domain/model.h"
#include "domain/zone.h"
#include "form/form.h"
#include "http/origin.h"
#include "http/request.h"
#include "json/get.h"
#include "json/put.h"

#include <openssl/crypto.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What a page says besides the list; all borrowed, NULL = nothing. */
struct said {
	const char *feed;	/* whose address it is */
	const char *token;
	const char *error;	/* a code, about the name */
	const struct form *typed;
};

/* ---- the page ----------------------------------------------------------- */

/* {name}: the day in UTC, "" for 0. */
static void put_day(struct json_object *to, const char *name, int64_t at_ms)
{
	char day[ZONE_ISO_SIZE];

	zone_iso("UTC", at_ms, day);
	day[strcspn(day, "T")] = '\0';
	put_text(to, name, day);
}

static int put_feeds(const struct call *call, struct json_object *values,
		     struct fault *why)
{
	struct json_object *list = put_list(values, "feeds");
	struct feed *feeds;
	size_t count;

	if (store_feeds(call->site->store, &feeds, &count, why) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct json_object *row = put_row(list);

		put_text(row, "name", feeds[i].name);
		put_int(row, "id", feeds[i].id);
		put_int(row, "version", feeds[i].version);
		put_text(row, "service_name", feeds[i].service_name);
		put_flag(row, "names", feeds[i].names);
		put_day(row, "created", feeds[i].created_at_ms);
		put_day(row, "used", feeds[i].used_on_ms);
	}
	put_flag(values, "none", count == 0);
	free(feeds);
	return 0;
}

static void put_address(const struct call *call, struct json_object *values,
			const struct said *said)
{
	struct json_object *to = put_object(values, "made");
	char *address = feed_address(&call->site->conf, said->token);

	put_text(to, "name", said->feed);
	put_text(to, "address", address);
	explicit_bzero(address, strlen(address));
	free(address);
}

static void put_form(const struct call *call, struct json_object *values,
		     const struct said *said)
{
	const struct field_error wrong = { .code = said->error,
					   .n = FEED_NAME_MAX };

	page_put_field(call, put_object(values, "new"),
		       said->error ? form_text(said->typed, "name") : "",
		       said->error ? &wrong : NULL);
	put_flag(get_value(values, "new"), "names", said->error &&
		 *form_text(said->typed, "names") != '\0');
}

static void show(struct call *call, const struct said *said)
{
	const char *slug = said->error ? form_text(said->typed, "service") : "";
	struct fault why;
	struct json_object *values = admin_page(
		call, "/admin/feeds",
		page_text(call, said->error ? "form.title_error" :
					      "admin.feeds.title"));

	put_flag(values, "on_feeds", true);
	put_form(call, values, said);
	if (said->token)
		put_address(call, values, said);
	else
		admin_put_done(call, values, &(struct admin_acts){
			.on = ADMIN_ON_FEEDS, .object = "", .detail = "",
		});
	if (put_feeds(call, values, &why) == 0 &&
	    admin_put_services(call, values, slug, &why) == 0)
		page_send(call, said->error ? 422 : 200, "admin_feeds",
			  values);
	else
		page_fail(call, values, "feeds", &why);
}

void admin_feeds(struct call *call)
{
	const struct said nothing = { .feed = NULL };

	show(call, &nothing);
}

/* ---- what is asked first ------------------------------------------------ */

/* The feed is named in the query: what is deleted by its number may be another
 * one after a restore. */
static void ask(struct call *call, const struct feed *feed)
{
	bool revokes = str_ends_with(call->rq->path, "/revoke");
	struct buf self = BUF_INIT;
	char version[24];

	buf_addf(&self, "%s?name=", call->rq->path);
	origin_escape(&self, feed->name);
	(void)snprintf(version, sizeof(version), "%" PRId64, feed->version);

	const struct admin_ask question = {
		.word = revokes ? "feed_revoke" : "feed_rotate",
		.self = self.data, .action = call->rq->path,
		.back = "/admin/feeds", .what = feed->name,
	};
	struct json_object *values = admin_ask(call, &question);

	put_flag(values, "on_feeds", true);
	put_day(values, "used", feed->used_on_ms);
	admin_ask_fact(values, page_text(call, "admin.export.service"),
		       *feed->service_name != '\0' ? feed->service_name :
		       page_text(call, "admin.export.all"));
	admin_ask_fact(values, page_text(call, "admin.ask.used"),
		       *get_text(values, "used") != '\0' ?
		       get_text(values, "used") :
		       page_text(call, "admin.feeds.unused"));
	admin_ask_keep(values, "name", feed->name);
	admin_ask_keep(values, "version", version);
	page_send(call, 200, "admin_ask", values);
	buf_release(&self);
}

void admin_feeds_ask(struct call *call)
{
	const char *name = form_text(&call->rq->query, "name");
	const struct feed *found = NULL;
	struct feed *feeds;
	struct fault why;
	size_t count;

	if (store_feeds(call->site->store, &feeds, &count, &why) < 0) {
		fail_store(call, "feeds", &why);
		return;
	}
	for (size_t i = 0; i < count && !found; i++)
		if (strcmp(feeds[i].name, name) == 0)
			found = &feeds[i];
	if (found)
		ask(call, found);
	else
		admin_see(call, "meanwhile", "/admin/feeds");
	free(feeds);
}

/* ---- what is done ------------------------------------------------------- */

/*
 * Makes a feed, or gives one a new address, or ends it.  A new address is in
 * the answer itself: a redirect to it would be logged.  Sent again, the form
 * finds the name taken.
 */
void admin_feeds_post(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	bool rotates = str_ends_with(call->rq->path, "/rotate");
	bool revokes = str_ends_with(call->rq->path, "/revoke");
	struct form form = { .count = 0 };
	struct fault why;
	int r = 0;

	if (!open_form(call, &form))
		return;

	struct feed_order order = {
		.store = call->site->store,
		.by = &by,
		.typed = form_text(&form, "name"),
		.service = form_text(&form, "service"),
		.names = *form_text(&form, "names") != '\0',
	};

	if (revokes)
		r = store_feed_revoke(order.store, order.typed, &by, &why);
	else if (!rotates)
		r = feed_make(&order, &why);
	else if (str_to_int(form_text(&form, "version"), 0, INT32_MAX,
			    &order.version))
		r = feed_rotate(&order, &why);

	bool refused = r == 0 && !rotates && !revokes;
	const struct said said = {
		.feed = order.name,
		.token = r == 1 ? order.token : NULL,
		.error = refused ? order.wrong.errors[0].code : NULL,
		.typed = &form,
	};

	if (r < 0)
		fail_store(call, "feeds", &why);
	else if (refused || (r == 1 && !revokes))
		show(call, &said);
	else
		admin_see(call, r == 1 ? "feed_revoked" : "meanwhile",
			  "/admin/feeds");
	OPENSSL_cleanse(&order, sizeof(order));
	form_release(&form);
}
