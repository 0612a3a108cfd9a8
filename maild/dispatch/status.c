/* SPDX-License-Identifier: MIT */
/* What maild does now, as JSON and as one line. */
#include "config.h"

#include "dispatch/status.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "daemon/alert.h"

#include <json-c/json.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HOST_BYTES 256

static void add_text(struct json_object *to, const char *name,
		     const char *text)
{
	char printable[256];

	str_printable(printable, sizeof(printable), text);
	(void)json_object_object_add(to, name,
				     json_object_new_string(printable));
}

static void add_int(struct json_object *to, const char *name, int64_t value)
{
	(void)json_object_object_add(to, name, json_object_new_int64(value));
}

/* ---- relays --------------------------------------------------------------- */

/* What the settings say about a relay. */
struct place {
	const char *host;
	int64_t port;
	int64_t connections;	/* 0 = no limit */
	int64_t rate;		/* mails an hour, 0 = no limit */
};

static struct place place_of(const struct mailconf *conf, const char *name)
{
	struct place place = { .host = "" };

	for (size_t i = 0; i < conf->relays.count; i++) {
		const struct relay_conf *r = relayconf_at(&conf->relays, i);

		if (strcmp(r->item.name, name) == 0)
			place = (struct place){ r->host, r->port,
						r->connections, r->rate };
	}
	return place;
}

static const char *breaker_word(struct breaker *b)
{
	if (atomic_load(&b->open_until_ms) == 0)
		return "closed";
	return atomic_load(&b->probing) ? "probing" : "open";
}

static struct json_object *relay_json(const struct status *s, int index,
				      int64_t now_ms)
{
	struct relay_state *r = &s->slots->relay[index];
	struct json_object *to = json_object_new_object();
	int64_t until_ms = atomic_load(&r->breaker.open_until_ms);
	char name[RELAY_NAME_MAX + 1];
	char cause[RELAY_CAUSE_MAX];
	struct place place;
	int allowed;

	slots_relay_name(s->slots, index, name);
	place = place_of(s->conf, name);
	memcpy(cause, r->cause, sizeof(cause));
	cause[sizeof(cause) - 1] = '\0';
	allowed = pace_connections(&r->pace, (int)place.connections);
	add_text(to, "name", name);
	add_text(to, "host", place.host);
	add_int(to, "port", place.port);
	add_text(to, "breaker", breaker_word(&r->breaker));
	add_int(to, "open_for_ms", until_ms > now_ms ? until_ms - now_ms : 0);
	add_text(to, "cause", cause);
	add_int(to, "connections", slots_seats(s->slots, index));
	add_int(to, "allowed", allowed == INT_MAX ? 0 : allowed);
	add_int(to, "rate", place.rate);
	(void)json_object_object_add(to, "paused", json_object_new_boolean(
		atomic_load(&r->paused)));
	return to;
}

static struct json_object *relays_json(const struct status *s, int64_t now_ms)
{
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < RELAYS_MAX; i++)
		if (s->slots->relay[i].name[0])
			(void)json_object_array_add(list,
						    relay_json(s, i, now_ms));
	return list;
}

/* ---- workers -------------------------------------------------------------- */

static struct json_object *worker_json(const struct status *s, unsigned index,
				       int64_t now_ms)
{
	struct slot_state *slot = &s->slots->slot[index];
	struct slot_view view = slots_view(slot);
	struct json_object *to = json_object_new_object();
	char relay[RELAY_NAME_MAX + 1] = "";

	if (view.relay != -1)
		slots_relay_name(s->slots, view.relay, relay);
	add_int(to, "slot", index);
	add_int(to, "pid", atomic_load(&slot->pid));
	add_text(to, "phase", slots_phase_name(view.phase));
	add_text(to, "job", view.job);
	add_text(to, "relay", relay);
	add_int(to, "since_ms", view.since_ms > 0 && now_ms > view.since_ms
				? now_ms - view.since_ms : 0);
	return to;
}

/* Those that live, and those that should. */
static bool is_shown(const struct status *s, unsigned index)
{
	return index < (uint64_t)s->conf->workers ||
	       atomic_load(&s->slots->slot[index].pid) != 0;
}

static struct json_object *workers_json(const struct status *s,
					int64_t now_ms)
{
	struct json_object *list = json_object_new_array();

	for (unsigned i = 0; i < QUEUE_SLOTS_MAX; i++)
		if (is_shown(s, i))
			(void)json_object_array_add(list,
						    worker_json(s, i, now_ms));
	return list;
}

/* ---- all of it ------------------------------------------------------------ */

char *status_json(const struct status *s, int64_t now_ms)
{
	struct json_object *json = json_object_new_object();
	char host[HOST_BYTES] = "";
	char *text;

	(void)gethostname(host, sizeof(host) - 1);
	add_int(json, "v", 1);
	add_text(json, "instance", s->instance);
	add_text(json, "host", host);
	add_int(json, "pid", getpid());
	add_text(json, "version", PACKAGE_VERSION);
	add_int(json, "started_ms", s->started_ms);
	add_int(json, "now_ms", wall_ms());
	add_text(json, "redis", "ok");
	(void)json_object_object_add(json, "workers", workers_json(s, now_ms));
	(void)json_object_object_add(json, "relays", relays_json(s, now_ms));
	add_int(json, "alerts", alert_count());
	add_int(json, "log_dropped", (int64_t)log_dropped_count());
	text = alloc_text(json_object_to_json_string_ext(
		json, JSON_C_TO_STRING_PLAIN));
	json_object_put(json);
	return text;
}

static bool is_busy(enum slot_phase phase)
{
	return phase == SLOT_COMPOSING || phase == SLOT_CONNECTING ||
	       phase == SLOT_TALKING;
}

void status_line(const struct status *s, int64_t now_ms, char *out,
		 size_t size)
{
	unsigned alive = 0;
	unsigned busy = 0;
	size_t len;

	for (unsigned i = 0; i < QUEUE_SLOTS_MAX; i++) {
		const struct slot_state *slot = &s->slots->slot[i];

		if (atomic_load(&slot->pid) == 0)
			continue;
		alive++;
		busy += is_busy(slots_view(slot).phase);
	}
	(void)snprintf(out, size, "%u of %u workers busy", busy, alive);
	for (int i = 0; i < RELAYS_MAX; i++) {
		struct relay_state *r = &s->slots->relay[i];
		int64_t until_ms = atomic_load(&r->breaker.open_until_ms);
		char name[RELAY_NAME_MAX + 1];

		slots_relay_name(s->slots, i, name);
		if (name[0] == '\0' || until_ms == 0)
			continue;
		len = strlen(out);
		(void)snprintf(out + len, size - len,
			       ", relay %s away (next try in %lld s)", name,
			       (long long)(until_ms > now_ms
					   ? (until_ms - now_ms) / 1000 : 0));
	}
}
