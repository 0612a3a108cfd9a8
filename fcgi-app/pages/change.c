/* SPDX-License-Identifier: MIT */
/* The page on which a booking is changed, in all its kinds. */
#include "config.h"

#include "pages/change.h"

#include "actions/mailing.h"
#include "answer/fail.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/logger.h"
#include "base/ticks.h"
#include "http/reply.h"
#include "http/request.h"
#include "json/put.h"
#include "pages/visit.h"

#include <json-c/json.h>

#define MINUTE_S 60
#define MINUTE_MS (INT64_C(1000) * MINUTE_S)

/* Adds the text of "change.{word}.{part}" as name, "" if there is none. */
static void put_words(const struct call *call, struct json_object *to,
		      const char *name, const char *word, const char *part)
{
	char *key = alloc_printf("change.%s.%s", word, part);

	put_text(to, name, page_text(call, key));
	free(key);
}

/* From when on it can be done, in whole minutes, so that it is true then. */
static void put_again(struct call *call, struct json_object *alert,
		      const struct booking_view *v, int64_t at_ms)
{
	struct json_object *vars = json_object_new_object();
	struct json_object *at = NULL;
	struct buf text = BUF_INIT;

	page_put_instant(call, vars, "at",
			 (at_ms + MINUTE_MS - 1) / MINUTE_MS * MINUTE_S,
			 v->slot.zone);
	must(json_object_object_get_ex(vars, "at", &at));
	put_text(at, "zone", v->slot.zone);
	page_format(call, "change.resend.again", at, &text);
	put_text(alert, "again", text.data);
	buf_release(&text);
	json_object_put(vars);
}

/* Why it cannot be done: the page's heading then. */
static void put_alert(struct call *call, struct json_object *values,
		      const struct booking_view *v,
		      const struct page_change *page)
{
	struct json_object *alert = put_object(values, "alert");

	put_text(alert, "again", "");
	if (page->again_at_ms > 0)
		put_again(call, alert, v, page->again_at_ms);
	if (page->kind == FAIL_MOVES)
		page_put_count(call, alert, "again", "change.move.most",
			       call->site->conf.moves_max);
	if (page->kind != FAIL_FIELDS) {
		put_text(alert, "title", fail_title(call, page->kind));
		put_text(alert, "detail", fail_detail(call, page->kind));
		return;
	}
	put_text(alert, "title", page_text(call, "form.title_error"));
	put_text(alert, "detail", "");
}

static void put_retry_after(struct call *call, int64_t at_ms)
{
	char seconds[24];
	int64_t wait_ms = at_ms - wall_ms();

	(void)snprintf(seconds, sizeof(seconds), "%lld",
		       wait_ms > 0 ? (long long)((wait_ms + 999) / 1000) : 1);
	reply_header(call->rp, "Retry-After", seconds);
}

void page_change_show(struct call *call, const struct booking_view *v,
		      const struct page_change *page)
{
	const char *texts = page->texts ? page->texts : page->word;
	char *part = alloc_printf("/%s", page->word);
	char *key = alloc_printf("change.%s.title", texts);
	const char *title = page->kind == FAIL_FIELDS ?
		page_text(call, "form.title_error") :
		page->kind != FAIL_NONE ? fail_title(call, page->kind) :
		page_text(call, key);
	struct json_object *values = visit_page(call, v, part, title);
	/* To look at why something cannot be done is no mistake. */
	int status = page->kind == FAIL_NONE || page->looking ? 200 :
		fail_status(page->kind);

	put_text(values, "action", page->word);
	put_text(values, "heading", page_text(call, key));
	put_words(call, values, "lead", texts, "lead");
	put_words(call, values, "submit", texts, "submit");
	put_flag(values, "danger", page->danger);
	bool form = page->kind == FAIL_NONE || page->kind == FAIL_FIELDS ||
		    page->later ||
		    fail_status(page->kind) == 503;

	put_flag(values, "form", form);
	/* Another language keeps the address that was typed. */
	put_flag(values, "keeps", form && page->field_email);
	if (page->kind != FAIL_NONE)
		put_alert(call, values, v, page);
	if (page->kind == FAIL_TOO_OFTEN && !page->looking)
		fail_headers(call, page->kind);
	if (page->again_at_ms > 0 && !page->looking)
		put_retry_after(call, page->again_at_ms);
	put_flag(values, "contact", page->kind == FAIL_LATE ||
				    page->kind == FAIL_MOVES ||
				    page->kind == FAIL_TOO_OFTEN);
	if (page->field_email) {
		struct json_object *field = put_object(values, "field_email");

		put_text(field, "value", page->typed ? page->typed : v->email);
		put_text(field, "error", "");
		if (page->error) {
			struct buf text = BUF_INIT;

			page_error_text(call, page->error, 0, &text);
			put_text(field, "error", text.data);
			buf_release(&text);
		}
	}
	if (page->to) {
		page_put_when(call, values, "to", page->to);
		put_int(values, "to_slot", page->to->id);
	}
	free(part);
	free(key);
	page_send(call, status, "change", values);
}

void page_change_done(struct call *call, const struct booking_view *v,
		      const struct page_change *page, int result,
		      const struct fault *why)
{
	struct page_change again = *page;

	switch (result) {
	case STORE_CHANGED:
		log_info("changed ref=%s how=%s request=%s", v->ref,
			 page->word,
			 *call->rq->id != '\0' ? call->rq->id : "-");
		__attribute__((fallthrough));
	case STORE_MEANWHILE:
		/* The booking's page says how it is now. */
		visit_see(call, v, "");
		return;
	case STORE_TOO_OFTEN:
		again.kind = FAIL_TOO_OFTEN;
		break;
	case STORE_MOVES_OVER:
		again.kind = FAIL_MOVES;
		break;
	case MAILING_OVER:
		again.kind = FAIL_TOO_OFTEN;
		again.later = true;
		break;
	case STORE_NO_PLACE:
		again.kind = FAIL_FULL;
		break;
	default:
		log_warning("could not change a booking how=%s why=\"%s\"",
			    page->word, why->text);
		again.kind = fail_of_fault(why);
		fail_headers(call, again.kind);
	}
	page_change_show(call, v, &again);
}
