/* SPDX-License-Identifier: MIT */
/* bookctl bookings, mails and log: what organisers' pages list. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/json.h"
#include "actions/span.h"
#include "actions/story.h"
#include "base/str.h"
#include "domain/model.h"
#include "json/put.h"
#include "store/audit.h"
#include "store/bookings.h"
#include "store/mails.h"
#include "store/store.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define LIMIT 100

/* Prints list as JSON, or by line() one of its rows a line. */
static int list_print(struct json_object *list, bool json,
		      void (*line)(struct json_object *row), bool cut,
		      struct fault *why)
{
	int status = EX_OK;

	if (cut)
		fputs("bookctl: there are more: see --limit\n", stderr);
	if (json)
		return ctl_print_json(list, why);
	for (size_t i = 0; i < json_object_array_length(list); i++)
		line(json_object_array_get_idx(list, i));
	json_object_put(list);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		(void)fault_set(why, FAULT_RETRY, "standard output: not all "
				"was written");
		status = EX_IOERR;
	}
	return status;
}

static const char *text_of(struct json_object *row, const char *name)
{
	return json_object_get_string(json_object_object_get(row, name));
}

static struct json_object *list_new(void)
{
	struct json_object *list = json_object_new_array();

	must(list != NULL);
	return list;
}

static int limit_read(const struct ctl *ctl, int64_t *out, struct fault *why)
{
	const char *text = cli_text(ctl->call, "limit");

	*out = LIMIT;
	if (!text)
		return 0;
	if (str_to_int(text, 1, STORE_ROWS_MAX, out))
		return 0;
	return fault_set(why, FAULT_REJECT, "--limit: 1 to %d",
			 STORE_ROWS_MAX);
}

/* ---- bookings -------------------------------------------------------------- */

static void booking_line(struct json_object *row)
{
	const char *state = strcmp(text_of(row, "erased"), "true") == 0 ?
		" erased" : strcmp(text_of(row, "cancelled"), "true") == 0 ?
		" cancelled" : "";

	printf("%s %s %s seats=%s%s%s%s %s <%s>\n", text_of(row, "reference"),
	       text_of(row, "starts_at"), text_of(row, "service"),
	       text_of(row, "seats"), state,
	       strcmp(text_of(row, "open_mails"), "0") ? " mail-waits" : "",
	       strcmp(text_of(row, "bad_mails"), "0") ? " mail-failed" : "",
	       text_of(row, "name"), text_of(row, "email"));
}

int ctl_bookings(struct ctl *ctl, struct fault *why)
{
	const char *text = cli_text(ctl->call, "text");
	struct booking_filter filter = { .ref = "" };
	struct span span = { .is_form = false };
	struct booking_row *rows;
	struct json_object *list;
	int64_t limit;
	size_t count;

	if (limit_read(ctl, &limit, why) < 0 ||
	    ctl_span(ctl, NULL, &span, why) < 0)
		return ctl_status(why);
	filter.text = text ? text : "";
	filter.service_id = span.service_id;
	filter.from_s = span.from_s;
	filter.until_s = span.until_s;
	if (store_bookings_page(ctl->store, &filter, (size_t)limit, &rows,
				&count, why) < 0)
		return ctl_status(why);
	list = list_new();
	for (size_t i = 0; i < count; i++)
		rows_put_booking(list, &rows[i]);
	free(rows);
	return list_print(list, cli_flag(ctl->call, "json"), booking_line,
			  count == (size_t)limit, why);
}

/* ---- mails ----------------------------------------------------------------- */

static void mail_line(struct json_object *row)
{
	printf("%s %s %s %s attempts=%s%s%s\n", text_of(row, "id"),
	       text_of(row, "created_at"), text_of(row, "kind"),
	       text_of(row, "state"), text_of(row, "attempts"),
	       *text_of(row, "reply") ? " " : "", text_of(row, "reply"));
}

int ctl_mails(struct ctl *ctl, struct fault *why)
{
	const char *state = cli_text(ctl->call, "state");
	const char *cause = cli_text(ctl->call, "cause");
	struct mail_filter filter = { .state = -1 };
	struct mail_row *rows;
	struct json_object *list;
	int64_t limit;
	size_t count;

	filter.cause = cause ? cause : "";
	if (state)
		filter.state = story_state_find(state);
	if (state && filter.state < 0) {
		(void)fault_set(why, FAULT_REJECT, "--state: open, sent, dead, "
				"expired or aborted");
		return EX_DATAERR;
	}
	if (limit_read(ctl, &limit, why) < 0 ||
	    store_mails(ctl->store, &filter, (size_t)limit, &rows, &count,
			why) < 0)
		return ctl_status(why);
	list = list_new();
	for (size_t i = 0; i < count; i++)
		rows_put_mail(list, &rows[i]);
	free(rows);
	return list_print(list, cli_flag(ctl->call, "json"), mail_line,
			  count == (size_t)limit, why);
}

/* ---- log ------------------------------------------------------------------- */

static void audit_line(struct json_object *row)
{
	printf("%s %s by %s%s%s%s%s\n", text_of(row, "at"),
	       text_of(row, "action"), text_of(row, "actor"),
	       *text_of(row, "object") ? " on " : "", text_of(row, "object"),
	       *text_of(row, "detail") ? ": " : "", text_of(row, "detail"));
}

int ctl_log(struct ctl *ctl, struct fault *why)
{
	struct audit_row *rows;
	struct json_object *list;
	int64_t limit;
	size_t count;

	if (limit_read(ctl, &limit, why) < 0 ||
	    store_audit(ctl->store, (size_t)limit, &rows, &count, why) < 0)
		return ctl_status(why);
	list = list_new();
	for (size_t i = 0; i < count; i++)
		rows_put_audit(list, &rows[i]);
	free(rows);
	return list_print(list, cli_flag(ctl->call, "json"), audit_line,
			  count == (size_t)limit, why);
}
