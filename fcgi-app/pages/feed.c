/* SPDX-License-Identifier: MIT */
/* GET /feed/{token}.ics: what organisers' calendar programs subscribe to. */
#include "config.h"

#include "pages/pages.h"

#include "actions/feed.h"
#include "answer/etag.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "domain/bearer.h"
#include "http/reply.h"
#include "http/routes.h"
#include "site/site.h"
#include "store/feeds.h"

#include <inttypes.h>
#include <string.h>

#define DAY_S (INT64_C(24) * 3600)
#define DAYS_BACK 31
#define DAYS_AHEAD 400
#define BOOKINGS_MAX 5000

/* The hash of "{token}.ics"; false if that cannot be one. */
static bool hash_read(const char *file, uint8_t hash[BEARER_HASH_BYTES])
{
	char token[BEARER_LEN + 1];

	if (strlen(file) != BEARER_LEN + strlen(".ics") ||
	    !str_ends_with(file, ".ics"))
		return false;
	memcpy(token, file, BEARER_LEN);
	token[BEARER_LEN] = '\0';

	bool right = bearer_hash(token, hash);

	explicit_bzero(token, sizeof(token));
	return right;
}

struct counted {
	struct feed_writer w;
	size_t count;
};

static void count_and_add(void *arg, const struct feed_booking *b)
{
	struct counted *c = arg;

	c->count++;
	feed_add(&c->w, b);
}

static void calendar_send(struct call *call, const struct feed *feed)
{
	/* Whole days, so that the same bookings are the same calendar. */
	int64_t today_s = wall_ms() / 1000 / DAY_S * DAY_S;
	const struct span span = {
		.service_id = feed->service_id,
		.from_s = today_s - DAYS_BACK * DAY_S,
		.until_s = today_s + DAYS_AHEAD * DAY_S,
		.max = BOOKINGS_MAX,
	};
	const struct feed_opts opts = {
		.name = *feed->service_name != '\0' ? feed->service_name :
						      feed->name,
		.names = feed->names,
		.domain = call->site->conf.message_domain,
	};
	struct counted c = { .count = 0 };
	const struct feed_reader reader = { count_and_add, &c };
	struct fault why;
	int r;

	feed_init(&c.w, &opts, &call->rp->body);
	r = store_feed_bookings(call->site->store, &span, &reader, &why);
	int lost = feed_end(&c.w);

	if (r < 0) {
		reply_clear(call->rp);
		fail_store(call, "a feed", &why);
		return;
	}
	if (c.count == BOOKINGS_MAX)
		log_warning("cut a feed feed=%" PRId64 " bookings=%d",
			    feed->id, BOOKINGS_MAX);
	if (lost > 0)
		log_error("could not write events of a feed feed=%" PRId64
			  " events=%d", feed->id, lost);
	reply_header(call->rp, "Content-Type", "text/calendar; charset=utf-8");
	reply_header(call->rp, "X-Content-Type-Options", "nosniff");
	reply_header(call->rp, "X-Robots-Tag", "noindex");
	reply_header(call->rp, "Referrer-Policy", "no-referrer");
	etag_answer(call, true);
}

void pages_feed(struct call *call)
{
	uint8_t hash[BEARER_HASH_BYTES];
	struct feed feed;
	struct fault why;
	int found = 0;

	if (hash_read(call->match->args[0], hash))
		found = store_feed(call->site->store, hash, &feed, &why);
	if (open_found(call, found, "a feed", &why))
		calendar_send(call, &feed);
}
