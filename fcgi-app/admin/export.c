/* SPDX-License-Identifier: MIT */
/* Bookings for spreadsheets: a form, and what it downloads. */
#include "config.h"

#include "admin/admin.h"

#include "actions/export.h"
#include "actions/span.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/ticks.h"
#include "domain/fields.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "json/put.h"
#include "store/audit.h"
#include "store/people.h"
#include "text/lang.h"

#include <json-c/json.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One answer is built whole in memory. */
#define EXPORT_ROWS_MAX 20000

/* Spreadsheets take a file for UTF-8 only if it begins so. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* ---- the form ----------------------------------------------------------- */

/* Marks the separator that was chosen, else the one that spreadsheets in the
 * page's language expect. */
static void put_separator(const struct call *call, struct json_object *values,
			  const struct fields *wrong)
{
	const struct field_error *e = fields_error(wrong, "separator");
	const char *word = form_text(&call->rq->query, "separator");

	if (*word == '\0' || e)
		word = page_text(call, "admin.export.usual");

	struct json_object *to = put_object(values, "separator");

	put_flag(to, "semicolon", strcmp(word, "semicolon") == 0);
	put_flag(to, "comma", strcmp(word, "semicolon") != 0);
	page_put_error(call, to, "error", e);
}

static void show(struct call *call, const struct fields *wrong)
{
	static const char *const names[] = { "service", "from", "until" };
	const struct form *query = &call->rq->query;
	struct fault why;
	struct json_object *values = admin_page(
		call, "/admin/export", page_text(call, "admin.export.title"));

	put_flag(values, "on_export", true);
	put_flag(values, "any_error", wrong->error_count > 0);
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		const char *typed = form_text(query, names[i]);

		page_put_field(call, put_object(values, names[i]), typed,
			       fields_error(wrong, names[i]));
		put_text(json_object_object_get(values, names[i]), "type",
			 page_input_type("date", typed));
	}
	put_separator(call, values, wrong);
	put_flag(values, "waiting", *form_text(query, "waiting") != '\0');
	if (admin_put_services(call, values, form_text(query, "service"),
			       &why) == 0)
		page_send(call, wrong->error_count > 0 ? 422 : 200,
			  "admin_export", values);
	else
		page_fail(call, values, "services", &why);
}

void admin_export(struct call *call)
{
	const struct fields none = { .error_count = 0 };

	show(call, &none);
}

/* ---- the file ----------------------------------------------------------- */

struct file {
	struct csv_style style;
	struct buf *out;
};

static void row_add(void *arg, const struct export_row *row)
{
	const struct file *file = arg;

	export_csv_row(row, &file->style, file->out);
}

static void file_send(struct call *call)
{
	struct tm now;
	time_t at = wall_ms() / 1000;
	char name[80];

	must(gmtime_r(&at, &now) != NULL);
	must(strftime(name, sizeof(name), "attachment; "
		      "filename=\"bookings-%Y-%m-%d.csv\"", &now) > 0);
	reply_header(call->rp, "Content-Type",
		     "text/csv; charset=utf-8; header=present");
	reply_header(call->rp, "Content-Disposition", "%s", name);
	reply_header(call->rp, "X-Content-Type-Options", "nosniff");
	reply_header(call->rp, "X-Robots-Tag", "noindex");
}

/*
 * The form always names a separator, and gets a file for people in the page's
 * language.  Without one the file is what bookctl exports: programs download
 * it, too.
 */
static struct csv_style style_read(const struct call *call,
				   struct fields *wrong)
{
	struct csv_style style = { .separator = ',' };
	const char *word = fields_sent(wrong, "separator");

	if (*word == '\0')
		return style;
	style.language = call->lang;
	if (!csv_separator_read(word, &style.separator))
		fields_fail(wrong, "separator", "separator_wrong", 0);
	return style;
}

/* Nobody gets a list of people without a line in the record of who did what. */
static int file_make(struct call *call, const struct span *span,
		     struct fields *wrong, struct fault *why)
{
	const struct store_actor by = admin_actor(call);
	struct file file = { style_read(call, wrong), &call->rp->body };
	const struct export_reader reader = { row_add, &file };
	char detail[40];
	int64_t waiting;
	int64_t count;

	if (wrong->error_count > 0)
		return 0;
	if (store_export_columns(call->site->store, span->service_id,
				 &file.style.questions, why) < 0)
		return -1;
	buf_addstr(file.out, BYTE_ORDER_MARK);
	export_csv_head(&file.style, file.out);
	count = store_export(call->site->store, span, &reader, why);
	if (count >= 0 && *fields_sent(wrong, "waiting") != '\0') {
		waiting = store_export_line(call->site->store, span, &reader,
					    why);
		count = waiting < 0 ? -1 : count + waiting;
	}
	free(file.style.questions.names);
	if (count < 0)
		return -1;
	if (count > EXPORT_ROWS_MAX) {
		fields_fail(wrong, "until", "export_many", EXPORT_ROWS_MAX);
		return 0;
	}
	(void)snprintf(detail, sizeof(detail), "%" PRId64 " bookings", count);

	const struct audit_entry entry = {
		&by, "exported", form_text(&call->rq->query, "service"), detail,
	};

	return store_audit_add(call->site->store, &entry, why);
}

void admin_export_csv(struct call *call)
{
	struct fields wrong = { .form = &call->rq->query, .of_page = true };
	struct span span = { .max = EXPORT_ROWS_MAX + 1 };
	struct fault why;
	int r;

	/* Else a broken filter would select everything. */
	if (call->rq->query_broken) {
		fail(call, FAIL_BAD_REQUEST);
		return;
	}
	r = span_read(call->site->store, &wrong, &span, &why);
	if (r == 0)
		r = file_make(call, &span, &wrong, &why);
	if (r == 0 && wrong.error_count == 0) {
		file_send(call);
		return;
	}
	reply_clear(call->rp);
	if (r < 0)
		fail_store(call, "bookings", &why);
	else
		show(call, &wrong);
}
