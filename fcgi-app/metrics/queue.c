/* SPDX-License-Identifier: MIT */
/* Figures of the queue and of each maild, out of Redis. */
#include "config.h"

#include "metrics/queue.h"

#include "base/buf.h"
#include "base/logger.h"
#include "json/get.h"
#include "metrics/promtext.h"
#include "queue/figures.h"
#include "queue/operate.h"
#include "site/site.h"

#include <json-c/json.h>
#include <string.h>

typedef struct promtext_label label;

/* The phases and states of doc/states.md, so that each is there with its 0. */
static const char *const phases[] = { "idle", "claiming", "composing",
				      "connecting", "talking", "waiting",
				      "stopped" };
static const char *const breakers[] = { "closed", "open", "probing" };

/* What the queue's scripts count. */
static const char *const events[] = {
	"admitted", "doubled", "malformed", "sent", "sent_twice", "deferred",
	"released", "uncertain", "dead", "cancelled", "buried", "requeued",
	"purged", "erased", "report_reply", "report_no_news",
	"report_of_others", "report_unknown",
};

enum family { EVENTS, UP, WORKERS, BREAKER, CONNECTIONS, PAUSED, LOGIN,
	      ALERTS, DROPPED, DURATIONS, BROKEN, ATTEMPTS, FAMILIES };

static const struct {
	const char *name;
	const char *type;
	const char *help;
} about[FAMILIES] = {
	[EVENTS] = { "reservoir_queue_events_total", "counter",
		     "What became of jobs and attempts, of all instances, as "
		     "long as Redis keeps it." },
	[UP] = { "reservoir_maild_up", "gauge",
		 "1 if this instance of maild says how it is." },
	[WORKERS] = { "reservoir_maild_workers", "gauge",
		      "Workers by what they do." },
	[BREAKER] = { "reservoir_smtp_breaker_state", "gauge",
		      "1 for the state that the mail server's breaker is "
		      "in." },
	[CONNECTIONS] = { "reservoir_smtp_connections", "gauge",
			  "Connections to the mail server." },
	[PAUSED] = { "reservoir_smtp_paused", "gauge",
		     "1 if an operator has paused the mail server." },
	[LOGIN] = { "reservoir_smtp_login_ready", "gauge",
		    "0 if the mail server wants an access token and there is "
		    "none." },
	[ALERTS] = { "reservoir_maild_alerts_total", "counter",
		     "Alerts since the start of this instance." },
	[DROPPED] = { "reservoir_maild_log_lines_dropped_total", "counter",
		      "Its log lines that could not be written at once." },
	[DURATIONS] = { "reservoir_smtp_stage_duration_seconds", "histogram",
			"How long each step of SMTP took to its answer." },
	[BROKEN] = { "reservoir_smtp_stage_broken_total", "counter",
		     "Steps of SMTP that ended without an answer." },
	[ATTEMPTS] = { "reservoir_smtp_attempts_total", "counter",
		       "Attempts to send a mail, by what came of them." },
};

/* A family is written in one piece, though instances and rows come one by
 * one. */
struct families {
	int64_t counted[ARRAY_COUNT(events)];
	struct buf lines[FAMILIES];
};

static void add_line(struct families *f, enum family family,
		     const label *labels, int64_t value)
{
	promtext_int(&f->lines[family], about[family].name, labels, value);
}

/* Other counters of the queue, such as how often the lanes took turns, are its
 * own. */
static void one_event(void *arg, const char *name, int64_t value)
{
	struct families *f = arg;

	for (size_t i = 0; i < ARRAY_COUNT(events); i++)
		if (strcmp(name, events[i]) == 0)
			f->counted[i] = value;
}

/* Each has its 0 before the first: from nothing to 1 is no increase. */
static void put_events(struct families *f)
{
	for (size_t i = 0; i < ARRAY_COUNT(events); i++)
		add_line(f, EVENTS, (label[2]){ { "event", events[i] } },
			 f->counted[i]);
}

static void put_workers(struct families *f, const char *instance,
			struct json_object *list)
{
	for (size_t p = 0; p < ARRAY_COUNT(phases); p++) {
		int64_t count = 0;

		for (size_t i = 0; i < get_count(list); i++)
			count += strcmp(phases[p], get_text(get_at(list, i),
							    "phase")) == 0;
		add_line(f, WORKERS, (label[3]){ { "maild", instance },
						 { "phase", phases[p] } },
			 count);
	}
}

static void put_relay(struct families *f, const char *instance,
		      struct json_object *relay)
{
	const char *name = get_text(relay, "name");
	const char *state = get_text(relay, "breaker");
	const label labels[] = { { "maild", instance }, { "relay", name },
				 { NULL, NULL } };

	for (size_t i = 0; i < ARRAY_COUNT(breakers); i++)
		add_line(f, BREAKER, (label[4]){ { "maild", instance },
						 { "relay", name },
						 { "state", breakers[i] } },
			 strcmp(state, breakers[i]) == 0);
	add_line(f, CONNECTIONS, labels, get_int(relay, "connections"));
	add_line(f, PAUSED, labels, get_flag(relay, "paused"));
	add_line(f, LOGIN, labels,
		 strcmp(get_text(relay, "token"), "none") != 0);
}

static void one_instance(void *arg, const char *instance, const char *json)
{
	struct families *f = arg;
	struct json_object *doc = get_root(json);
	const label labels[] = { { "maild", instance }, { NULL, NULL } };
	bool up = doc != NULL;

	add_line(f, UP, labels, up);
	if (up) {
		struct json_object *workers = get_value(doc, "workers");
		struct json_object *relays = get_value(doc, "relays");

		if (workers)
			put_workers(f, instance, workers);
		for (size_t i = 0; i < get_count(relays); i++)
			put_relay(f, instance, get_at(relays, i));
		add_line(f, ALERTS, labels, get_int(doc, "alerts"));
		add_line(f, DROPPED, labels, get_int(doc, "log_dropped"));
	}
	json_object_put(doc);
}

static void put_places(struct buf *out, const struct queue_places *c,
		       const struct queue_ages *a)
{
	const struct {
		const char *place;
		int64_t jobs;
		int64_t age_ms;		/* -1 = not known */
	} rows[] = {
		{ "intake", c->intake, -1 },
		{ "ready", c->ready, a->ready },
		{ "bulk", c->bulk, a->bulk },
		{ "held", c->held, -1 },
		{ "retry", c->retry, a->retry },
		{ "dead", c->dead, a->dead },
		{ "malformed", c->malformed, -1 },
		{ "receipts", c->receipts, -1 },
	};

	promtext_family(out, "reservoir_queue_jobs", "gauge",
			"Jobs in each place of the queue.");
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		promtext_int(out, "reservoir_queue_jobs", (label[2]){
			{ "place", rows[i].place } }, rows[i].jobs);
	promtext_family(out, "reservoir_queue_oldest_age_seconds", "gauge",
			"Age of the oldest job: since its admission, of retry "
			"since it is due, of dead since its end.");
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (rows[i].age_ms >= 0)
			promtext_seconds(
				out, "reservoir_queue_oldest_age_seconds",
				(label[2]){ { "place", rows[i].place } },
				rows[i].age_ms);
}

/* Appends the families that have lines. */
static void put_families(struct buf *out, const struct families *f)
{
	for (size_t i = 0; i < FAMILIES; i++) {
		if (f->lines[i].len == 0)
			continue;
		promtext_family(out, about[i].name, about[i].type,
				about[i].help);
		buf_add(out, f->lines[i].data, f->lines[i].len);
	}
}

/* ---- SMTP ------------------------------------------------------------- */

static void put_stage(struct families *f, const label labels[3],
		      const struct queue_tally *row)
{
	static const int64_t bounds[] = QUEUE_STAGE_BOUNDS;
	const struct promtext_histogram histogram = {
		.bounds_us = bounds, .bound_count = ARRAY_COUNT(bounds),
		.counts = row->numbers + QUEUE_STAGE_FIRST,
		.sum_us = row->numbers[QUEUE_STAGE_SUM],
	};

	promtext_histogram(&f->lines[DURATIONS], about[DURATIONS].name, labels,
			   &histogram);
	add_line(f, BROKEN, labels, (int64_t)row->numbers[QUEUE_STAGE_BROKEN]);
}

/* "stage:connect:local", "attempt:sent:local"; what is not known is another
 * version's. */
static void one_tally(void *arg, const struct queue_tally *row)
{
	struct families *f = arg;
	char name[QUEUE_TALLY_NAME_MAX];
	char *relay = name;
	const char *what;
	const char *word;

	memcpy(name, row->name, sizeof(name));
	what = strsep(&relay, ":");
	word = relay ? strsep(&relay, ":") : NULL;
	if (!relay)
		return;
	if (strcmp(what, "stage") == 0 && row->count == QUEUE_STAGE_NUMBERS)
		put_stage(f, (label[3]){ { "relay", relay },
					 { "stage", word } }, row);
	else if (strcmp(what, "attempt") == 0 && row->count == 1)
		add_line(f, ATTEMPTS, (label[3]){ { "relay", relay },
						  { "outcome", word } },
			 (int64_t)row->numbers[0]);
}

/* ---- all -------------------------------------------------------------- */

bool metrics_queue(struct site *site, struct buf *out)
{
	struct queue *q = queue_new(site->probe, site->conf.redis.prefix);
	struct families f = { .counted = { 0 } };
	struct queue_places places;
	struct queue_ages ages;
	struct fault why;

	for (size_t i = 0; i < FAMILIES; i++)
		buf_init(&f.lines[i]);
	bool known = queue_places(q, &places, &why) == 0 &&
		     queue_oldest(q, &ages, &why) == 0 &&
		     queue_stats(q, one_event, &f, &why) >= 0 &&
		     queue_statuses(q, one_instance, &f, &why) >= 0 &&
		     queue_tallies(q, one_tally, &f, &why) >= 0;

	if (known) {
		put_places(out, &places, &ages);
		put_events(&f);
		put_families(out, &f);
	} else {
		log_warning("could not read figures why=\"%s\"", why.text);
	}
	for (size_t i = 0; i < FAMILIES; i++)
		buf_release(&f.lines[i]);
	queue_free(q);
	return known;
}
