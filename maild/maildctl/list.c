/* SPDX-License-Identifier: MIT */
/* maildctl list: jobs, or envelopes that could not be read, one a line. */
#include "config.h"

#include "maildctl/maildctl.h"
#include "maildctl/record.h"

#include "base/str.h"
#include "base/ticks.h"
#include "json/put.h"
#include "maildctl/table.h"
#include "maildctl/time.h"
#include "queue/envelope.h"

#include <json-c/json.h>

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define ALL_BUT_SENT "DPQRHX"
#define LIMIT 100
#define PART_ROWS 500		/* rows whose widths are measured together */
#define MALFORMED_PAGE 100
/* Printed with the first job: without Redis nothing is better than half of
 * it. */
#define JSON_HEAD "{\"v\":1,\"jobs\":["

struct listing {
	struct ctl *ctl;
	struct ctl_table *table;
	int64_t now_ms;
	int64_t limit;		/* 0 = none */
	int64_t count;
	bool is_long;		/* --long */
	bool has_addresses;	/* --addresses */
};

static void add_row(struct listing *l, const struct queue_record *record)
{
	char number[16];
	char room[CTL_LOCAL_MAX];
	char ago[CTL_AGO_MAX];

	ctl_table_add(l->table, record->id);
	ctl_table_add(l->table, ctl_state_name(record->state));
	ctl_table_add(l->table, ctl_ago_text(ago, ctl_record_at_ms(record),
					     l->now_ms));
	if (l->is_long)
		ctl_table_add(l->table, ctl_local_text(
			room, ctl_record_at_ms(record)));
	(void)snprintf(number, sizeof(number), "%d", record->attempts);
	ctl_table_add(l->table, number);
	if (l->is_long) {
		ctl_table_add(l->table, record->bulk ? "bulk" : "");
		ctl_table_add(l->table, record->relay);
	}
	ctl_table_add(l->table, record->kind);
	if (l->has_addresses) {
		char address[CTL_ADDRESS_SIZE];

		ctl_record_address(record, address, sizeof(address));
		ctl_table_add(l->table, address);
	}
	ctl_table_add(l->table, record->reason);
}

static void say_rows(const struct ctl *ctl, struct ctl_table *table)
{
	struct buf text = BUF_INIT;

	/* With --long, lines are not cut. */
	ctl_table_render(table, cli_flag(ctl->call, "long") ? 0
			 : ctl->screen.width, &text);
	ctl_say(&text);
	buf_release(&text);
}

static void each(void *arg, const struct queue_record *record)
{
	struct listing *l = arg;

	/* One more than the limit is asked for, to know that there are more. */
	if (l->count++ == l->limit && l->limit)
		return;
	if (l->ctl->json) {
		struct json_object *json = ctl_record_json(record,
							   l->has_addresses);

		ctl_sayf("%s\n%s", l->count > 1 ? "," : JSON_HEAD,
			 json_object_to_json_string_ext(
				json, JSON_C_TO_STRING_PLAIN |
				JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(json);
		return;
	}
	add_row(l, record);
	if (ctl_table_rows(l->table) == PART_ROWS)
		say_rows(l->ctl, l->table);
}

static int list(struct listing *l, const struct queue_filter *filter,
		struct fault *why)
{
	const struct queue_list_opts opts = { filter, each, l };
	bool more;

	if (queue_list(l->ctl->q, &opts, why) == -1)
		return CLI_BY_FAULT;
	more = l->limit && l->count > l->limit;
	if (l->ctl->json) {
		ctl_sayf("%s],\"more\":%s}\n", l->count ? "" : JSON_HEAD,
			 more ? "true" : "false");
		return 0;
	}
	if (ctl_table_rows(l->table) > 0)
		say_rows(l->ctl, l->table);
	if (l->count == 0)
		(void)fputs("No such jobs.\n", stderr);
	if (more)
		(void)fprintf(stderr, "There are more; --limit 0 shows all.\n");
	return 0;
}

/* ---- what could not be read, and why not -------------------------------- */

struct malformed {
	struct ctl *ctl;
	struct ctl_table *table;
	struct json_object *list;
	int64_t count;
	bool is_shown;		/* --addresses: they may be anywhere in it */
};

/* Why it is there: what the parser says about it. */
static const char *verdict(const char *raw, size_t len, struct fault *why)
{
	struct envelope e;

	if (envelope_parse(raw, len, &e, why) == -1)
		return why->text;
	envelope_release(&e);
	return "it can be read now: push it again";
}

static void each_malformed(void *arg, int64_t index, const char *raw,
			   size_t len)
{
	struct malformed *m = arg;
	struct json_object *one;
	struct fault why;
	char number[24];

	m->count++;
	if (m->list) {
		one = put_row(m->list);
		put_int(one, "index", index);
		put_int(one, "bytes", (int64_t)len);
		put_safe_text(one, "fault", verdict(raw, len, &why));
		if (m->is_shown)
			put_safe_text(one, "raw", raw);
		return;
	}
	(void)snprintf(number, sizeof(number), "%lld", (long long)index);
	ctl_table_add(m->table, number);
	(void)snprintf(number, sizeof(number), "%zu", len);
	ctl_table_add(m->table, number);
	ctl_table_add(m->table, verdict(raw, len, &why));
	if (m->is_shown)
		ctl_table_add(m->table, raw);
}

static void say_malformed(struct malformed *m)
{
	struct json_object *json;

	if (m->list) {
		json = ctl_answer_new();
		put_value(json, "malformed", m->list);
		ctl_say_json(json);
		m->list = NULL;
	} else if (m->count == 0) {
		(void)fputs("No such envelopes.\n", stderr);
	} else {
		say_rows(m->ctl, m->table);
	}
}

static int list_malformed(struct ctl *ctl, struct fault *why)
{
	static const struct ctl_column columns[] = {
		{ "INDEX", true }, { "BYTES", true }, { "FAULT", false },
		{ "TEXT", false },
	};
	struct malformed m = {
		.ctl = ctl,
		.list = ctl->json ? put_new_list() : NULL,
		.is_shown = cli_flag(ctl->call, "addresses"),
	};
	int some;

	m.table = ctl_table_new(columns, m.is_shown ? 4 : 3);
	do {
		const struct queue_malformed_opts opts = {
			.offset = m.count, .max = MALFORMED_PAGE,
			.each = each_malformed, .arg = &m,
		};

		some = queue_malformed(ctl->q, &opts, why);
	} while (some == MALFORMED_PAGE);
	if (some != -1)
		say_malformed(&m);
	json_object_put(m.list);
	ctl_table_free(m.table);
	return some == -1 ? CLI_BY_FAULT : 0;
}

/* ---- either ------------------------------------------------------------- */

int ctl_list(struct ctl *ctl, struct fault *why)
{
	static const struct ctl_column columns[] = {
		{ "ID", false }, { "STATE", false }, { "WHEN", true },
		{ "AT", false }, { "TRIES", true }, { "LANE", false },
		{ "RELAY", false }, { "KIND", false }, { "TO", false },
		{ "REASON", false },
	};
	const struct cli_call *call = ctl->call;
	const char *state = cli_text(call, "state");
	const char *since = cli_text(call, "since");
	const char *limit = cli_text(call, "limit");
	struct ctl_column shown[ARRAY_COUNT(columns)];
	size_t shown_count = 0;
	char states[16] = ALL_BUT_SENT;
	struct listing l = {
		.ctl = ctl, .now_ms = wall_ms(), .limit = LIMIT,
		.is_long = cli_flag(call, "long"),
		.has_addresses = cli_flag(call, "addresses"),
	};
	struct queue_filter filter = {
		.states = states, .reason = cli_text(call, "reason"),
		.kind = cli_text(call, "kind"),
	};
	int status;

	if (state && strcmp(state, "malformed") == 0)
		return list_malformed(ctl, why);
	if (state && ctl_states_read(state, states, why))
		return EX_USAGE;
	if (limit && !str_to_int(limit, 0, INT32_MAX, &l.limit))
		return ctl_usage(why, "--limit %.40s: a whole number is wanted",
				 limit);
	if (since && ctl_when_parse(since, l.now_ms, &filter.since_ms,
				    why) == -1)
		return EX_USAGE;
	filter.limit = l.limit ? l.limit + 1 : 0;
	for (size_t i = 0; i < ARRAY_COUNT(columns); i++) {
		bool is_long = i == 3 || i == 5 || i == 6;

		if ((!is_long || l.is_long) && (i != 8 || l.has_addresses))
			shown[shown_count++] = columns[i];
	}
	l.table = ctl_table_new(shown, shown_count);
	status = list(&l, &filter, why);
	ctl_table_free(l.table);
	return status;
}
