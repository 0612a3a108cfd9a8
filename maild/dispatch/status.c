/* SPDX-License-Identifier: MIT */
/* What maild does now, as JSON and as one line. */
#include "config.h"

#include "dispatch/status.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "daemon/alert.h"
#include "json/put.h"

#include <json-c/json.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HOST_BYTES 256
#define TOKEN_KNOWN_MS INT64_C(31536000000)	/* no token lives for a year */

/* Words from outside: cut, and made printable. */
static void put_words(struct json_object *to, const char *name,
		      const char *text)
{
	char printable[256];

	put_text(to, name, str_printable(printable, sizeof(printable), text));
}

/* ---- relays ------------------------------------------------------------- */

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

/* The token itself is nobody's business. */
static void put_token(struct json_object *to, const struct shared_token *token,
		      int64_t now_ms)
{
	int64_t until_ms = atomic_load(&token->good_until_ms);
	bool good = shared_token_is_good(token, now_ms);
	char trouble[TOKEN_TROUBLE_MAX];

	if (!atomic_load(&token->wanted))
		return;
	shared_token_explain(token, trouble);
	put_words(to, "token", good ? "good" : "none");
	/* Very far away means not known. */
	put_int(to, "token_until_ms", good && until_ms - now_ms < TOKEN_KNOWN_MS
		? wall_ms() + until_ms - now_ms : 0);
	put_words(to, "token_trouble", trouble);
}

static void put_relay(struct json_object *to, const struct instance *of,
		      int index, int64_t now_ms)
{
	struct relay_state *r = &of->board->relay[index];
	int64_t until_ms = atomic_load(&r->breaker.open_until_ms);
	char name[RELAY_NAME_MAX + 1];
	char cause[RELAY_CAUSE_MAX];
	struct place place;
	int allowed;

	scoreboard_relay_name(of->board, index, name);
	place = place_of(of->conf, name);
	memcpy(cause, r->cause, sizeof(cause));
	cause[sizeof(cause) - 1] = '\0';
	allowed = pace_connections(&r->pace, (int)place.connections);
	put_words(to, "name", name);
	put_words(to, "host", place.host);
	put_int(to, "port", place.port);
	put_words(to, "breaker", breaker_word(&r->breaker));
	put_int(to, "open_for_ms", until_ms > now_ms ? until_ms - now_ms : 0);
	put_words(to, "cause", cause);
	put_int(to, "connections", scoreboard_seats(of->board, index));
	put_int(to, "allowed", allowed == INT_MAX ? 0 : allowed);
	put_int(to, "rate", place.rate);
	put_flag(to, "paused", atomic_load(&r->paused));
	put_token(to, &of->board->token[index], now_ms);
}

/* ---- workers ------------------------------------------------------------ */

static void put_worker(struct json_object *to, const struct instance *of,
		       unsigned index, int64_t now_ms)
{
	struct score *score = &of->board->score[index];
	struct score_view view = score_view(score);
	char relay[RELAY_NAME_MAX + 1] = "";

	if (view.relay != -1)
		scoreboard_relay_name(of->board, view.relay, relay);
	put_int(to, "slot", index);
	put_int(to, "pid", atomic_load(&score->pid));
	put_words(to, "phase", phase_name(view.phase));
	put_words(to, "job", view.job);
	put_words(to, "relay", relay);
	put_int(to, "since_ms", view.since_ms > 0 && now_ms > view.since_ms
		? now_ms - view.since_ms : 0);
}

/* Those that live, and those that should. */
static bool is_shown(const struct instance *of, unsigned index)
{
	return index < (uint64_t)of->conf->workers ||
	       atomic_load(&of->board->score[index].pid) != 0;
}

/* ---- all of it ---------------------------------------------------------- */

char *status_json(const struct instance *of, int64_t now_ms)
{
	struct json_object *json = put_new();
	struct json_object *list;
	char host[HOST_BYTES] = "";
	char *text;

	(void)gethostname(host, sizeof(host) - 1);
	put_int(json, "v", 1);
	put_words(json, "instance", of->name);
	put_words(json, "host", host);
	put_int(json, "pid", getpid());
	put_words(json, "version", PACKAGE_VERSION);
	put_int(json, "started_ms", of->started_ms);
	put_int(json, "now_ms", wall_ms());
	put_words(json, "redis", "ok");
	list = put_list(json, "workers");
	for (unsigned i = 0; i < QUEUE_SLOTS_MAX; i++)
		if (is_shown(of, i))
			put_worker(put_row(list), of, i, now_ms);
	list = put_list(json, "relays");
	for (int i = 0; i < RELAYS_MAX; i++)
		if (of->board->relay[i].name[0])
			put_relay(put_row(list), of, i, now_ms);
	put_int(json, "alerts", alert_count());
	put_int(json, "log_dropped", (int64_t)log_dropped_count());
	text = alloc_text(json_object_to_json_string_ext(
		json, JSON_C_TO_STRING_PLAIN));
	json_object_put(json);
	return text;
}

static bool is_busy(enum phase phase)
{
	return phase == PHASE_COMPOSING || phase == PHASE_CONNECTING ||
	       phase == PHASE_TALKING;
}

void status_line(const struct instance *of, int64_t now_ms, char *out,
		 size_t size)
{
	unsigned alive = 0;
	unsigned busy = 0;
	size_t len;

	for (unsigned i = 0; i < QUEUE_SLOTS_MAX; i++) {
		const struct score *score = &of->board->score[i];

		if (atomic_load(&score->pid) == 0)
			continue;
		alive++;
		busy += is_busy(score_view(score).phase);
	}
	(void)snprintf(out, size, "%u of %u workers busy", busy, alive);
	for (int i = 0; i < RELAYS_MAX; i++) {
		struct relay_state *r = &of->board->relay[i];
		int64_t until_ms = atomic_load(&r->breaker.open_until_ms);
		char name[RELAY_NAME_MAX + 1];

		scoreboard_relay_name(of->board, i, name);
		if (name[0] == '\0' || until_ms == 0)
			continue;
		len = strlen(out);
		(void)snprintf(out + len, size - len,
			       ", relay %s away (next try in %lld s)", name,
			       (long long)(until_ms > now_ms
					   ? (until_ms - now_ms) / 1000 : 0));
	}
}
