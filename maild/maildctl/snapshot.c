/* SPDX-License-Identifier: MIT */
/* The queue at one moment, as "maildctl status --json" prints it. */
#include "config.h"

#include "maildctl/snapshot.h"

#include "base/ticks.h"
#include "json/get.h"
#include "json/put.h"
#include "queue/figures.h"
#include "queue/operate.h"

#include <json-c/json.h>

static void add_pause(void *arg, const char *what, int64_t since_ms,
		      const char *reason)
{
	struct json_object *pause = put_row(arg);

	put_safe_text(pause, "what", what);
	put_ms(pause, "since_ms", since_ms);
	put_safe_text(pause, "reason", reason);
}

static void add_counter(void *arg, const char *name, int64_t value)
{
	/* Scripts first delete "_", so that a full Redis runs them. */
	if (name[0] != '_')
		put_int(arg, name, value);
}

/* What an instance says about itself, unchanged, and whether it is being
 * heard. */
static void add_instance(void *arg, const char *name, const char *text)
{
	struct json_object *one = get_root(text);
	bool heard = one != NULL;

	if (!one)
		one = put_new();
	put_safe_text(one, "instance", name);
	put_flag(one, "heard", heard);
	put_append(arg, one);
}

static int by_name(const void *a, const void *b)
{
	struct json_object *const *one = a;
	struct json_object *const *two = b;
	int what = strcmp(get_text(*one, "what"), get_text(*two, "what"));

	return what ? what : strcmp(get_text(*one, "instance"),
				    get_text(*two, "instance"));
}

/* The list in order, or NULL, freed, if it could not be read. */
static struct json_object *sorted(struct json_object *list, int result)
{
	if (result == -1) {
		json_object_put(list);
		return NULL;
	}
	json_object_array_sort(list, by_name);
	return list;
}

struct json_object *ctl_pauses(struct ctl *ctl, struct fault *why)
{
	struct json_object *list = put_new_list();

	return sorted(list, queue_pauses(ctl->q, add_pause, list, why));
}

struct json_object *ctl_instances(struct ctl *ctl, struct fault *why)
{
	struct json_object *list = put_new_list();

	return sorted(list, queue_statuses(ctl->q, add_instance, list, why));
}

static struct json_object *queue_new_json(int64_t length, int64_t oldest_ms)
{
	struct json_object *json = put_new();

	put_int(json, "length", length);
	if (oldest_ms >= 0)
		put_ms(json, "oldest_ms", length ? oldest_ms : 0);
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
	all = put_new();
	put_value(all, "intake", queue_new_json(places.intake, -1));
	put_value(all, "ready", queue_new_json(places.ready, ages.ready));
	put_value(all, "bulk", queue_new_json(places.bulk, ages.bulk));
	put_value(all, "in_hand", queue_new_json(places.in_hand, -1));
	retry = queue_new_json(places.retry, -1);
	put_int(retry, "due", places.due);
	put_ms(retry, "overdue_ms", places.due ? ages.retry : 0);
	put_value(all, "retry", retry);
	put_value(all, "held", queue_new_json(places.held, -1));
	put_value(all, "dead", queue_new_json(places.dead, ages.dead));
	put_value(all, "malformed", queue_new_json(places.malformed, -1));
	put_value(all, "receipts", queue_new_json(places.receipts, -1));
	return all;
}

struct json_object *ctl_snapshot(struct ctl *ctl, struct fault *why)
{
	struct json_object *all = ctl_answer_new();
	struct json_object *queues = read_queues(ctl, why);
	struct json_object *pauses = queues ? ctl_pauses(ctl, why) : NULL;
	struct json_object *instances = pauses ? ctl_instances(ctl, why) : NULL;

	put_int(all, "now_ms", wall_ms());
	put_safe_text(all, "redis", ctl->conf.redis.address);
	put_safe_text(all, "prefix", ctl->conf.redis.prefix);
	put_value(all, "queues", queues);
	put_value(all, "pauses", pauses);
	put_value(all, "instances", instances);
	if (instances && queue_stats(ctl->q, add_counter,
				     put_object(all, "counters"), why) != -1)
		return all;
	json_object_put(all);
	return NULL;
}
