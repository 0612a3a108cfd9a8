/* SPDX-License-Identifier: MIT */
/* maildctl pause, resume and drain. */
#include "config.h"

#include "maildctl/maildctl.h"
#include "maildctl/snapshot.h"

#include "base/str.h"
#include "base/ticks.h"
#include "json/get.h"
#include "json/put.h"
#include "queue/figures.h"
#include "queue/operate.h"
#include "settings/relayconf.h"

#include <json-c/json.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define DRAIN_LIMIT_MS (10 * 60 * 1000LL)
#define DRAIN_LOOK_MS 500
#define DRAIN_SAY_MS 5000

static void say_pause(const struct ctl *ctl, const char *what, bool paused,
		      bool changed)
{
	struct json_object *json = ctl_answer_new();

	put_safe_text(json, "what", what);
	put_flag(json, "paused", paused);
	put_flag(json, "changed", changed);
	ctl_say_answer(ctl->json, json, "%s %s %s\n", what,
		       changed ? "is" : "was already",
		       paused ? "paused" : changed ? "resumed" : "running");
}

/* Which relays there are, by what each maild and our own settings say. */
struct relays {
	const char *wanted;
	bool found;		/* the wanted one */
	bool silent;		/* some maild does not say what it has */
	int heard;		/* mailds that do */
	struct buf names;	/* all of them: ", main, spare"; "" = none */
};

/* Is the name one of those in ", main, spare"? */
static bool lists(const char *names, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = names; (at = strstr(at, ", ")); at += 2)
		if (!strncmp(at + 2, name, len) && strchr(",", at[2 + len]))
			return true;
	return false;
}

static void note_relay(struct relays *relays, const char *name)
{
	char plain[CONF_NAME_MAX + 1];	/* what an instance says is outside
					   text */

	str_printable(plain, sizeof(plain), name);
	relays->found = relays->found || !strcmp(plain, relays->wanted);
	if (*plain && !lists(relays->names.data, plain))
		buf_addf(&relays->names, ", %s", plain);
}

static void note_instance(struct relays *relays, struct json_object *one)
{
	struct json_object *list = get_value(one, "relays");
	size_t count = get_count(list);

	if (count > 0)
		relays->heard++;
	else
		relays->silent = true;
	for (size_t i = 0; i < count; i++)
		note_relay(relays, get_text(get_at(list, i), "name"));
}

/*
 * A relay that nobody has is a slip of the pen, and pausing it would do nothing
 * while the operator relies on it: refused if every maild has said what it has,
 * else only a warning.  0, EX_USAGE or CLI_BY_FAULT with *why.
 */
static int check_relay(struct ctl *ctl, const char *name, struct fault *why)
{
	struct relays relays = { .wanted = name, .names = BUF_INIT };
	const struct conf_list *ours = &ctl->conf.relays;
	struct json_object *instances = ctl_instances(ctl, why);
	int status = 0;

	if (!instances)
		return CLI_BY_FAULT;
	for (size_t i = 0; i < get_count(instances); i++)
		note_instance(&relays, get_at(instances, i));
	for (size_t i = 0; i < ours->count; i++)
		note_relay(&relays, relayconf_at(ours, i)->item.name);
	if (relays.found)
		goto out;
	if (relays.heard > 0 && !relays.silent && relays.names.len > 0) {
		fault_set(why, FAULT_REJECT, "no maild has a relay named %s, "
			  "there are: %s", name,
			  relays.names.data + strlen(", "));
		status = EX_USAGE;
		goto out;
	}
	(void)fprintf(stderr, "maildctl: nobody who can be asked has a relay "
		      "named %s\n", name);
out:
	json_object_put(instances);
	buf_release(&relays.names);
	return status;
}

int ctl_pause(struct ctl *ctl, struct fault *why)
{
	const struct cli_call *call = ctl->call;
	const char *what = call->words[0];
	struct buf reason = BUF_INIT;
	int changed;

	if (str_starts_with(what, "relay:")) {
		int status = check_relay(ctl, what + strlen("relay:"), why);

		if (status)
			return status;
	}
	for (int i = 1; i < call->word_count; i++)
		buf_addf(&reason, "%s%s", i > 1 ? " " : "", call->words[i]);
	changed = queue_pause(ctl->q, what, reason.data, why);
	buf_release(&reason);
	if (changed == -1)
		return why->class == FAULT_REJECT ? EX_USAGE : CLI_BY_FAULT;
	say_pause(ctl, what, true, changed);
	return 0;
}

static int resume_one(struct ctl *ctl, const char *what, struct fault *why)
{
	int changed = queue_resume(ctl->q, what, why);

	if (changed == -1)
		return why->class == FAULT_REJECT ? EX_USAGE : CLI_BY_FAULT;
	say_pause(ctl, what, false, changed);
	return 0;
}

int ctl_resume(struct ctl *ctl, struct fault *why)
{
	bool all = cli_flag(ctl->call, "all");
	struct json_object *pauses;
	int status = 0;

	if (all == (ctl->call->word_count > 0))
		return ctl_usage(why, "resume needs the name of a pause, or "
				 "--all");
	if (!all)
		return resume_one(ctl, ctl->call->words[0], why);
	pauses = ctl_pauses(ctl, why);
	if (!pauses)
		return CLI_BY_FAULT;
	for (size_t i = 0; i < get_count(pauses) && status == 0; i++)
		status = resume_one(ctl, get_text(get_at(pauses, i), "what"),
				    why);
	if (get_count(pauses) == 0 && !ctl->json)
		ctl_sayf("Nothing was paused.\n");
	json_object_put(pauses);
	return status;
}

/* Counts what could be sent now, or is being sent.  0, or -1. */
static int to_send(struct ctl *ctl, struct queue_places *places, int64_t *out,
		   struct fault *why)
{
	struct json_object *pauses = NULL;
	int kinds = 0;

	if (queue_places(ctl->q, places, why) == -1 ||
	    !(pauses = ctl_pauses(ctl, why)))
		return -1;
	for (size_t i = 0; i < get_count(pauses); i++)
		kinds += str_starts_with(get_text(get_at(pauses, i), "what"),
					 "kind:");
	json_object_put(pauses);
	*out = places->intake + places->ready + places->bulk + places->due +
	       places->in_hand;
	/* Held ones are on their way back once their pause is over. */
	if (kinds == 0)
		*out += places->held;
	return 0;
}

static void say_progress(const struct queue_places *places)
{
	(void)fprintf(stderr, "intake %lld, ready %lld, bulk %lld, in hand "
		      "%lld, due %lld\n", (long long)places->intake,
		      (long long)places->ready, (long long)places->bulk,
		      (long long)places->in_hand, (long long)places->due);
}

static void say_drained(const struct ctl *ctl, int64_t left,
			const struct queue_places *places)
{
	struct json_object *json = ctl_answer_new();

	put_flag(json, "drained", left == 0);
	put_int(json, "left", left);
	put_int(json, "later", places->retry - places->due);
	put_int(json, "held", places->held);
	put_int(json, "dead", places->dead);
	if (left)
		ctl_say_answer(ctl->json, json, "%lld jobs are left\n",
			       (long long)left);
	else
		ctl_say_answer(ctl->json, json, "drained; %lld wait for a "
			       "later try, %lld are held, %lld are dead "
			       "letters\n", (long long)places->retry,
			       (long long)places->held,
			       (long long)places->dead);
}

/* Says what would keep the queue from draining. */
static int warn_first(struct ctl *ctl, struct fault *why)
{
	struct json_object *pauses = ctl_pauses(ctl, why);
	struct json_object *instances = pauses ? ctl_instances(ctl, why) : NULL;
	bool is_heard = false;

	for (size_t i = 0; instances && i < get_count(pauses); i++) {
		const char *reason = get_text(get_at(pauses, i), "reason");

		(void)fprintf(stderr, "maildctl: %s is paused%s%s\n",
			      get_text(get_at(pauses, i), "what"),
			      *reason ? ": " : "", reason);
	}
	for (size_t i = 0; i < get_count(instances); i++)
		is_heard = is_heard ||
			   get_flag(get_at(instances, i), "heard");
	if (instances && !is_heard)
		(void)fputs("maildctl: no maild is running\n", stderr);
	json_object_put(pauses);
	json_object_put(instances);
	return instances ? 0 : -1;
}

int ctl_drain(struct ctl *ctl, struct fault *why)
{
	int64_t limit_ms = DRAIN_LIMIT_MS;
	int64_t until_ms;
	int64_t say_at_ms = ticks_ms();
	struct queue_places places;
	int64_t left;

	if (ctl_span_read(ctl, "timeout", &limit_ms, why))
		return EX_USAGE;
	until_ms = ticks_ms() + limit_ms;
	if (warn_first(ctl, why) == -1)
		return CLI_BY_FAULT;
	while (true) {
		int64_t now_ms = ticks_ms();

		if (to_send(ctl, &places, &left, why) == -1)
			return CLI_BY_FAULT;
		if (left == 0 || now_ms >= until_ms)
			break;
		if (now_ms >= say_at_ms) {
			say_progress(&places);
			say_at_ms = now_ms + DRAIN_SAY_MS;
		}
		(void)poll(NULL, 0, DRAIN_LOOK_MS);	/* a pause, no event */
	}
	say_drained(ctl, left, &places);
	return left ? EX_TEMPFAIL : 0;
}
