/* SPDX-License-Identifier: MIT */
/* bookctl bookings, waiting list, mails and log: as organisers' pages list
 * them. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/json.h"
#include "actions/mails.h"
#include "actions/story.h"
#include "base/str.h"
#include "base/ticks.h"
#include "domain/model.h"
#include "json/get.h"
#include "json/put.h"
#include "store/audit.h"
#include "store/bookings.h"
#include "store/line.h"
#include "store/store.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define LIMIT 100

/* Prints the list, and whether it was cut. */
static int list_tell(const struct ctl *ctl, struct json_object *list,
		     int64_t limit, void (*line)(struct json_object *row))
{
	if (get_count(list) == (size_t)limit)
		fputs("bookctl: there are more: see --limit\n", stderr);
	return ctl_tell(ctl, list, line);
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

/* ---- bookings ----------------------------------------------------------- */

static void booking_line(struct json_object *row)
{
	const char *state = strcmp(ctl_text(row, "erased"), "true") == 0 ?
		" erased" : strcmp(ctl_text(row, "cancelled"), "true") == 0 ?
		" cancelled" : "";

	printf("%s %s %s seats=%s%s%s%s%s %s <%s>\n",
	       ctl_text(row, "reference"),
	       ctl_text(row, "starts_at"), ctl_text(row, "service"),
	       ctl_text(row, "seats"), state,
	       strcmp(ctl_text(row, "open_mails"), "0") ? " mail-waits" : "",
	       strcmp(ctl_text(row, "bad_mails"), "0") ? " mail-failed" : "",
	       strcmp(ctl_text(row, "returned"), "likely") ? "" :
							    " mail-returned?",
	       ctl_text(row, "name"), ctl_text(row, "email"));
}

int ctl_bookings(struct ctl *ctl, struct fault *why)
{
	const char *text = cli_text(ctl->call, "text");
	struct booking_filter filter = { .ref = "" };
	struct booking_rows rows;
	struct json_object *list;
	int64_t limit;

	if (limit_read(ctl, &limit, why) < 0 ||
	    ctl_span(ctl, NULL, &filter.span, why) < 0)
		return CLI_BY_FAULT;
	filter.text = text ? text : "";
	filter.span.max = (size_t)limit;
	if (store_bookings_page(ctl->store, &filter, &rows, why) < 0)
		return CLI_BY_FAULT;
	list = put_new_list();
	for (size_t i = 0; i < rows.count; i++)
		rows_put_booking(list, &rows.list[i]);
	free(rows.list);
	return list_tell(ctl, list, limit, booking_line);
}

/* ---- who waits ---------------------------------------------------------- */

static void line_line(struct json_object *row)
{
	const char *until = ctl_text(row, "kept_until");

	printf("%s %s %s seats=%s since=%s%s%s %s <%s>\n",
	       ctl_text(row, "reference"), ctl_text(row, "starts_at"),
	       ctl_text(row, "state"), ctl_text(row, "seats"),
	       ctl_text(row, "since"), *until ? " kept-until=" : "", until,
	       ctl_text(row, "name"), ctl_text(row, "email"));
}

int ctl_waiting(struct ctl *ctl, struct fault *why)
{
	struct span span = { .from_s = wall_ms() / 1000,
			     .until_s = SPAN_EVER_S };
	struct service service;
	struct line_rows rows = { .count = 0 };
	struct json_object *list;
	int64_t limit;
	int r;

	if (limit_read(ctl, &limit, why) < 0 ||
	    ctl_service_find(ctl, cli_text(ctl->call, "service"), &service,
			     why) < 0)
		return CLI_BY_FAULT;
	span.service_id = service.id;
	r = ctl_span(ctl, service.zone, &span, why);
	service_release(&service);
	span.max = (size_t)limit;
	if (r < 0 || store_line_of_day(ctl->store, &span, &rows, why) < 0)
		return CLI_BY_FAULT;
	list = put_new_list();
	for (size_t i = 0; i < rows.count; i++)
		rows_put_waiting(list, &rows.list[i]);
	free(rows.list);
	return list_tell(ctl, list, limit, line_line);
}

/* ---- mails -------------------------------------------------------------- */

static void mail_line(struct json_object *row)
{
	const char *fate = ctl_text(row, "fate");
	const char *text = ctl_text(row, "fate_text");
	const char *next = ctl_text(row, "next_at");

	if (*text == '\0')
		text = ctl_text(row, "reply");
	printf("%s %s %s %s%s%s%s attempts=%s%s%s%s%s\n", ctl_text(row, "id"),
	       ctl_text(row, "created_at"), ctl_text(row, "kind"),
	       ctl_text(row, "state"), *fate ? " " : "", fate,
	       *fate && !get_flag(row, "fate_sure") ? " (likely)" : "",
	       ctl_text(row, "attempts"), *next ? " next=" : "", next,
	       *text ? " " : "", text);
}

int ctl_mails(struct ctl *ctl, struct fault *why)
{
	const char *state = cli_text(ctl->call, "state");
	const char *cause = cli_text(ctl->call, "cause");
	struct mail_filter filter = { .state = -1 };
	struct mail_rows rows;
	struct json_object *list;
	int64_t limit;

	filter.cause = cause ? cause : "";
	if (state)
		filter.state = story_state_find(state);
	if (state && filter.state < 0)
		return fault_set(why, FAULT_REJECT, "--state: open, sent, "
				 "dead, expired or aborted");
	if (limit_read(ctl, &limit, why) < 0)
		return CLI_BY_FAULT;
	filter.max = (size_t)limit;
	if (store_mails(ctl->store, &filter, &rows, why) < 0)
		return CLI_BY_FAULT;
	mails_hear(ctl->queue, &rows);
	list = put_new_list();
	for (size_t i = 0; i < rows.count; i++)
		rows_put_mail(list, &rows.list[i]);
	free(rows.list);
	return list_tell(ctl, list, limit, mail_line);
}

/* ---- log ---------------------------------------------------------------- */

static void audit_line(struct json_object *row)
{
	printf("%s %s by %s%s%s%s%s\n", ctl_text(row, "at"),
	       ctl_text(row, "action"), ctl_text(row, "actor"),
	       *ctl_text(row, "object") ? " on " : "", ctl_text(row, "object"),
	       *ctl_text(row, "detail") ? ": " : "", ctl_text(row, "detail"));
}

int ctl_log(struct ctl *ctl, struct fault *why)
{
	struct audit_rows rows;
	struct json_object *list;
	int64_t limit;

	if (limit_read(ctl, &limit, why) < 0 ||
	    store_audit(ctl->store, (size_t)limit, &rows, why) < 0)
		return CLI_BY_FAULT;
	list = put_new_list();
	for (size_t i = 0; i < rows.count; i++)
		rows_put_audit(list, &rows.list[i]);
	free(rows.list);
	return list_tell(ctl, list, limit, audit_line);
}
