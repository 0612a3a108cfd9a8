/* SPDX-License-Identifier: MIT */
/* bookctl export, stats and retention: what concerns all bookings. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/export.h"
#include "actions/span.h"
#include "actions/stats.h"
#include "actions/story.h"
#include "domain/model.h"
#include "json/put.h"
#include "store/audit.h"
#include "store/erase.h"
#include "store/people.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* ---- export -------------------------------------------------------------- */

/* Whether all was written shows at the end, by ferror(). */
static void print_csv(void *arg, const struct export_row *row)
{
	struct buf *line = arg;

	buf_clear(line);
	export_csv_row(row, line);
	(void)fwrite(line->data, 1, line->len, stdout);
}

/* One object a line, so that the list may be of any length. */
static void print_line(void *arg, const struct export_row *row)
{
	struct json_object *one = export_json(row);

	(void)arg;
	(void)puts(json_object_to_json_string_ext(
		one, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(one);
}

int ctl_export(struct ctl *ctl, struct fault *why)
{
	const char *slug = cli_text(ctl->call, "service");
	bool json = cli_flag(ctl->call, "json");
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	struct buf line = BUF_INIT;
	char detail[40];
	struct span span = { .is_form = false };
	int64_t count;

	if (ctl_span(ctl, NULL, &span, why) < 0)
		return ctl_status(why);
	if (!json) {
		export_csv_head(&line);
		(void)fwrite(line.data, 1, line.len, stdout);
	}
	count = store_export(ctl->store, span.service_id, span.from_s,
			     span.until_s, 0, json ? print_line : print_csv,
			     &line, why);
	buf_release(&line);
	if (count < 0)
		return ctl_status(why);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		(void)fault_set_errno(why, FAULT_RETRY, errno, "write");
		return EX_IOERR;
	}
	(void)snprintf(detail, sizeof(detail), "%" PRId64 " bookings", count);
	if (store_audit_add(ctl->store, &by, "exported",
			    slug ? slug : "", detail, why) < 0)
		return ctl_status(why);
	return EX_OK;
}

/* ---- stats --------------------------------------------------------------- */

static void stats_print(struct json_object *all)
{
	json_object_object_foreach(all, name, value) {
		if (!json_object_is_type(value, json_type_array)) {
			printf("%-14s %s\n", name,
			       json_object_get_string(value));
			continue;
		}
		for (size_t i = 0; i < json_object_array_length(value); i++) {
			struct json_object *row =
				json_object_array_get_idx(value, i);
			const char *cause = json_object_get_string(
				json_object_object_get(row, "cause"));

			printf("mails %s%s%s: %s\n", json_object_get_string(
				       json_object_object_get(row, "state")),
			       *cause ? ", " : "", cause,
			       json_object_get_string(
				       json_object_object_get(row, "count")));
		}
	}
}

int ctl_stats(struct ctl *ctl, struct fault *why)
{
	struct json_object *all;

	if (stats_read(ctl->store, &all, why) < 0)
		return ctl_status(why);
	if (cli_flag(ctl->call, "json"))
		return ctl_print_json(all, why);
	stats_print(all);
	json_object_put(all);
	return EX_OK;
}

/* ---- retention ------------------------------------------------------------- */

int ctl_retention(struct ctl *ctl, struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	struct json_object *answer;
	char detail[40];
	int64_t erased = 0;
	int64_t from_ms = 0;
	bool done = ctl->conf.retention == 0;	/* 0 means for ever */

	while (!done) {
		int some = store_erase_old(ctl->store, ctl->conf.retention,
					   &from_ms, &done, why);

		if (some < 0)
			return ctl_status(why);
		erased += some;
	}
	(void)snprintf(detail, sizeof(detail), "%" PRId64 " bookings", erased);
	if (erased > 0 &&
	    store_audit_add(ctl->store, &by, "retention", "", detail, why) < 0)
		return ctl_status(why);
	if (!cli_flag(ctl->call, "json")) {
		printf("erased: %" PRId64 "%s\n", erased,
		       ctl->conf.retention > 0 ? "" :
		       " (retention is 0: nothing is ever too old)");
		return EX_OK;
	}
	answer = json_object_new_object();
	must(answer != NULL);
	put_int(answer, "erased", erased);
	return ctl_print_json(answer, why);
}
