/* SPDX-License-Identifier: MIT */
/*
 * Cancelling and erasing: GET shows what would be done, POST does it, so that
 * a mail scanner that follows every link does no harm.
 */
#include "config.h"

#include "pages/pages.h"

#include "actions/mailing.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/logger.h"
#include "domain/model.h"
#include "http/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/routes.h"
#include "json/put.h"
#include "pages/change.h"
#include "pages/visit.h"
#include "store/change.h"

#include <json-c/json.h>

/* ---- cancel -------------------------------------------------------------- */

void pages_cancel(struct call *call)
{
	struct booking_view v;
	struct page_change page = { .word = "cancel", .danger = true,
				    .looking = true };

	if (!visit_open(call, &v))
		return;
	page.kind = visit_hindrance(&v);
	page_change_show(call, &v, &page);
	booking_view_release(&v);
}

void pages_cancel_post(struct call *call)
{
	struct fault why;
	struct form form = { .count = 0 };
	struct booking_view v;
	struct page_change page = { .word = "cancel", .danger = true };

	if (!visit_open(call, &v))
		return;
	page.kind = visit_hindrance(&v);
	if (!open_form(call, &form))
		;
	else if (page.kind == FAIL_CANCELLED)
		visit_see(call, &v, "");
	else if (page.kind != FAIL_NONE)
		page_change_show(call, &v, &page);
	else
		page_change_done(call, &v, &page,
				 mailing_cancel(call, &v, &why), &why);
	form_release(&form);
	booking_view_release(&v);
}

/* ---- erase --------------------------------------------------------------- */

/* Erasing what is still ahead cancels it, so it has the same notice. */
static enum fail_kind erase_hindrance(const struct booking_view *v)
{
	return visit_hindrance(v) == FAIL_LATE ? FAIL_LATE : FAIL_NONE;
}

void pages_erase(struct call *call)
{
	struct booking_view v;
	struct page_change page = { .word = "erase", .danger = true,
				    .looking = true };

	if (!visit_open(call, &v))
		return;
	if (visit_hindrance(&v) != FAIL_NONE)
		page.texts = "erase_past";
	page.kind = erase_hindrance(&v);
	page_change_show(call, &v, &page);
	booking_view_release(&v);
}

void pages_erase_post(struct call *call)
{
	struct fault why;
	struct form form = { .count = 0 };
	struct booking_view v;
	struct store_actor by = visit_actor(call);
	struct page_change page = { .word = "erase", .danger = true };
	int result;

	if (!visit_open(call, &v))
		return;
	page.kind = erase_hindrance(&v);
	if (!open_form(call, &form))
		goto out;
	if (page.kind != FAIL_NONE) {
		page_change_show(call, &v, &page);
		goto out;
	}
	result = store_erase(call->site->store, &v,
			     visit_hindrance(&v) == FAIL_NONE, &by, &why);
	if (result == STORE_CHANGED) {
		char *location = alloc_printf("%s/done/erased",
					      call->site->root);

		log_info("changed ref=%s how=erase request=%s", v.ref,
			 *call->rq->id != '\0' ? call->rq->id : "-");
		reply_see_other(call->rp, location);
		free(location);
	} else {
		page_change_done(call, &v, &page, result, &why);
	}
out:
	form_release(&form);
	booking_view_release(&v);
}

/* GET /done/{what}: there is no other page left to say it on. */
void pages_done(struct call *call)
{
	static const char *const known[] = { "erased", "left", "waiting" };

	for (size_t i = 0; i < ARRAY_COUNT(known); i++) {
		if (strcmp(call->match->args[0], known[i]) != 0)
			continue;
		char *self = alloc_printf("/done/%s", known[i]);
		char *title = alloc_printf("done.%s.title", known[i]);
		char *detail = alloc_printf("done.%s.detail", known[i]);
		struct json_object *values = page_new(call, self,
						      page_text(call, title));

		put_text(values, "detail", page_text(call, detail));
		put_flag(values, "noindex", true);
		page_send(call, 200, "message", values);
		free(self);
		free(title);
		free(detail);
		return;
	}
	fail(call, FAIL_NOT_FOUND);
}
