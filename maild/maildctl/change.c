/* SPDX-License-Identifier: MIT */
/* maildctl requeue, bury, cancel and purge. */
#include "config.h"

#include "maildctl/maildctl.h"
#include "maildctl/record.h"

#include "base/str.h"
#include "cli/progress.h"
#include "json/put.h"
#include "queue/operate.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define BY_HAND "by the operator"
#define PURGE_AT_ONCE 100

/* One way to change jobs. */
struct change {
	const char *verb;	/* "requeue" */
	const char *done;	/* "requeued" */
	const char *things;	/* "dead letters" */
	const char *states;	/* looked at without --state */
	const char *from;	/* all that can be changed */
	const char *fitting;	/* what a job must be: for the message */
	bool asks_always;	/* also about jobs that were named */
	int (*one)(struct queue *q, const char *id, struct fault *why);
};

static int bury_one(struct queue *q, const char *id, struct fault *why)
{
	return queue_bury_waiting(q, id, "poison: buried " BY_HAND, why);
}

static int cancel_one(struct queue *q, const char *id, struct fault *why)
{
	return queue_cancel(q, id, BY_HAND, why);
}

static const struct change changes[] = {
	{ "requeue", "requeued", "dead letters", "X", "XRH",
	  "dead, retry or held", false, queue_requeue },
	{ "bury", "buried", "waiting jobs", "QRH", "QRH",
	  "queued, retry or held", true, bury_one },
	{ "cancel", "cancelled", "waiting jobs", "QRH", "QRH",
	  "queued, retry or held", true, cancel_one },
};

/* Says why a named job was not changed. */
static int explain(struct ctl *ctl, const struct change *change,
		   const char *id, struct fault *why)
{
	struct queue_record record;
	int found = queue_show(ctl->q, id, &record, why);

	if (found == -1)
		return -1;
	if (found == 0) {
		(void)fprintf(stderr, "maildctl: no job \"%s\"\n", id);
		return 0;
	}
	(void)fprintf(stderr, "maildctl: %s is %s; it would have to be %s\n",
		      id, ctl_state_name(record.state), change->fitting);
	queue_record_release(&record);
	return 0;
}

static void say_result(const struct ctl *ctl, const struct change *change,
		       size_t changed, size_t left)
{
	struct json_object *json = ctl_answer_new();
	char rest[48] = "";

	if (left)
		(void)snprintf(rest, sizeof(rest), ", %zu left as they are",
			       left);
	put_int(json, "changed", (int64_t)changed);
	put_int(json, "unchanged", (int64_t)left);
	ctl_say_answer(ctl->json, json, "%zu %s%s\n", changed, change->done,
		       rest);
}

/*
 * Changes all that were chosen, from the newest to the oldest: what is given
 * back goes to the front, so the oldest is then next.
 */
static int change_all(struct ctl *ctl, const struct change *change,
		      const struct ctl_choice *choice, struct fault *why)
{
	size_t changed = 0;

	cli_progress_begin(change->done, false);
	for (size_t i = choice->count; i-- > 0;) {
		int done = change->one(ctl->q, choice->ids[i], why);

		if (done == 0 && choice->named)
			done = explain(ctl, change, choice->ids[i], why);
		else if (done == 1)
			changed++;
		cli_progress((int64_t)(choice->count - i),
			     (int64_t)choice->count);
		if (done == -1) {
			cli_progress_end();
			(void)fprintf(stderr, "maildctl: %zu %s before this\n",
				      changed, change->done);
			return CLI_BY_FAULT;
		}
	}
	cli_progress_end();
	say_result(ctl, change, changed, choice->count - changed);
	return choice->named && changed < choice->count ? EX_DATAERR : 0;
}

static int ask_and_change(struct ctl *ctl, const struct change *change,
			  const struct ctl_choice *choice, struct fault *why)
{
	char question[160];

	if (choice->count == 0) {
		say_result(ctl, change, 0, 0);
		return 0;
	}
	if (choice->count == 1)
		(void)snprintf(question, sizeof(question), "%s %s?",
			       change->verb, choice->ids[0]);
	else
		(void)snprintf(question, sizeof(question), "%s %zu %s?",
			       change->verb, choice->count,
			       choice->named || cli_flag(ctl->call, "state")
			       ? "jobs" : change->things);
	if (change->asks_always || !choice->named) {
		int no = ctl_ask(ctl, question, why);

		if (no)
			return no;
	}
	return change_all(ctl, change, choice, why);
}

int ctl_change(struct ctl *ctl, struct fault *why)
{
	const struct change *change = changes;
	const char *state = cli_text(ctl->call, "state");
	struct ctl_choice choice;
	char states[16];
	int status;

	while (strcmp(change->verb, ctl->call->command->name) != 0)
		must(++change < changes + ARRAY_COUNT(changes));
	must(str_copy(states, sizeof(states), change->states));
	if (state && ctl_states_read(state, states, why))
		return EX_USAGE;
	if (strspn(states, change->from) != strlen(states))
		return ctl_usage(why, "%s takes jobs that are %s",
				 change->verb, change->fitting);
	status = ctl_choose(ctl, states, &choice, why);
	if (status == 0)
		status = ask_and_change(ctl, change, &choice, why);
	ctl_choice_release(&choice);
	return status;
}

static const struct change purge = { .done = "forgotten" };

static int purge_malformed(struct ctl *ctl, struct fault *why)
{
	int count;
	int no = ctl_ask(ctl, "forget all envelopes that could not be read?",
			 why);

	if (no)
		return no;
	count = queue_malformed_clear(ctl->q, why);
	if (count == -1)
		return CLI_BY_FAULT;
	say_result(ctl, &purge, (size_t)count, 0);
	return 0;
}

int ctl_purge(struct ctl *ctl, struct fault *why)
{
	const char *older_than = cli_text(ctl->call, "older-than");
	const char *state = cli_text(ctl->call, "state");
	bool sent = state && strcmp(state, "sent") == 0;
	struct queue_purge_opts opts = {
		.states = sent ? "S" : "X", .max = PURGE_AT_ONCE,
	};
	size_t count = 0;
	char question[160];
	int no;

	if (ctl_span_read(ctl, "older-than", &opts.older_than_ms, why))
		return EX_USAGE;
	if (state && !strcmp(state, "malformed") && !older_than)
		return purge_malformed(ctl, why);
	if ((state && !sent && strcmp(state, "dead") != 0) || !older_than)
		return ctl_usage(why, "purge needs --older-than, and --state "
				 "dead, sent or (without an age) malformed");
	(void)snprintf(question, sizeof(question), sent
		       ? "forget that mails older than %.20s were sent (a "
			 "second push sends them again)?"
		       : "forget all dead letters older than %.20s?",
		       older_than);
	no = ctl_ask(ctl, question, why);
	if (no)
		return no;
	cli_progress_begin(purge.done, false);
	for (int some = 1; some > 0; count += (size_t)some) {
		cli_progress((int64_t)count, 0);
		some = queue_purge(ctl->q, &opts, why);
		if (some == -1)
			return CLI_BY_FAULT;
	}
	cli_progress_end();
	say_result(ctl, &purge, count, 0);
	return 0;
}
