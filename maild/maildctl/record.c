/* SPDX-License-Identifier: MIT */
/* One job's record, in words and as JSON; and the choice of several. */
#include "config.h"

#include "maildctl/record.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "json/get.h"
#include "json/put.h"
#include "maildctl/time.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const struct {
	char state;
	const char *name;
} states[] = {
	{ QUEUE_INTAKE, "intake" }, { QUEUE_QUEUED, "queued" },
	{ QUEUE_SENDING, "sending" }, { QUEUE_UNANSWERED, "unanswered" },
	{ QUEUE_RETRY, "retry" }, { QUEUE_HELD, "held" },
	{ QUEUE_DEAD, "dead" }, { QUEUE_SENT, "sent" },
};

const char *ctl_state_name(char state)
{
	for (size_t i = 0; i < ARRAY_COUNT(states); i++)
		if (states[i].state == state)
			return states[i].name;
	return "unknown";
}

int ctl_states_read(const char *text, char letters[16], struct fault *why)
{
	char copy[128];
	char *rest = copy;
	size_t count = 0;

	if (!str_copy(copy, sizeof(copy), text))
		copy[0] = '\0';
	while (rest) {
		const char *word = strsep(&rest, ",");
		char letter = '\0';

		/* The intake is not listed: its envelopes have no record. */
		for (size_t i = 1; i < ARRAY_COUNT(states); i++)
			if (!strcmp(states[i].name, word))
				letter = states[i].state;
		if (letter == '\0' || count == 15)
			return ctl_usage(why, "--state %.40s: queued, sending, "
					 "unanswered, retry, held, dead and "
					 "sent are known, with commas "
					 "between", text);
		letters[count++] = letter;
	}
	letters[count] = '\0';
	return 0;
}

void ctl_record_address(const struct queue_record *record, char *out,
			size_t size)
{
	struct json_object *envelope = get_root(record->envelope);
	const char *email = get_text(get_value(envelope, "to"), "email");

	if (!str_copy(out, size, email))
		out[0] = '\0';
	json_object_put(envelope);
}

int64_t ctl_record_at_ms(const struct queue_record *record)
{
	if (record->state == QUEUE_RETRY)
		return record->due_ms;
	return record->final_ms ? record->final_ms : record->admitted_ms;
}

struct json_object *ctl_record_json(const struct queue_record *record,
				    bool addresses)
{
	struct json_object *json = put_new();

	put_safe_text(json, "id", record->id);
	put_safe_text(json, "state", ctl_state_name(record->state));
	put_safe_text(json, "kind", record->kind);
	put_text(json, "lane", record->bulk ? "bulk" : "transactional");
	put_int(json, "attempts", record->attempts);
	put_int(json, "crashes", record->crashes);
	put_int(json, "uncertain", record->uncertain);
	put_ms(json, "admitted_ms", record->admitted_ms);
	put_ms(json, "due_ms", record->due_ms);
	put_ms(json, "final_ms", record->final_ms);
	put_safe_text(json, "worker", record->owner);
	put_safe_text(json, "relay", record->relay);
	put_safe_text(json, "reason", record->reason);
	put_text(json, "fate", queue_fate_word(record->fate));
	put_flag(json, "fate_sure", record->fate_sure);
	put_ms(json, "fate_ms", record->fate_ms);
	if (addresses) {
		char address[CTL_ADDRESS_SIZE];

		ctl_record_address(record, address, sizeof(address));
		put_safe_text(json, "to", address);
	}
	return json;
}

static void choose(struct ctl_choice *choice, const char *id)
{
	choice->ids = alloc_grow(choice->ids, choice->count, &choice->room,
				 sizeof(*choice->ids));
	must(str_copy(choice->ids[choice->count], sizeof(*choice->ids), id));
	choice->count++;
}

static void choose_record(void *arg, const struct queue_record *record)
{
	choose(arg, record->id);
}

int ctl_choose(struct ctl *ctl, const char *of, struct ctl_choice *out,
	       struct fault *why)
{
	const struct cli_call *call = ctl->call;
	const char *since = cli_text(call, "since");
	bool all = cli_flag(call, "all");
	bool of_state = cli_flag(call, "state");
	struct queue_filter filter = {
		.states = of, .reason = cli_text(call, "reason"),
		.kind = cli_text(call, "kind"),
	};
	const struct queue_list_opts opts = { &filter, choose_record, out };
	bool filtered = filter.kind || filter.reason || since;

	*out = (struct ctl_choice){ .named = call->word_count > 0 };
	if ((out->named && (filtered || all || of_state)) || (all && filtered))
		return ctl_usage(why, "either IDs, or --all, or --kind, "
				 "--reason and --since");
	if (!out->named && !filtered && !all && !of_state)
		return ctl_usage(why, "which jobs?  IDs, --kind, "
				 "--reason, --since or --all");
	if (since && ctl_when_parse(since, wall_ms(), &filter.since_ms,
				    why) == -1)
		return EX_USAGE;
	for (int i = 0; i < call->word_count; i++) {
		if (!ctl_is_id(call->words[i]))
			return ctl_usage(why, "\"%.80s\" is no job's id",
					 call->words[i]);
		choose(out, call->words[i]);
	}
	if (!out->named && queue_list(ctl->q, &opts, why) == -1)
		return CLI_BY_FAULT;
	return 0;
}

void ctl_choice_release(struct ctl_choice *choice)
{
	free(choice->ids);
	*choice = (struct ctl_choice){ .count = 0 };
}
