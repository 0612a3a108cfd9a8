/* SPDX-License-Identifier: MIT */
/* maildctl list --state malformed: what could not be read, and why not. */
#include "config.h"

#include "maildctl/maildctl.h"
#include "maildctl/record.h"

#include "base/alloc.h"
#include "json/put.h"
#include "maildctl/table.h"
#include "queue/envelope.h"

#include <json-c/json.h>

#include <stdio.h>
#include <stdlib.h>

#define PAGE 100

struct malformed {
	struct ctl *ctl;
	struct ctl_table *table;
	struct json_object *list;
	int64_t count;
};

/* Why it is there: what the parser says of it. */
static const char *verdict(const char *raw, size_t len, struct fault *why)
{
	struct envelope e;

	if (envelope_parse(raw, len, &e, why) == -1)
		return why->text;
	envelope_release(&e);
	return "it can be read now: push it again";
}

static void each(void *arg, int64_t index, const char *raw, size_t len)
{
	struct malformed *m = arg;
	bool shown = m->ctl->args->addresses;	/* they may be anywhere in it */
	struct json_object *one;
	struct fault why;
	char number[24];

	m->count++;
	if (m->list) {
		one = put_row(m->list);
		put_int(one, "index", index);
		put_int(one, "bytes", (int64_t)len);
		put_safe_text(one, "fault", verdict(raw, len, &why));
		if (shown)
			put_safe_text(one, "raw", raw);
		return;
	}
	(void)snprintf(number, sizeof(number), "%lld", (long long)index);
	ctl_table_add(m->table, number);
	(void)snprintf(number, sizeof(number), "%zu", len);
	ctl_table_add(m->table, number);
	ctl_table_add(m->table, verdict(raw, len, &why));
	if (shown)
		ctl_table_add(m->table, raw);
}

static void say_all(struct malformed *m)
{
	struct json_object *json;
	struct buf text = BUF_INIT;

	if (m->list) {
		json = put_new();
		put_int(json, "v", 1);
		put_value(json, "malformed", m->list);
		ctl_say_json(json);
		m->list = NULL;
		return;
	}
	if (m->count == 0) {
		(void)fputs("No such envelopes.\n", stderr);
		return;
	}
	ctl_table_render(m->table, m->ctl->args->long_lines
			 ? 0 : m->ctl->screen.width, &text);
	ctl_say(&text);
	buf_release(&text);
}

int ctl_list_malformed(struct ctl *ctl, struct fault *why)
{
	static const struct ctl_column columns[] = {
		{ "INDEX", true }, { "BYTES", true }, { "FAULT", false },
		{ "TEXT", false },
	};
	struct malformed m = {
		.ctl = ctl,
		.table = ctl_table_new(columns, ctl->args->addresses ? 4 : 3),
		.list = ctl->args->json ? put_new_list() : NULL,
	};
	int some;

	do
		some = queue_malformed(ctl->q, m.count, PAGE, each, &m, why);
	while (some == PAGE);
	if (some != -1)
		say_all(&m);
	json_object_put(m.list);
	ctl_table_free(m.table);
	return some == -1 ? CTL_BY_FAULT : 0;
}
