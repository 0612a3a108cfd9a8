/* SPDX-License-Identifier: MIT */
/* Makes calendar feeds, and the events of one. */
#include "config.h"

#include "actions/feed.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/utext.h"
#include "domain/token.h"
#include "domain/zone.h"
#include "site/appconf.h"
#include "store/feeds.h"
#include "store/service.h"
#include "text/ics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define REFRESH_MIN 60

/* ---- one of them ------------------------------------------------------ */

/* The code of what is wrong with it, or NULL. */
static const char *name_read(struct feed_order *o)
{
	char *copy = alloc_text(o->typed);
	const char *name = utext_trim(copy);
	enum utext_fault fault = utext_name_check(name);
	const char *code = NULL;

	if (fault == UTEXT_EMPTY)
		code = "feed_name_required";
	else if (fault != UTEXT_GOOD)
		code = "text_control";
	else if (str_utf8_count(name, strlen(name)) > FEED_NAME_MAX)
		code = "text_long";
	else
		must(str_copy(o->name, sizeof(o->name), name));
	free(copy);
	return code;
}

static void token_draw(struct feed_order *o, uint8_t hash[BEARER_HASH_BYTES])
{
	bearer_draw(o->token);
	must(bearer_hash(o->token, hash));
}

static int feed_add_new(struct feed_order *o, int64_t service_id,
			struct fault *why)
{
	struct feed feed = { .service_id = service_id, .names = o->names };

	must(str_copy(feed.name, sizeof(feed.name), o->name));
	token_draw(o, feed.hash);
	return store_feed_add(o->store, &feed, o->by, why);
}

int feed_make(struct feed_order *o, struct fault *why)
{
	struct service service = { .id = 0 };
	const char *code = name_read(o);
	int r = code == NULL;

	if (r == 1 && *o->service != '\0') {
		r = store_service_by_slug(o->store, o->service, &service, why);
		code = "service_unknown";
	}
	if (r == 1) {
		r = feed_add_new(o, service.id, why);
		code = "feed_name_taken";
	}
	service_release(&service);
	if (r == 0)
		fields_fail(&o->wrong, "name", code, FEED_NAME_MAX);
	return r;
}

int feed_rotate(struct feed_order *o, struct fault *why)
{
	struct feed feed = { .version = o->version };

	if (!str_copy(o->name, sizeof(o->name), o->typed))
		return 0;	/* no feed's name is so long */
	must(str_copy(feed.name, sizeof(feed.name), o->name));
	token_draw(o, feed.hash);
	return store_feed_rotate(o->store, &feed, o->by, why);
}

char *feed_address(const struct appconf *conf, const char *token)
{
	return alloc_printf("%s/feed/%s.ics%s%s", conf->base_url, token,
			    *conf->ref_prefix != '\0' ? "?cell=" : "",
			    conf->ref_prefix);
}

/* ---- what stands in it ------------------------------------------------ */

void feed_init(struct feed_writer *w, const struct feed_opts *opts,
	       struct buf *out)
{
	*w = (struct feed_writer){
		.out = out, .domain = opts->domain, .names = opts->names,
	};
	buf_init(&w->service);
	buf_init(&w->place);
	buf_init(&w->who);
	ics_feed_begin(opts->name, REFRESH_MIN, out);
}

/* "Consultation", "Consultation – Zoé Martin", "Concert (37/120)". */
static void summary_make(const struct feed_writer *w, struct buf *out)
{
	buf_addstr(out, w->service.data);
	if (w->capacity > 1)
		buf_addf(out, " (%" PRId64 "/%" PRId64 ")", w->seats,
			 w->capacity);
	if (w->line_count == 1 && w->who.len > 0)
		buf_addf(out, " \xe2\x80\x93 %s", w->who.data);
}

static int by_booking(const void *a, const void *b)
{
	const struct feed_line *one = a;
	const struct feed_line *other = b;

	return (one->booking_id > other->booking_id) -
	       (one->booking_id < other->booking_id);
}

/* The first lines, and how many more there are. */
static void lines_write(const struct feed_writer *w, struct buf *out)
{
	qsort(w->lines, w->line_count, sizeof(*w->lines), by_booking);
	for (size_t i = 0; i < w->line_count && i < FEED_LINES_MAX; i++)
		buf_addf(out, "%s%s", i > 0 ? "\n" : "", w->lines[i].text);
	if (w->line_count > FEED_LINES_MAX)
		buf_addf(out, "\n+ %zu", w->line_count - FEED_LINES_MAX);
}

static void lines_clear(struct feed_writer *w)
{
	for (size_t i = 0; i < w->line_count; i++)
		free(w->lines[i].text);
	w->line_count = 0;
}

static void event_write(struct feed_writer *w)
{
	char stamp[ZONE_ISO_SIZE];
	char start[ZONE_ISO_SIZE];
	char end[ZONE_ISO_SIZE];
	struct buf summary = BUF_INIT;
	struct buf lines = BUF_INIT;
	struct fault why;

	if (w->slot_id == 0)
		return;
	summary_make(w, &summary);
	lines_write(w, &lines);

	char *uid = alloc_printf("slot-%" PRId64 "@%s", w->slot_id, w->domain);
	const struct ics_event event = {
		.uid = uid,
		.stamp = stamp,
		.start = start,
		.end = end,
		.summary = summary.data,
		.location = w->place.data,
		.description = lines.data,
	};

	zone_utc(w->changed_at_s, stamp);
	zone_utc(w->starts_at_s, start);
	zone_utc(w->ends_at_s, end);
	w->failed += ics_feed_add(&event, w->out, &why) < 0;
	free(uid);
	buf_release(&summary);
	buf_release(&lines);
}

static void slot_begin(struct feed_writer *w, const struct feed_booking *b)
{
	event_write(w);
	buf_clear(&w->service);
	buf_clear(&w->place);
	lines_clear(w);
	buf_clear(&w->who);
	buf_addstr(&w->service, b->service);
	buf_addstr(&w->place, b->place);
	if (w->names)
		buf_addstr(&w->who, b->name);
	w->slot_id = b->slot_id;
	w->starts_at_s = b->starts_at_s;
	w->ends_at_s = b->ends_at_s;
	w->capacity = b->capacity;
	w->seats = 0;
	w->changed_at_s = 0;
}

/* "RK7F-3M2Q Zoé Martin (2)"; a reference opens nothing. */
static void line_add(struct feed_writer *w, const struct feed_booking *b)
{
	char shown[TOKEN_REF_LEN + 2];
	struct buf line = BUF_INIT;

	token_ref_show(b->ref, shown);
	buf_addstr(&line, shown);
	if (w->names && *b->name != '\0')
		buf_addf(&line, " %s", b->name);
	if (b->seats > 1)
		buf_addf(&line, " (%" PRId64 ")", b->seats);
	w->lines = alloc_grow(w->lines, w->line_count, &w->line_room,
			      sizeof(*w->lines));
	w->lines[w->line_count++] = (struct feed_line){ b->id,
							buf_detach(&line) };
}

void feed_add(void *arg, const struct feed_booking *b)
{
	struct feed_writer *w = arg;

	if (b->slot_id != w->slot_id)
		slot_begin(w, b);
	line_add(w, b);
	w->seats += b->seats;
	if (b->changed_at_s > w->changed_at_s)
		w->changed_at_s = b->changed_at_s;
}

int feed_end(struct feed_writer *w)
{
	event_write(w);
	ics_feed_end(w->out);
	buf_release(&w->service);
	buf_release(&w->place);
	lines_clear(w);
	free(w->lines);
	buf_release(&w->who);
	return w->failed;
}
