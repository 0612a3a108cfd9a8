/* SPDX-License-Identifier: MIT */
/* GET /metrics: what monitoring draws and watches. */
#include "config.h"

#include "metrics/page.h"

#include "answer/fail.h"
#include "base/logger.h"
#include "daemon/fence.h"
#include "http/reply.h"
#include "http/request.h"
#include "metrics/metrics.h"
#include "metrics/queue.h"
#include "metrics/promtext.h"
#include "site/site.h"
#include "store/figures.h"

#define MEDIA_TYPE "text/plain; version=0.0.4; charset=utf-8"

typedef struct promtext_label label;

static void put_counts(struct buf *out, const struct metrics *metrics)
{
	static const char bookings[] = "reservoir_bookings_total";
	static const char answers[] = "reservoir_http_responses_total";
	static const char posts[] = "reservoir_http_post_duration_seconds";
	static const int64_t bounds[] = METRICS_BOUNDS;
	static const char *const classes[] = { NULL, "1xx", "2xx", "3xx",
					       "4xx", "5xx" };
	struct metrics_copy copy;

	metrics_read(metrics, &copy);
	promtext_family(out, bookings, "counter",
			"Requests to book since the start, by result.");
	for (int i = 0; i < METRICS_BOOKINGS; i++)
		promtext_int(out, bookings, (label[2]){
			{ "result", metrics_booking_word(
				(enum metrics_booking)i) } },
			(int64_t)copy.bookings[i]);
	promtext_family(out, answers, "counter",
			"Answers of the program since the start, by class.");
	for (size_t i = 1; i < ARRAY_COUNT(classes); i++)
		promtext_int(out, answers, (label[2]){
			{ "code", classes[i] } }, (int64_t)copy.answers[i]);
	promtext_family(out, posts, "histogram",
			"From the whole request read to the answer built, "
			"of each POST.");
	promtext_histogram(out, posts, NULL, &(struct promtext_histogram){
		.bounds_us = bounds, .bound_count = ARRAY_COUNT(bounds),
		.counts = copy.posts, .sum_us = copy.post_us });
}

static void put_fates(struct buf *out, const struct metrics *metrics)
{
	static const char name[] = "reservoir_mail_fate_total";
	struct metrics_copy copy;

	metrics_read(metrics, &copy);
	promtext_family(out, name, "counter",
			"What was heard since the start of mails after they "
			"were sent.");
	for (int i = QUEUE_FATE_NONE + 1; i < METRICS_FATES; i++)
		promtext_int(out, name, (label[2]){
			{ "fate", queue_fate_word((enum queue_fate)i) } },
			(int64_t)copy.fates[i]);
}

static void put_log(struct buf *out)
{
	static const char name[] = "reservoir_log_lines_dropped_total";

	promtext_family(out, name, "counter",
			"Log lines since the start that could not be written "
			"at once.");
	promtext_int(out, name, NULL, (int64_t)log_dropped_count());
}

static bool put_outbox(struct call *call, struct buf *out)
{
	struct fault why;
	struct store_figures f;

	if (store_figures(call->site->store, &f, &why) < 0) {
		log_warning("could not read figures why=\"%s\"", why.text);
		return false;
	}
	promtext_family(out, "reservoir_outbox_open", "gauge",
			"Mails in the outbox whose fate is not known yet.");
	promtext_int(out, "reservoir_outbox_open", NULL, f.open);
	promtext_family(out, "reservoir_outbox_oldest_age_seconds", "gauge",
			"Age of the oldest of them, 0 without any.");
	promtext_seconds(out, "reservoir_outbox_oldest_age_seconds", NULL,
			 f.oldest_ms);
	promtext_family(out, "reservoir_outbox_scheduled", "gauge",
			"Mails in the outbox whose time has not come.");
	promtext_int(out, "reservoir_outbox_scheduled", NULL, f.scheduled);
	promtext_family(out, "reservoir_relay_lag_seconds", "gauge",
			"How long the relay should have looked at the row "
			"that is due longest, 0 without any.");
	promtext_seconds(out, "reservoir_relay_lag_seconds", NULL, f.lag_ms);
	return true;
}

static void put_up(struct buf *out, bool mysql, bool redis)
{
	static const char name[] = "reservoir_dependency_up";

	promtext_family(out, name, "gauge",
			"1 if the server answered just now; its figures lack "
			"if not.");
	promtext_int(out, name, (label[2]){ { "server", "mysql" } }, mysql);
	promtext_int(out, name, (label[2]){ { "server", "redis" } }, redis);
	promtext_family(out, "reservoir_build_info", "gauge",
			"1; the version is in the label.");
	promtext_int(out, "reservoir_build_info",
		     (label[2]){ { "version", PACKAGE_VERSION } }, 1);
}

/* Of the process that answers: its landlock's version, its seccomp as 1. */
static void put_fence(struct buf *out, const struct appconf *c)
{
	promtext_family(out, "reservoir_fence", "gauge",
			"What the kernel refuses our processes: 0 = nothing, "
			"else 1, or landlock's version.");
	promtext_int(out, "reservoir_fence",
		     (label[2]){ { "by", "seccomp" } },
		     c->seccomp && fence_has_seccomp());
	promtext_int(out, "reservoir_fence",
		     (label[2]){ { "by", "landlock" } },
		     c->landlock ? fence_landlock_version() : 0);
}

void metrics_page(struct call *call)
{
	struct buf *out = &call->rp->body;

	/* The web server says who may see this; if it says nothing, nobody. */
	if (!call->rq->shows_metrics) {
		fail(call, FAIL_NOT_FOUND);
		return;
	}
	reply_header(call->rp, "Content-Type", MEDIA_TYPE);
	put_counts(out, call->site->metrics);
	put_fates(out, call->site->metrics);
	put_log(out);
	put_fence(out, &call->site->conf);

	bool mysql = put_outbox(call, out);
	bool redis = metrics_queue(call->site, out);

	put_up(out, mysql, redis);
}
