/* SPDX-License-Identifier: MIT */
/* maildctl status: how it is asked for, and the verdict of --check. */
#include "config.h"

#include "maildctl/maildctl.h"
#include "maildctl/snapshot.h"

#include "base/str.h"
#include "json/get.h"
#include "json/put.h"
#include "maildctl/time.h"
#include "smtp/knock.h"

#include <json-c/json.h>

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* The statuses that a monitoring system knows. */
enum { OK, WARNING, CRITICAL };

static const char *const words[] = { "OK", "WARNING", "CRITICAL" };

#define MIN_MS 60000LL
#define WARN_AGE_MS (10 * MIN_MS)
#define CRIT_AGE_MS (60 * MIN_MS)
#define WARN_DEAD 10
#define CRIT_DEAD 100

#define HOST_BYTES 256

struct limits {			/* thresholds */
	int64_t age_ms;		/* of the oldest mail that could be sent */
	int64_t dead;		/* dead letters */
};

struct check {
	struct limits warn, crit;
	const char *host;	/* judge only what runs there; NULL = all */
	const char *away;	/* why no mail server answered when it was
				   asked; NULL = one did, or none was asked */
};

/* Reads "10min", "20" or "10min,20" over what *out holds.  0, or EX_USAGE. */
static int limits_read(const struct ctl *ctl, const char *option,
		       struct limits *out, struct fault *why)
{
	const char *text = cli_text(ctl->call, option);
	char copy[64];
	char *rest = copy;

	if (!text)
		return 0;
	if (!str_copy(copy, sizeof(copy), text))
		goto wrong;
	while (rest) {
		char *one = strsep(&rest, ",");

		if (!ctl_span_parse(one, &out->age_ms) &&
		    !str_to_int(one, 0, INT64_MAX, &out->dead))
			goto wrong;
	}
	return 0;
wrong:
	return ctl_usage(why, "--%s %.40s: an age, a number of dead "
			 "letters, or both are wanted, as 10min,20", option,
			 text);
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* How long the mail that could have been sent first has been waiting. */
static int64_t waiting_ms(struct json_object *queues)
{
	int64_t lanes = larger(
		get_int(get_value(queues, "ready"), "oldest_ms"),
		get_int(get_value(queues, "bulk"), "oldest_ms"));

	return larger(lanes, get_int(get_value(queues, "retry"),
					  "overdue_ms"));
}

static int64_t waiting_count(struct json_object *queues)
{
	static const char *const names[] = {
		"intake", "ready", "bulk", "in_hand", "retry", "held",
	};
	int64_t count = 0;

	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		count += get_int(get_value(queues, names[i]),
				      "length");
	return count;
}

/* Is a maild running, on that host or (NULL) on any, and can one of its relays
 * be used?  One that is being probed cannot be used just now. */
static void look_at_instances(struct json_object *all, const char *host,
			      bool *running, bool *reachable)
{
	struct json_object *instances = get_value(all, "instances");

	*running = *reachable = false;
	for (size_t i = 0; i < get_count(instances); i++) {
		struct json_object *one = get_at(instances, i);
		struct json_object *relays = get_value(one, "relays");

		if (!get_flag(one, "heard") ||
		    (host && strcmp(get_text(one, "host"), host) != 0))
			continue;
		*running = true;
		if (get_count(relays) == 0)
			*reachable = true;	/* it does not say so */
		for (size_t k = 0; k < get_count(relays); k++)
			if (strcmp(get_text(get_at(relays, k),
						 "breaker"), "closed") == 0)
				*reachable = true;
	}
}

static int judge_number(int64_t value, int64_t warn, int64_t crit)
{
	if (value >= crit)
		return CRITICAL;
	return value >= warn ? WARNING : OK;
}

struct perf {
	const char *name;
	const char *unit;
	int64_t value;
	int64_t warn, crit;	/* -1 = none */
};

static void add_perf(struct buf *out, const struct perf *perf)
{
	const int64_t limits[] = { perf->warn, perf->crit };

	buf_addf(out, " %s=%lld%s;", perf->name, (long long)perf->value,
		 perf->unit);
	for (size_t i = 0; i < ARRAY_COUNT(limits); i++) {
		if (limits[i] >= 0)
			buf_addf(out, "%lld", (long long)limits[i]);
		buf_addch(out, ';');
	}
	buf_addch(out, '0');
}

/* Appends "MAILD OK - ... | perfdata" and returns OK, WARNING or CRITICAL. */
static int judge(struct json_object *snapshot, const struct check *check,
		 struct buf *out)
{
	const struct limits *warn = &check->warn;
	const struct limits *crit = &check->crit;
	struct json_object *queues = get_value(snapshot, "queues");
	struct json_object *pauses = get_value(snapshot, "pauses");
	int64_t age_ms = waiting_ms(queues);
	int64_t dead = get_int(get_value(queues, "dead"), "length");
	const struct perf perf[] = {
		{ "age", "s", age_ms / 1000, warn->age_ms / 1000,
		  crit->age_ms / 1000 },
		{ "dead", "", dead, warn->dead, crit->dead },
		{ "waiting", "", waiting_count(queues), -1, -1 },
	};
	bool running, reachable;
	char age[CTL_AGE_MAX];
	int code;

	look_at_instances(snapshot, check->host, &running, &reachable);
	code = (int)larger(judge_number(age_ms, warn->age_ms, crit->age_ms),
			   judge_number(dead, warn->dead, crit->dead));
	if (!running)
		code = CRITICAL;
	else if (code == OK && (!reachable || check->away ||
				get_count(pauses) > 0))
		code = WARNING;
	buf_addf(out, "MAILD %s - ", words[code]);
	if (!running)
		buf_addf(out, "no maild is running%s, ",
			 check->host ? " here" : "");
	else if (!reachable)
		buf_addstr(out, "no mail server can be reached, ");
	if (check->away)
		buf_addf(out, "%s, ", check->away);
	for (size_t i = 0; i < get_count(pauses); i++)
		buf_addf(out, "%s is paused, ",
			 get_text(get_at(pauses, i), "what"));
	buf_addf(out, "%lld waiting, the oldest for %s, %lld dead letters |",
		 (long long)waiting_count(queues), ctl_age_text(age, age_ms),
		 (long long)dead);
	for (size_t i = 0; i < ARRAY_COUNT(perf); i++)
		add_perf(out, &perf[i]);
	return code;
}

void ctl_check_say(bool as_json, int code, const char *line)
{
	static const char *const names[] = { "ok", "warning", "critical",
					     "unknown" };
	struct json_object *json = ctl_answer_new();

	put_safe_text(json, "verdict", names[code]);
	put_int(json, "code", code);
	put_safe_text(json, "line", line);
	ctl_say_answer(as_json, json, "%s\n", line);
}

/* Does a mail server of the settings answer?  0, or -1 with *why. */
static int ask_relays(const struct ctl *ctl, struct fault *why)
{
	const struct conf_list *relays = &ctl->conf.relays;
	int result = 0;

	for (size_t i = 0; i < relays->count; i++) {
		result = knock(&ctl->conf, relayconf_at(relays, i), why);
		if (result == 0)
			break;
	}
	return result;
}

static int run_check(struct ctl *ctl, struct fault *why)
{
	struct check check = {
		.warn = { WARN_AGE_MS, WARN_DEAD },
		.crit = { CRIT_AGE_MS, CRIT_DEAD },
	};
	struct json_object *snapshot;
	struct fault away;
	char host[HOST_BYTES] = "";
	struct buf line = BUF_INIT;
	int code = CRITICAL;

	if (limits_read(ctl, "warn", &check.warn, why) ||
	    limits_read(ctl, "crit", &check.crit, why))
		return EX_USAGE;
	if (cli_flag(ctl->call, "here"))
		check.host = host;
	if (check.host && gethostname(host, sizeof(host) - 1) == -1) {
		(void)fault_set_errno(why, FAULT_CONFIG, errno, "gethostname");
		return CLI_BY_FAULT;
	}
	snapshot = ctl_snapshot(ctl, why);
	if (!snapshot && why->class != FAULT_RETRY)
		return CLI_BY_FAULT;
	if (snapshot) {
		if (cli_flag(ctl->call, "smtp") && ask_relays(ctl, &away) == -1)
			check.away = away.text;
		code = judge(snapshot, &check, &line);
	} else {
		/* It is a finding, not a mistake: nothing more to say. */
		buf_addf(&line, "MAILD CRITICAL - %s", why->text);
		why->text[0] = '\0';
	}
	ctl_check_say(ctl->json, code, line.data);
	json_object_put(snapshot);
	buf_release(&line);
	return code;
}

int ctl_status(struct ctl *ctl, struct fault *why)
{
	const struct cli_call *call = ctl->call;
	struct json_object *snapshot;
	struct buf text = BUF_INIT;

	if (cli_flag(call, "check"))
		return run_check(ctl, why);
	if (cli_flag(call, "warn") || cli_flag(call, "crit") ||
	    cli_flag(call, "here") || cli_flag(call, "smtp"))
		return ctl_usage(why, "--warn, --crit, --here and --smtp need "
				 "--check");
	snapshot = ctl_snapshot(ctl, why);
	if (!snapshot)
		return CLI_BY_FAULT;
	if (ctl->json) {
		ctl_say_json(snapshot);
		return 0;
	}
	ctl_status_render(snapshot, &ctl->screen, &text);
	ctl_say(&text);
	json_object_put(snapshot);
	buf_release(&text);
	return 0;
}
