/* SPDX-License-Identifier: MIT */
/* Calendars that organisers subscribe to: made, given new addresses, ended. */
#include "config.h"

#include "admin/admin.h"

#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/str.h"
#include "base/utext.h"
#include "domain/bearer.h"
#include "domain/model.h"
#include "domain/zone.h"
#include "http/form.h"
#include "json/put.h"
#include "store/feeds.h"
#include "store/service.h"

#include <json-c/json.h>
#include <openssl/crypto.h>

#include <stdlib.h>
#include <string.h>

static const char *const done_words[] = { "feed_revoked", "meanwhile" };

/* What a page says besides the list; all borrowed, NULL = nothing. */
struct said {
	const char *feed;	/* whose address it is */
	const char *token;
	const char *error;	/* a code, about the name */
	const struct form *typed;
};

/* ---- the page ------------------------------------------------------------------ */

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
	char *address = alloc_printf("%s/feed/%s.ics",
				     call->site->conf.base_url, said->token);

	put_text(to, "name", said->feed);
	put_text(to, "address", address);
	explicit_bzero(address, strlen(address));
	free(address);
}

static void put_form(const struct call *call, struct json_object *values,
		     const struct said *said)
{
	struct json_object *to = put_object(values, "new");
	struct buf error = BUF_INIT;
	const char *name = said->error ? form_text(said->typed, "name") : "";

	if (said->error)
		page_error_text(call, said->error, FEED_NAME_MAX, &error);
	put_text(to, "value", name);
	put_text(to, "error", error.data);
	put_flag(to, "names", said->error &&
		 *form_text(said->typed, "names") != '\0');
	buf_release(&error);
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
		admin_put_done(call, values, done_words,
			       ARRAY_COUNT(done_words));
	if (put_feeds(call, values, &why) == 0 &&
	    admin_put_services(call, values, slug, &why) == 0) {
		page_send(call, said->error ? 422 : 200, "admin_feeds",
			  values);
		return;
	}
	json_object_put(values);
	fail_store(call, "feeds", &why);
}

void admin_feeds(struct call *call)
{
	const struct said nothing = { .feed = NULL };

	show(call, &nothing);
}

/* ---- what is done ---------------------------------------------------------------- */

/* What is wrong with the form, a code, or NULL; -1 in *r is a fault. */
static const char *feed_read(struct call *call, const struct form *f,
			     struct feed *out, int *r, struct fault *why)
{
	const char *slug = form_text(f, "service");
	struct service service;
	char *typed = alloc_text(form_text(f, "name"));
	const char *name = utext_trim(typed);
	const char *error = NULL;

	*r = 0;
	*out = (struct feed){ .names = *form_text(f, "names") != '\0' };
	if (utext_name_check(name) == UTEXT_EMPTY)
		error = "feed_name_required";
	else if (utext_name_check(name) != UTEXT_GOOD)
		error = "text_control";
	else if (str_utf8_count(name, strlen(name)) > FEED_NAME_MAX)
		error = "text_long";
	else
		must(str_copy(out->name, sizeof(out->name), name));
	free(typed);
	if (error || *slug == '\0')
		return error;
	*r = store_service_by_slug(call->site->store, slug, &service, why);
	if (*r == 0)
		return "service_unknown";
	if (*r < 0)
		return NULL;
	out->service_id = service.id;
	service_release(&service);
	return NULL;
}

/* The new address is in the answer itself: an address to be sent to would stand
 * in logs.  Sent again, the form finds the name taken. */
void admin_feeds_post(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct form form = { .count = 0 };
	char token[BEARER_LEN + 1];
	uint8_t hash[BEARER_HASH_BYTES];
	struct feed feed;
	struct fault why;
	struct said said = { .typed = &form };
	int r;

	if (!open_form(call, &form))
		return;
	said.error = feed_read(call, &form, &feed, &r, &why);
	if (!said.error && r >= 0) {
		bearer_draw(token);
		must(bearer_hash(token, hash));
		r = store_feed_add(call->site->store, &feed, hash, &by, &why);
		said.error = r == 0 ? "feed_name_taken" : NULL;
		said.feed = feed.name;
		said.token = r == 1 ? token : NULL;
	}
	if (r < 0)
		fail_store(call, "feeds", &why);
	else
		show(call, &said);
	OPENSSL_cleanse(token, sizeof(token));
	form_release(&form);
}

void admin_feed_rotate_post(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct form form = { .count = 0 };
	char token[BEARER_LEN + 1];
	uint8_t hash[BEARER_HASH_BYTES];
	struct fault why;
	int64_t version;
	int r = 0;

	if (!open_form(call, &form))
		return;

	const struct said said = {
		.feed = form_text(&form, "name"), .token = token,
	};

	bearer_draw(token);
	must(bearer_hash(token, hash));
	if (str_to_int(form_text(&form, "version"), 0, INT32_MAX, &version))
		r = store_feed_rotate(call->site->store, said.feed, version,
				      hash, &by, &why);
	if (r < 0)
		fail_store(call, "feeds", &why);
	else if (r == 0)
		admin_see(call, "/admin/feeds", "meanwhile");
	else
		show(call, &said);
	OPENSSL_cleanse(token, sizeof(token));
	form_release(&form);
}

void admin_feed_revoke_post(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct form form = { .count = 0 };
	struct fault why;
	int r;

	if (!open_form(call, &form))
		return;
	r = store_feed_revoke(call->site->store, form_text(&form, "name"), &by,
			      &why);
	if (r < 0)
		fail_store(call, "feeds", &why);
	else
		admin_see(call, "/admin/feeds",
			  r == 1 ? "feed_revoked" : "meanwhile");
	form_release(&form);
}
