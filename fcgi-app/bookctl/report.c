/* SPDX-License-Identifier: MIT */
/* bookctl export, stats, retention and restored: what concerns all
 * bookings. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/export.h"
#include "actions/stats.h"
#include "cli/progress.h"
#include "domain/model.h"
#include "json/get.h"
#include "json/put.h"
#include "store/audit.h"
#include "store/erase.h"
#include "store/names.h"
#include "store/people.h"
#include "store/store.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

/* ---- export -------------------------------------------------------------- */

/* Whether all was written shows at the end, by cli_flush(). */
struct csv {
	struct csv_style style;
	struct buf line;
};

static void print_csv(void *arg, const struct export_row *row)
{
	struct csv *csv = arg;

	buf_clear(&csv->line);
	export_csv_row(row, &csv->style, &csv->line);
	(void)fwrite(csv->line.data, 1, csv->line.len, stdout);
}

/* One object a line, so that the list may be of any length. */
static void print_line(void *arg, const struct export_row *row)
{
	struct json_object *one = export_json(row);

	(void)arg;
	ctl_print_json(one);
	json_object_put(one);
}

int ctl_export(struct ctl *ctl, struct fault *why)
{
	const char *slug = cli_text(ctl->call, "service");
	const char *separator = cli_text(ctl->call, "separator");
	struct csv csv = { .style.separator = ',', .line = BUF_INIT };
	char detail[40];
	struct span span = { .max = 0 };
	const struct export_reader reader = {
		ctl->json ? print_line : print_csv, &csv,
	};
	int64_t waiting = 0;
	int64_t count;

	if (separator && !csv_separator_read(separator, &csv.style.separator)) {
		fault_set(why, FAULT_REJECT,
			  "--separator: must be comma or semicolon");
		return CLI_BY_FAULT;
	}
	if (ctl_span(ctl, NULL, &span, why) < 0 ||
	    store_export_columns(ctl->store, span.service_id,
				 &csv.style.questions, why) < 0)
		return CLI_BY_FAULT;
	if (!ctl->json) {
		export_csv_head(&csv.style, &csv.line);
		(void)fwrite(csv.line.data, 1, csv.line.len, stdout);
	}
	ctl_watch(ctl, "exported", true);
	count = store_export(ctl->store, &span, &reader, why);
	if (count >= 0 && cli_flag(ctl->call, "waiting")) {
		waiting = store_export_line(ctl->store, &span, &reader, why);
		count = waiting < 0 ? -1 : count + waiting;
	}
	buf_release(&csv.line);
	free(csv.style.questions.names);
	cli_progress_end();
	if (count < 0)
		return CLI_BY_FAULT;
	if (cli_flush(why) != EX_OK)
		return EX_IOERR;
	(void)snprintf(detail, sizeof(detail), "%" PRId64 " bookings",
		       count);

	const struct audit_entry entry = {
		&ctl->by, "exported", slug ? slug : "", detail,
	};

	return store_audit_add(ctl->store, &entry, why);
}

/* ---- stats --------------------------------------------------------------- */

static void print_stats(struct json_object *all)
{
	json_object_object_foreach(all, name, value) {
		if (!json_object_is_type(value, json_type_array))
			printf("%-14s %s\n", name,
			       json_object_get_string(value));
		for (size_t i = 0; i < get_count(value); i++) {
			struct json_object *row = get_at(value, i);
			const char *cause = ctl_text(row, "cause");

			printf("mails %s%s%s: %s\n", ctl_text(row, "state"),
			       *cause ? ", " : "", cause,
			       ctl_text(row, "count"));
		}
	}
}

int ctl_stats(struct ctl *ctl, struct fault *why)
{
	struct json_object *all;

	if (stats_read(ctl->store, &all, why) < 0)
		return CLI_BY_FAULT;
	return ctl_tell(ctl, all, print_stats);
}

/* ---- retention ---------------------------------------------------------- */

int ctl_retention(struct ctl *ctl, struct fault *why)
{
	struct json_object *answer;
	char detail[40];
	int64_t erased = 0;
	/* A retention of 0 means for ever. */
	struct store_erasing e = { .done = ctl->conf.retention == 0 };

	cli_progress_begin("erased", false);
	while (!e.done) {
		int some = store_erase_old(ctl->store, ctl->conf.retention, &e,
					   why);

		if (some < 0)
			return CLI_BY_FAULT;
		erased += some;
		cli_progress(erased, 0);
	}
	cli_progress_end();
	(void)snprintf(detail, sizeof(detail), "%" PRId64 " bookings", erased);

	const struct audit_entry entry = { &ctl->by, "retention", "", detail };

	if (erased > 0 && store_audit_add(ctl->store, &entry, why) < 0)
		return CLI_BY_FAULT;
	if (!ctl->json) {
		printf("erased: %" PRId64 "%s\n", erased,
		       ctl->conf.retention > 0 ? "" :
		       " (retention is 0: nothing is ever too old)");
		return EX_OK;
	}
	answer = put_new();
	put_int(answer, "erased", erased);
	return ctl_tell(ctl, answer, NULL);
}

/* ---- restored ------------------------------------------------------------ */

int ctl_restored(struct ctl *ctl, struct fault *why)
{
	struct json_object *answer;
	int64_t count;

	ctl_watch(ctl, "rows raised", false);
	if (store_ping(ctl->store, why) < 0 ||
	    store_restored(ctl->store, ctl->actor, &count, why) < 0)
		return CLI_BY_FAULT;
	cli_progress_end();
	if (!ctl->json) {
		printf("all counters are raised, and the numbers of %" PRId64
		       " bookings and places in line\n", count);
		return EX_OK;
	}
	answer = put_new();
	put_int(answer, "raised", count);
	return ctl_tell(ctl, answer, NULL);
}
