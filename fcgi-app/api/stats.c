/* SPDX-License-Identifier: MIT */
/* What organisers' programs ask about all mails, and about everything at once. */
#include "config.h"

#include "api/access.h"

#include "actions/json.h"
#include "actions/stats.h"
#include "actions/story.h"
#include "answer/fail.h"
#include "base/alloc.h"
#include "domain/fields.h"
#include "http/reply.h"
#include "http/request.h"
#include "json/put.h"
#include "site/site.h"
#include "store/mails.h"

#include <json-c/json.h>

#include <inttypes.h>
#include <stdlib.h>

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

/* ---- the outbox ---------------------------------------------------------------- */

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
	(void)fields_int(wrong, "cursor", 1, INT64_MAX, "cursor_unknown",
			 &f->before_id);
}

static void put_mails(struct json_object *doc, const struct mail_row *rows,
		      size_t count, int64_t limit)
{
	struct json_object *list = put_list(doc, "mails");

	for (size_t i = 0; i < count && i < (size_t)limit; i++)
		rows_put_mail(list, &rows[i]);
	if (count > (size_t)limit) {
		char *next = alloc_printf("%" PRId64,
					  rows[limit - 1].mail.id);

		put_text(doc, "next", next);
		free(next);
	}
}

void api_admin_outbox(struct call *call)
{
	struct fields wrong = { .form = &call->rq->query };
	struct mail_filter filter;
	struct json_object *doc;
	struct mail_row *rows;
	struct fault why;
	size_t count;
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
	if (store_mails(call->site->store, &filter, (size_t)limit + 1, &rows,
			&count, &why) < 0) {
		fail_store(call, "mails", &why);
		return;
	}
	doc = json_object_new_object();
	must(doc != NULL);
	put_mails(doc, rows, count, limit);
	free(rows);
	if (stats_put_mails(call->site->store, doc, "counts", &why) < 0) {
		json_object_put(doc);
		fail_store(call, "mails", &why);
		return;
	}
	reply_json(call->rp, 200, doc);
}
