/* SPDX-License-Identifier: MIT */
/* What programs only look at: bookings and the story of one, mails, figures;
 * and the description of the whole interface. */
#include "config.h"

#include "api/api.h"

#include "actions/json.h"
#include "actions/mails.h"
#include "actions/span.h"
#include "actions/stats.h"
#include "actions/story.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "domain/fields.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/routes.h"
#include "json/put.h"
#include "site/site.h"
#include "store/bookings.h"

#include <json-c/json.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DOC_MAX_BYTES (1024 * 1024)
#define TERM_MIN 2	/* bytes to look for */
#define TERM_MAX 254

/* ---- what is asked for -------------------------------------------------- */

/* "1764768600-42": beginning and id of the last booking of a page. */
static bool cursor_read(const char *text, struct booking_filter *f)
{
	char begins[24];
	const char *dash = strchr(text, '-');

	if (*text == '\0')
		return true;
	if (!dash || (size_t)(dash - text) >= sizeof(begins))
		return false;
	memcpy(begins, text, (size_t)(dash - text));
	begins[dash - text] = '\0';
	return str_to_int(begins, 0, SPAN_EVER_S, &f->after_s) &&
	       str_to_int(dash + 1, 0, INT64_MAX, &f->after_id);
}

/* What is searched for; ref is the caller's and outlives *f. */
static void terms_read(struct booking_filter *f, char ref[STORE_REF_LEN + 1],
		       struct fields *wrong)
{
	const char *typed = fields_sent(wrong, "ref");

	f->text = fields_sent(wrong, "text");
	f->ref = ref;
	ref[0] = '\0';
	if (*typed != '\0' && !token_ref_parse(typed, ref)) {
		ref[0] = '\0';
		fields_fail(wrong, "ref", "ref_form", 0);
	}
	if (*f->text != '\0' && (strlen(f->text) < TERM_MIN ||
				 strlen(f->text) > TERM_MAX))
		fields_fail(wrong, "text", "text_length", 0);
	if (!cursor_read(fields_sent(wrong, "cursor"), f))
		fields_fail(wrong, "cursor", "cursor_unknown", 0);
}

/* ---- the list ----------------------------------------------------------- */

static void send_page(struct call *call, const struct booking_rows *rows,
		      int64_t limit)
{
	struct json_object *doc = put_new();
	struct json_object *list = put_list(doc, "bookings");

	for (size_t i = 0; i < rows->count && i < (size_t)limit; i++)
		rows_put_booking(list, &rows->list[i]);
	if (rows->count <= (size_t)limit && rows->more_s > 0)
		put_format(doc, "next", "%" PRId64 "-%" PRId64, rows->more_s,
			   INT64_MAX);
	if (rows->count > (size_t)limit) {
		const struct booking_row *last = &rows->list[limit - 1];

		put_format(doc, "next", "%" PRId64 "-%" PRId64,
			   last->starts_at_s, last->id);
	}
	reply_json(call->rp, 200, doc);
}

void api_admin_bookings(struct call *call)
{
	struct fields wrong = { .form = &call->rq->query };
	struct booking_filter filter = { .after_id = 0 };
	char ref[STORE_REF_LEN + 1];
	struct booking_rows rows;
	struct fault why;
	int64_t limit = fields_limit(&wrong);

	/* Else a broken filter would select everything. */
	if (call->rq->query_broken) {
		fail(call, FAIL_BAD_REQUEST);
		return;
	}
	if (span_read(call->site->store, &wrong, &filter.span, &why) < 0) {
		fail_store(call, "a service", &why);
		return;
	}
	terms_read(&filter, ref, &wrong);
	if (wrong.error_count > 0) {
		fail_fields(call, &wrong);
		return;
	}
	/* One more than is shown: it tells that there is another page. */
	filter.span.max = (size_t)limit + 1;
	if (store_bookings_page(call->site->store, &filter, &rows, &why) < 0) {
		fail_store(call, "bookings", &why);
		return;
	}
	send_page(call, &rows, limit);
	free(rows.list);
}

/* ---- one ---------------------------------------------------------------- */

void api_admin_send_story(struct call *call, const char *ref)
{
	struct story story;
	struct json_object *doc;
	struct fault why;
	int found = story_open(call->site, ref, &story, &why);

	if (!open_found(call, found, "a booking", &why))
		return;
	doc = story_json(&story);
	reply_json(call->rp, 200, doc);
	story_release(&story);
}

void api_admin_booking(struct call *call)
{
	char ref[TOKEN_REF_LEN + 1];

	if (token_ref_parse(call->match->args[0], ref))
		api_admin_send_story(call, ref);
	else
		fail(call, FAIL_NOT_FOUND);
}

/* ---- figures ------------------------------------------------------------ */

void api_admin_stats(struct call *call)
{
	struct json_object *doc;
	struct fault why;

	if (stats_read(call->site->store, &doc, &why) < 0) {
		fail_store(call, "figures", &why);
		return;
	}
	reply_json(call->rp, 200, doc);
}

/* ---- the outbox --------------------------------------------------------- */

static void filter_read(struct mail_filter *f, struct fields *wrong)
{
	const char *state = fields_sent(wrong, "state");

	f->state = *state != '\0' ? story_state_find(state) : -1;
	if (*state != '\0' && f->state < 0)
		fields_fail(wrong, "state", "state_unknown", 0);
	f->cause = fields_sent(wrong, "cause");
	if (strlen(f->cause) > STORE_CAUSE_MAX)
		fields_fail(wrong, "cause", "cause_word", 0);
	f->before_id = 0;
	(void)fields_int(wrong, "cursor",
			 (struct fields_range){ 1, INT64_MAX,
						"cursor_unknown" },
			 &f->before_id);
}

static void put_mails(struct json_object *doc, const struct mail_rows *rows,
		      int64_t limit)
{
	struct json_object *list = put_list(doc, "mails");

	for (size_t i = 0; i < rows->count && i < (size_t)limit; i++)
		rows_put_mail(list, &rows->list[i]);
	if (rows->count > (size_t)limit)
		put_format(doc, "next", "%" PRId64,
			   rows->list[limit - 1].mail.id);
}

void api_admin_outbox(struct call *call)
{
	struct fields wrong = { .form = &call->rq->query };
	struct mail_filter filter;
	struct json_object *doc;
	struct mail_rows rows;
	struct fault why;
	int64_t limit = fields_limit(&wrong);

	if (call->rq->query_broken) {
		fail(call, FAIL_BAD_REQUEST);
		return;
	}
	filter_read(&filter, &wrong);
	if (wrong.error_count > 0) {
		fail_fields(call, &wrong);
		return;
	}
	filter.max = (size_t)limit + 1;
	if (mails_open(call->site, &filter, &rows, &why) < 0) {
		fail_store(call, "mails", &why);
		return;
	}
	doc = put_new();
	put_mails(doc, &rows, limit);
	free(rows.list);
	if (stats_put_mails(call->site->store, doc, "counts", &why) < 0)
		page_fail(call, doc, "mails", &why);
	else
		reply_json(call->rp, 200, doc);
}

/* ---- the description ---------------------------------------------------- */

/* GET /api/v1/openapi.json */
void api_doc(struct call *call)
{
	char *path = alloc_printf("%s/api/openapi.json",
				  call->site->conf.data_dir);

	/* Seldom asked for: a new file needs no restart. */
	if (buf_add_file(&call->rp->body, path, DOC_MAX_BYTES) < 0) {
		log_error("could not read %s: %s", path, strerror(errno));
		buf_clear(&call->rp->body);
		fail(call, FAIL_INTERNAL);
	} else {
		reply_header(call->rp, "Content-Type", "application/json");
		/* Public: pages that show such files may be anywhere. */
		reply_header(call->rp, "Access-Control-Allow-Origin", "*");
	}
	free(path);
}
