/* SPDX-License-Identifier: MIT */
/* The page on which a booking is changed, in all its kinds. */
#include "config.h"

#include "pages/change.h"

#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/ticks.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "json/put.h"
#include "pages/pages.h"
#include "pages/visit.h"

#include <inttypes.h>
#include <json-c/json.h>

#define MINUTE_S 60
#define MINUTE_MS (INT64_C(1000) * MINUTE_S)

/* From when on it can be done, in whole minutes, so that it is true then. */
static void put_again(struct call *call, struct json_object *alert,
		      const struct booking_view *v, int64_t at_ms)
{
	struct json_object *vars = put_new();
	struct json_object *at = page_put_instant(
		call, put_object(vars, "at"),
		(at_ms + MINUTE_MS - 1) / MINUTE_MS * MINUTE_S, v->slot.zone);

	page_put_zone(call, at, "zone", v->slot.zone);
	put_value(alert, "again", page_format(call, "change.resend.again", at));
	json_object_put(vars);
}

/* Why it cannot be done: the page's heading then. */
static void put_alert(struct call *call, struct json_object *values,
		      const struct change *c, const struct page_change *page)
{
	struct json_object *alert = put_object(values, "alert");

	put_text(alert, "again", "");
	if (c->again_at_ms > 0)
		put_again(call, alert, c->v, c->again_at_ms);
	if (page->kind == FAIL_MOVES)
		put_value(alert, "again",
			  page_count(call, "change.move.most",
				     call->site->conf.moves_max));
	put_text(alert, "title", page->kind == FAIL_FIELDS ?
				 page_text(call, "form.title_error") :
				 fail_title(call, page->kind));
	put_text(alert, "detail", page->kind == FAIL_FIELDS ? "" :
				  fail_detail(call, page->kind));
}

static void put_retry_after(struct call *call, int64_t at_ms)
{
	int64_t wait_ms = at_ms - wall_ms();

	reply_header(call->rp, "Retry-After", "%" PRId64,
		     wait_ms > 0 ? (wait_ms + 999) / 1000 : 1);
}

/* Whom to ask then. */
static bool is_for_the_organiser(enum fail_kind kind)
{
	return kind == FAIL_LATE || kind == FAIL_MOVES ||
	       kind == FAIL_TOO_OFTEN;
}

/* Adds the headers of a refusal.  Returns the answer's status: to look at why
 * something cannot be done is no mistake. */
static int refuse(struct call *call, const struct change *c,
		  const struct page_change *page)
{
	if (page->kind == FAIL_NONE || page->looking)
		return 200;
	if (c->again_at_ms > 0)
		put_retry_after(call, c->again_at_ms);
	else
		fail_headers(call, page->kind);
	return fail_status(page->kind);
}

/* The name of the texts about it. */
static const char *texts_of(const struct change *c)
{
	if (c->verb == CHANGE_MOVE)
		return "move_to";
	if (c->verb == CHANGE_ERASE &&
	    change_hindrance(CHANGE_CANCEL, c->v, false, wall_ms() / 1000) !=
		    FAIL_NONE)
		return "erase_past";
	return change_words(c->verb)->name;
}

void page_change_show(struct call *call, const struct change *c,
		      const struct page_change *page)
{
	enum fail_kind kind = page->kind;
	const char *word = change_words(c->verb)->name;
	const char *texts = texts_of(c);
	char *part = alloc_printf("/%s", word);
	char *lead = alloc_printf("change.%s.lead", texts);
	const char *heading = page_text(call, "change.%s.title", texts);
	const char *title = kind == FAIL_FIELDS ?
		page_text(call, "form.title_error") :
		kind != FAIL_NONE ? fail_title(call, kind) : heading;
	const struct field_error wrong = { .code = c->wrong };
	struct json_object *values = visit_page(call, c->v, part, title);
	bool form = kind == FAIL_NONE || kind == FAIL_FIELDS || c->later ||
		    fail_status(kind) == 503;

	put_text(values, "action", word);
	put_text(values, "heading", heading);
	put_value(values, "lead", page_count(call, lead, c->v->seats));
	put_text(values, "submit", page_text(call, "change.%s.submit", texts));
	put_flag(values, "danger", c->verb == CHANGE_CANCEL ||
				   c->verb == CHANGE_ERASE);
	put_flag(values, "form", form);
	/* Another language keeps the address that was typed. */
	put_flag(values, "keeps", form && c->verb == CHANGE_EMAIL);
	if (kind != FAIL_NONE)
		put_alert(call, values, c, page);
	put_flag(values, "contact", is_for_the_organiser(kind));
	if (c->verb == CHANGE_EMAIL)
		page_put_field(call, put_object(values, "field_email"),
			       page->typed ? page->typed : c->v->email,
			       c->wrong ? &wrong : NULL);
	if (c->to.id > 0) {
		page_put_when(call, values, "to", &c->to);
		put_int(values, "to_slot", c->to.id);
	}
	free(lead);
	free(part);
	page_send(call, refuse(call, c, page), "change", values);
}

void page_change_answer(struct call *call, const struct change *c,
			const struct page_change *page)
{
	if (c->changed && c->verb == CHANGE_ERASE)
		pages_done_see(call, "erased");
	else if (page->kind == FAIL_NONE || page->kind == FAIL_MEANWHILE)
		visit_see(call, c->v);
	else
		page_change_show(call, c, page);
}

/* ---- the handlers -------------------------------------------------------- */

void pages_change(struct call *call)
{
	struct booking_view v;
	struct change c;

	if (!visit_open(call, &v))
		return;
	c = change_begin(call, change_named(call->rq->path), &v, NULL);
	page_change_show(call, &c, &(struct page_change){
		.kind = change_may(&c), .looking = true,
	});
	booking_view_release(&v);
}

void pages_change_post(struct call *call)
{
	struct form form = { .count = 0 };
	struct page_change page = { .typed = NULL };
	struct booking_view v;
	struct change c;

	if (!visit_open(call, &v))
		return;
	if (!open_form(call, &form))
		goto out;
	c = change_begin(call, change_named(call->rq->path), &v, NULL);
	if (c.verb == CHANGE_EMAIL) {
		page.typed = form_text(&form, "email");
		page.looking = page_lang_shown(call, &form);
		c.wrong = page.looking ? NULL :
			booking_email_read(&form, c.email);
	}
	page.kind = page.looking ? change_may(&c) : change_do(&c);
	if (page.looking)
		page_change_show(call, &c, &page);
	else
		page_change_answer(call, &c, &page);
out:
	form_release(&form);
	booking_view_release(&v);
}
