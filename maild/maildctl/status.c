/* SPDX-License-Identifier: MIT */
/* maildctl status: the whole picture, for people or as JSON. */
#include "config.h"

#include "maildctl/maildctl.h"
#include "maildctl/snapshot.h"

#include "base/alloc.h"
#include "json/get.h"
#include "maildctl/table.h"
#include "maildctl/time.h"

#include <json-c/json.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define BOLD "\033[1m"
#define RED "\033[31m"
#define PLAIN "\033[0m"
#define COUNTERS_WIDTH 78	/* if there is no screen */

/* Adds one line, in a style if the screen has colours. */
static void add_line(const struct ctl_screen *screen, const char *style,
		     struct buf *out, const char *text)
{
	if (screen->colour && *style)
		buf_addstr(out, style);
	ctl_text_add(out, text, screen->width);
	if (screen->colour && *style)
		buf_addstr(out, PLAIN);
	buf_addch(out, '\n');
}

/* Adds a table, unless it is empty, under an empty line, its titles bold; frees
 * it. */
static void add_table(const struct ctl_screen *screen, struct ctl_table *t,
		      struct buf *out)
{
	struct buf text = BUF_INIT;
	size_t head;

	if (ctl_table_rows(t) == 0) {
		ctl_table_free(t);
		return;
	}
	ctl_table_render(t, screen->width, &text);
	head = strcspn(text.data, "\n");
	buf_addch(out, '\n');
	if (screen->colour)
		buf_addstr(out, BOLD);
	buf_add(out, text.data, head);
	if (screen->colour)
		buf_addstr(out, PLAIN);
	buf_addstr(out, text.data + head);
	buf_release(&text);
	ctl_table_free(t);
}

static void add_cellf(struct ctl_table *t, const char *fmt, ...)
	PRINTF_LIKE(2, 3);
static void add_cellf(struct ctl_table *t, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);	/* cut is fine */
	va_end(args);
	ctl_table_add(t, text);
}

static void add_number(struct ctl_table *t, struct json_object *from,
		       const char *name)
{
	add_cellf(t, "%lld", (long long)get_int(from, name));
}

static void render_queues(struct json_object *queues,
			  const struct ctl_screen *screen, struct buf *out)
{
	static const struct ctl_column columns[] = {
		{ "", false }, { "INTAKE", true }, { "READY", true },
		{ "BULK", true }, { "IN HAND", true }, { "RETRY", true },
		{ "HELD", true }, { "DEAD", true }, { "MALFORMED", true },
	};
	static const char *const names[] = {
		"intake", "ready", "bulk", "in_hand", "retry", "held", "dead",
		"malformed",
	};
	struct ctl_table *t = ctl_table_new(columns, ARRAY_COUNT(columns));
	int64_t due = get_int(get_value(queues, "retry"), "due");

	ctl_table_add(t, "jobs");
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		add_number(t, get_value(queues, names[i]), "length");
	ctl_table_add(t, "oldest");
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		int64_t ms = get_int(get_value(queues, names[i]),
					  "oldest_ms");
		char age[CTL_AGE_MAX];

		if (!strcmp(names[i], "retry") && due)
			add_cellf(t, "%lld due", (long long)due);
		else
			ctl_table_add(t, ms ? ctl_age_text(age, ms) : "");
	}
	add_table(screen, t, out);
}

static void render_pauses(struct json_object *all,
			  const struct ctl_screen *screen, struct buf *out)
{
	static const struct ctl_column columns[] = {
		{ "PAUSED", false }, { "FOR", true }, { "SINCE", false },
		{ "REASON", false },
	};
	struct json_object *pauses = get_value(all, "pauses");
	struct ctl_table *t = ctl_table_new(columns, ARRAY_COUNT(columns));

	for (size_t i = 0; i < get_count(pauses); i++) {
		struct json_object *one = get_at(pauses, i);
		int64_t since_ms = get_int(one, "since_ms");
		char room[CTL_LOCAL_MAX];

		ctl_table_add(t, get_text(one, "what"));
		ctl_table_add(t, ctl_age_text(
			room, get_int(all, "now_ms") - since_ms));
		ctl_table_add(t, ctl_local_text(room, since_ms));
		ctl_table_add(t, get_text(one, "reason"));
	}
	add_table(screen, t, out);
}

/* "4 workers: 2 idle, 1 talking" */
static void add_phases(struct json_object *workers, struct buf *out)
{
	static const char *const phases[] = {
		"idle", "claiming", "composing", "connecting", "talking",
		"waiting", "stopped",
	};
	size_t count = get_count(workers);
	const char *gap = ": ";

	buf_addf(out, "%zu worker%s", count, count == 1 ? "" : "s");
	for (size_t i = 0; i < ARRAY_COUNT(phases); i++) {
		size_t same = 0;

		for (size_t k = 0; k < count; k++)
			same += !strcmp(get_text(get_at(workers, k),
						      "phase"), phases[i]);
		if (same > 0) {
			buf_addf(out, "%s%zu %s", gap, same, phases[i]);
			gap = ", ";
		}
	}
}

static void render_instances(struct json_object *all,
			     const struct ctl_screen *screen, struct buf *out)
{
	struct json_object *instances = get_value(all, "instances");
	int64_t now_ms = get_int(all, "now_ms");
	struct buf line = BUF_INIT;
	bool running = false;

	buf_addch(out, '\n');
	for (size_t i = 0; i < get_count(instances); i++) {
		struct json_object *one = get_at(instances, i);
		const char *redis = get_text(one, "redis");
		int64_t alerts = get_int(one, "alerts");
		int64_t dropped = get_int(one, "log_dropped");
		int64_t silent_ms = now_ms - get_int(one, "now_ms");
		char age[CTL_AGE_MAX];

		buf_clear(&line);
		buf_addstr(&line, get_text(one, "instance"));
		if (!get_flag(one, "heard")) {
			buf_addstr(&line, "  has been silent for a while");
			add_line(screen, RED, out, line.data);
			continue;
		}
		running = true;
		buf_addf(&line, "  maild %s, up %s, ",
			 get_text(one, "version"),
			 ctl_age_text(age, get_int(one, "now_ms") -
				      get_int(one, "started_ms")));
		add_phases(get_value(one, "workers"), &line);
		if (*redis && strcmp(redis, "ok") != 0)
			buf_addf(&line, ", redis: %s", redis);
		if (alerts)
			buf_addf(&line, ", %lld alert%s", (long long)alerts,
				 alerts == 1 ? "" : "s");
		if (dropped)
			buf_addf(&line, ", %lld log line%s dropped",
				 (long long)dropped, dropped == 1 ? "" : "s");
		if (silent_ms > 5000)
			buf_addf(&line, ", silent for %s",
				 ctl_age_text(age, silent_ms));
		add_line(screen, "", out, line.data);
	}
	if (!running)
		add_line(screen, RED, out, "No maild is running.");
	buf_release(&line);
}

static const char *host_of(struct json_object *instance)
{
	const char *host = get_text(instance, "host");

	return *host ? host : get_text(instance, "instance");
}

/* "closed", "open 12 s", "paused" ... */
static void add_breaker(struct ctl_table *t, struct json_object *relay)
{
	const char *breaker = get_text(relay, "breaker");
	int64_t open_ms = get_int(relay, "open_for_ms");
	char age[CTL_AGE_MAX];

	add_cellf(t, "%s%s%s%s", breaker, open_ms > 0 ? " for " : "",
		  open_ms > 0 ? ctl_age_text(age, open_ms) : "",
		  get_flag(relay, "paused") ? ", paused" : "");
}

/* Why a breaker is open goes below the table: it is long. */
static void add_cause(struct json_object *instance, struct json_object *relay,
		      const struct ctl_screen *screen, struct buf *out)
{
	struct buf line = BUF_INIT;

	if (strcmp(get_text(relay, "breaker"), "closed") != 0) {
		buf_addf(&line, "  %s at %s: %s", get_text(relay, "name"),
			 host_of(instance), get_text(relay, "cause"));
		add_line(screen, RED, out, line.data);
	}
	buf_release(&line);
}

/* So does what a relay is logged in to with, if that is a token. */
static void add_token(struct json_object *instance, struct json_object *relay,
		      const struct ctl_screen *screen, struct buf *out)
{
	const char *trouble = get_text(relay, "token_trouble");
	bool good = strcmp(get_text(relay, "token"), "good") == 0;
	int64_t until_ms = get_int(relay, "token_until_ms");
	struct buf line = BUF_INIT;
	char date[CTL_LOCAL_MAX];

	if (get_text(relay, "token")[0] == '\0')
		return;
	buf_addf(&line, "  %s at %s: logs in with %s", get_text(relay, "name"),
		 host_of(instance), good ? "a token" : "a token that it does "
		 "not have, mails wait");
	if (until_ms > 0)
		buf_addf(&line, " until %s", ctl_local_text(date, until_ms));
	if (*trouble)
		buf_addf(&line, "%s: %s", good ? ", and gets no new one" : "",
			 trouble);
	add_line(screen, good && !*trouble ? "" : RED, out, line.data);
	buf_release(&line);
}

static void render_relays(struct json_object *all,
			  const struct ctl_screen *screen, struct buf *out)
{
	static const struct ctl_column columns[] = {
		{ "HOST", false }, { "RELAY", false }, { "SERVER", false },
		{ "BREAKER", false }, { "CONN", true }, { "RATE", true },
	};
	struct json_object *instances = get_value(all, "instances");
	struct ctl_table *t = ctl_table_new(columns, ARRAY_COUNT(columns));
	struct buf causes = BUF_INIT;

	for (size_t i = 0; i < get_count(instances); i++) {
		struct json_object *one = get_at(instances, i);
		struct json_object *relays = get_value(one, "relays");

		for (size_t k = 0; k < get_count(relays); k++) {
			struct json_object *relay = get_at(relays, k);
			int64_t allowed = get_int(relay, "allowed");
			int64_t rate = get_int(relay, "rate");

			ctl_table_add(t, host_of(one));
			ctl_table_add(t, get_text(relay, "name"));
			add_cellf(t, "%s:%lld", get_text(relay, "host"),
				  (long long)get_int(relay, "port"));
			add_breaker(t, relay);
			add_cellf(t, allowed ? "%lld/%lld" : "%lld",
				  (long long)get_int(relay, "connections"),
				  (long long)allowed);
			if (rate)
				add_cellf(t, "%lld/s", (long long)rate);
			else
				ctl_table_add(t, "");
			add_cause(one, relay, screen, &causes);
			add_token(one, relay, screen, &causes);
		}
	}
	add_table(screen, t, out);
	buf_addstr(out, causes.data);
	buf_release(&causes);
}

/* Only workers that do something: idle ones are counted above. */
static void render_workers(struct json_object *all,
			   const struct ctl_screen *screen, struct buf *out)
{
	static const struct ctl_column columns[] = {
		{ "HOST", false }, { "WORKER", true }, { "PID", true },
		{ "DOES", false }, { "FOR", true }, { "RELAY", false },
		{ "JOB", false },
	};
	struct json_object *instances = get_value(all, "instances");
	struct ctl_table *t = ctl_table_new(columns, ARRAY_COUNT(columns));

	for (size_t i = 0; i < get_count(instances); i++) {
		struct json_object *one = get_at(instances, i);
		struct json_object *workers = get_value(one, "workers");

		for (size_t k = 0; k < get_count(workers); k++) {
			struct json_object *worker = get_at(workers, k);
			const char *phase = get_text(worker, "phase");
			char age[CTL_AGE_MAX];

			if (!strcmp(phase, "idle"))
				continue;
			ctl_table_add(t, host_of(one));
			add_number(t, worker, "slot");
			add_number(t, worker, "pid");
			ctl_table_add(t, phase);
			ctl_table_add(t, ctl_age_text(
				age, get_int(worker, "since_ms")));
			ctl_table_add(t, get_text(worker, "relay"));
			ctl_table_add(t, get_text(worker, "job"));
		}
	}
	add_table(screen, t, out);
}

/* "counted: admitted 12, sent 11", in lines that fit. */
static void render_counters(struct json_object *counters,
			    const struct ctl_screen *screen, struct buf *out)
{
	size_t width = screen->width ? screen->width : COUNTERS_WIDTH;
	struct buf word = BUF_INIT;
	size_t at = 0;

	buf_addstr(out, "\ncounted:");
	at = strlen("counted:");
	json_object_object_foreach(counters, name, value) {
		buf_clear(&word);
		buf_addf(&word, " %s %lld%s", name,
			 (long long)json_object_get_int64(value), ",");
		if (at + word.len > width && at > 0) {
			buf_addch(out, '\n');
			at = 0;
		}
		ctl_text_add(out, word.data, width);
		at += word.len;
	}
	if (out->len > 0 && out->data[out->len - 1] == ',')
		buf_truncate(out, out->len - 1);
	buf_addch(out, '\n');
	buf_release(&word);
}

void ctl_status_render(struct json_object *snapshot,
		       const struct ctl_screen *screen, struct buf *out)
{
	char date[CTL_LOCAL_MAX];
	char *head = alloc_printf("%s on %s, %s",
				  get_text(snapshot, "prefix"),
				  get_text(snapshot, "redis"),
				  ctl_local_text(date, get_int(snapshot,
								    "now_ms")));

	add_line(screen, BOLD, out, head);
	free(head);
	render_queues(get_value(snapshot, "queues"), screen, out);
	render_pauses(snapshot, screen, out);
	render_instances(snapshot, screen, out);
	render_relays(snapshot, screen, out);
	render_workers(snapshot, screen, out);
	if (json_object_object_length(get_value(snapshot, "counters")))
		render_counters(get_value(snapshot, "counters"), screen,
				out);
}
