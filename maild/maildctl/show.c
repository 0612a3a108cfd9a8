/* SPDX-License-Identifier: MIT */
/* maildctl show: one job's whole story. */
#include "config.h"

#include "maildctl/maildctl.h"
#include "maildctl/record.h"

#include "base/alloc.h"
#include "base/ticks.h"
#include "json/get.h"
#include "json/put.h"
#include "maildctl/story.h"
#include "maildctl/table.h"
#include "maildctl/time.h"

#include <json-c/json.h>

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

static struct json_object *story_json(const char *story)
{
	struct json_object *list = put_new_list();
	char *copy = alloc_text(story);
	char *rest = *copy ? copy : NULL;
	struct ctl_attempt a;

	while (ctl_story_next(&rest, &a)) {
		struct json_object *one = put_row(list);

		put_ms(one, "at_ms", a.at_ms);
		put_safe_text(one, "verdict", a.verdict);
		put_int(one, "times", a.times);
		put_safe_text(one, "host", a.host);
		put_safe_text(one, "instance", a.instance);
		put_safe_text(one, "worker", a.worker);
		put_safe_text(one, "relay", a.relay);
		put_safe_text(one, "stage", a.stage);
		put_safe_text(one, "code", a.code);
		put_safe_text(one, "text", a.text);
	}
	free(copy);
	return list;
}

static bool queue_id_of(const struct queue_record *record, char out[80])
{
	out[0] = '\0';
	return record->state == QUEUE_SENT &&
	       ctl_story_queue_id(record->reason, out, 80);
}

static void show_json(const struct queue_record *record, bool addresses)
{
	struct json_object *json = ctl_record_json(record, addresses);
	struct json_object *envelope = get_root(record->envelope);
	char queue_id[80];

	put_int(json, "v", 1);
	put_safe_text(json, "relay_queue_id",
		      queue_id_of(record, queue_id) ? queue_id : "");
	put_safe_text(json, "locale", get_text(envelope, "locale"));
	put_ms(json, "not_before_ms", get_int(envelope, "nb"));
	put_ms(json, "not_after_ms", get_int(envelope, "na"));
	put_value(json, "story", story_json(record->story));
	json_object_put(envelope);
	ctl_say_json(json);
}

static void add_field(struct buf *out, const char *name, const char *text)
{
	if (!*text)
		return;
	buf_addf(out, "  %-11s ", name);
	ctl_text_add(out, text, 0);
	buf_addch(out, '\n');
}

/* "2026-11-23 15:00:00 CET (3 min ago)" */
static void add_time(struct buf *out, const char *name, int64_t at_ms,
		     int64_t now_ms)
{
	char date[CTL_LOCAL_MAX];
	char ago[CTL_AGO_MAX];

	if (at_ms)
		buf_addf(out, "  %-11s %s (%s)\n", name,
			 ctl_local_text(date, at_ms),
			 ctl_ago_text(ago, at_ms, now_ms));
}

/* What the state means to whoever asks. */
static const char *meaning(char state)
{
	switch (state) {
	case QUEUE_INTAKE:
		return "in the intake: pushed, and not looked at yet";
	case QUEUE_QUEUED:
		return "queued: it is sent when its turn comes";
	case QUEUE_SENDING:
		return "sending: a worker has it in hand";
	case QUEUE_UNANSWERED:
		return "unanswered: sent whole, the server has not answered";
	case QUEUE_RETRY:
		return "retry: set aside until it is due";
	case QUEUE_HELD:
		return "held: its kind is paused";
	case QUEUE_DEAD:
		return "dead: it is not tried any more";
	case QUEUE_SENT:
		return "sent: the mail server has taken it";
	default:
		return "in a state that this maildctl does not know";
	}
}

/* The answer on a line of its own, so that it can be read at 80 columns. */
static void render_story(const struct queue_record *record,
			 const struct ctl_screen *screen, struct buf *out)
{
	static const struct ctl_column columns[] = {
		{ "TIME", false }, { "RESULT", false }, { "STAGE", false },
		{ "CODE", false }, { "RELAY", false }, { "HOST", false },
		{ "WORKER", true }, { "TIMES", true },
	};
	struct ctl_table *t = ctl_table_new(columns, ARRAY_COUNT(columns));
	char *copy = alloc_text(record->story);
	char *rest = *copy ? copy : NULL;
	struct ctl_attempt a;
	bool first = true;

	while (ctl_story_next(&rest, &a)) {
		char date[CTL_LOCAL_MAX];
		char times[24];

		if (first)
			buf_addch(out, '\n');
		first = false;
		(void)snprintf(times, sizeof(times), "%lld",
			       (long long)a.times);
		ctl_table_add(t, ctl_local_text(date, a.at_ms));
		ctl_table_add(t, a.verdict);
		ctl_table_add(t, a.stage);
		ctl_table_add(t, a.code);
		ctl_table_add(t, a.relay);
		ctl_table_add(t, a.host);
		ctl_table_add(t, a.worker);
		ctl_table_add(t, a.times > 1 ? times : "");
		ctl_table_render(t, screen->width, out);
		if (*a.text) {
			buf_addstr(out, "    ");
			ctl_text_add(out, a.text, 0);
			buf_addch(out, '\n');
		}
	}
	free(copy);
	ctl_table_free(t);
}

static void add_attempts(struct buf *out, const struct queue_record *record)
{
	buf_addf(out, "  %-11s %d charged", "attempts", record->attempts);
	if (record->crashes)
		buf_addf(out, ", %d workers crashed", record->crashes);
	if (record->uncertain)
		buf_addf(out, ", %d times maybe sent", record->uncertain);
	buf_addch(out, '\n');
}

static void add_fate(struct buf *out, const struct queue_record *record,
		     int64_t now_ms)
{
	char said[40];

	if (record->fate == QUEUE_FATE_NONE)
		return;
	(void)snprintf(said, sizeof(said), "%s (%s)",
		       queue_fate_word(record->fate),
		       record->fate_sure ? "sure" : "likely");
	add_field(out, "fate", said);
	add_time(out, "reported", record->fate_ms, now_ms);
}

static void show_people(const struct ctl *ctl,
			const struct queue_record *record)
{
	struct json_object *envelope = get_root(record->envelope);
	int64_t now_ms = wall_ms();
	struct buf out = BUF_INIT;
	char text[320];

	buf_addf(&out, "%s is %s\n\n", record->id, meaning(record->state));
	add_field(&out, "kind", record->kind);
	add_field(&out, "lane", record->bulk ? "bulk" : "transactional");
	add_field(&out, "language", get_text(envelope, "locale"));
	if (cli_flag(ctl->call, "addresses")) {
		ctl_record_address(record, text, sizeof(text));
		add_field(&out, "to", text);
	}
	add_time(&out, "admitted", record->admitted_ms, now_ms);
	add_time(&out, "due", record->due_ms, now_ms);
	add_time(&out, record->state == QUEUE_SENT ? "sent" : "ended",
		 record->final_ms, now_ms);
	add_time(&out, "not before", get_int(envelope, "nb"), now_ms);
	add_time(&out, "not after", get_int(envelope, "na"), now_ms);
	add_attempts(&out, record);
	add_field(&out, "worker", record->owner);
	add_field(&out, "relay", record->relay);
	add_field(&out, record->state == QUEUE_SENT ? "relay said" : "reason",
		  record->reason);
	if (queue_id_of(record, text))
		add_field(&out, "queue id", text);
	add_fate(&out, record, now_ms);
	render_story(record, &ctl->screen, &out);
	ctl_say(&out);
	buf_release(&out);
	json_object_put(envelope);
}

int ctl_show(struct ctl *ctl, struct fault *why)
{
	const char *id = ctl->call->words[0];
	struct queue_record record;
	int found = ctl_is_id(id) ? queue_show(ctl->q, id, &record, why) : 0;

	if (found == -1)
		return CLI_BY_FAULT;
	if (found == 0) {
		fault_set(why, FAULT_REJECT, "no job \"%.64s\": never pushed, "
			  "or sent and forgotten since", id);
		return EX_DATAERR;
	}
	if (ctl->json)
		show_json(&record, cli_flag(ctl->call, "addresses"));
	else
		show_people(ctl, &record);
	queue_record_release(&record);
	return 0;
}
