/* SPDX-License-Identifier: MIT */
/* The queue at one moment, as "maildctl status --json" prints it. */
#include "config.h"

#include "maildctl/snapshot.h"

#include "base/ticks.h"
#include "maildctl/json.h"
#include "queue/figures.h"
#include "queue/operate.h"

#include <json-c/json.h>

#include <stdlib.h>

static void add_pause(void *arg, const char *what, int64_t since_ms,
		      const char *reason)
{
	struct json_object *pause = ctl_json_new();

	ctl_json_add_text(pause, "what", what);
	ctl_json_add_time(pause, "since_ms", since_ms);
	ctl_json_add_text(pause, "reason", reason);
	ctl_json_append(arg, pause);
}

static void add_counter(void *arg, const char *name, int64_t value)
{
	/* "_" is what scripts delete first, so that a full Redis runs them. */
	if (name[0] != '_')
		ctl_json_add_int(arg, name, value);
}

/* What an instance says of itself, as it says it, and whether it is heard. */
static void add_instance(void *arg, const char *name, const char *text)
{
	struct json_object *one = ctl_json_read(text);
	bool heard = one != NULL;

	if (!one)
		one = ctl_json_new();
	ctl_json_add_text(one, "instance", name);
	ctl_json_add_bool(one, "heard", heard);
	ctl_json_append(arg, one);
}

static int by_text(const void *a, const void *b)
{
	struct json_object *const *one = a;
	struct json_object *const *two = b;

	return strcmp(ctl_json_text(*one, "instance"),
		      ctl_json_text(*two, "instance"));
}

static int by_what(const void *a, const void *b)
{
	struct json_object *const *one = a;
	struct json_object *const *two = b;

	return strcmp(ctl_json_text(*one, "what"),
		      ctl_json_text(*two, "what"));
}

static struct json_object *queue_new_json(int64_t length, int64_t oldest_ms)
{
	struct json_object *json = ctl_json_new();

	ctl_json_add_int(json, "length", length);
	if (oldest_ms >= 0)
		ctl_json_add_time(json, "oldest_ms", length ? oldest_ms : 0);
	return json;
}

static struct json_object *read_queues(struct ctl *ctl, struct fault *why)
{
	struct queue_places places;
	struct queue_ages ages;
	struct json_object *all;
	struct json_object *retry;

	if (queue_places(ctl->q, &places, why) == -1 ||
	    queue_oldest(ctl->q, &ages, why) == -1)
		return NULL;
	all = ctl_json_new();
	ctl_json_add(all, "intake", queue_new_json(places.intake, -1));
	ctl_json_add(all, "ready", queue_new_json(places.ready, ages.ready));
	ctl_json_add(all, "bulk", queue_new_json(places.bulk, ages.bulk));
	ctl_json_add(all, "in_hand", queue_new_json(places.in_hand, -1));
	retry = queue_new_json(places.retry, -1);
	ctl_json_add_int(retry, "due", places.due);
	ctl_json_add_time(retry, "overdue_ms", places.due ? ages.retry : 0);
	ctl_json_add(all, "retry", retry);
	ctl_json_add(all, "held", queue_new_json(places.held, -1));
	ctl_json_add(all, "dead", queue_new_json(places.dead, ages.dead));
	ctl_json_add(all, "malformed", queue_new_json(places.malformed, -1));
	ctl_json_add(all, "receipts", queue_new_json(places.receipts, -1));
	return all;
}

struct json_object *ctl_snapshot(struct ctl *ctl, struct fault *why)
{
	struct json_object *all = ctl_json_new();
	struct json_object *pauses = ctl_json_list();
	struct json_object *counters = ctl_json_new();
	struct json_object *instances = ctl_json_list();
	struct json_object *queues = read_queues(ctl, why);

	ctl_json_add_int(all, "v", 1);
	ctl_json_add_int(all, "now_ms", wall_ms());
	ctl_json_add_text(all, "redis", ctl->conf.redis);
	ctl_json_add_text(all, "prefix", ctl->conf.queue_prefix);
	ctl_json_add(all, "queues", queues);
	ctl_json_add(all, "pauses", pauses);
	ctl_json_add(all, "instances", instances);
	ctl_json_add(all, "counters", counters);
	if (!queues ||
	    queue_pauses(ctl->q, add_pause, pauses, why) == -1 ||
	    queue_statuses(ctl->q, add_instance, instances, why) == -1 ||
	    queue_stats(ctl->q, add_counter, counters, why) == -1) {
		json_object_put(all);
		return NULL;
	}
	json_object_array_sort(pauses, by_what);
	json_object_array_sort(instances, by_text);
	return all;
}
