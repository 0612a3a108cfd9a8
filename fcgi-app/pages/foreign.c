/* SPDX-License-Identifier: MIT */
/* Forms of other people's sites: takes them, answers the browser's question
 * before a script sends one, and shows the page behind. */
#include "config.h"

#include "pages/pages.h"

#include "actions/change.h"
#include "actions/once.h"
#include "actions/reserve.h"
#include "answer/fail.h"
#include "answer/foreign.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/logger.h"
#include "base/ticks.h"
#include "domain/idempotency.h"
#include "domain/model.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/routes.h"
#include "json/put.h"
#include "metrics/metrics.h"
#include "pages/form.h"
#include "pages/held.h"
#include "pages/visit.h"
#include "store/keys.h"
#include "store/slot.h"
#include "store/view.h"
#include "text/lang.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

#define PREFLIGHT_KEPT_S "600"

struct posted {
	struct foreign from;
	struct pages_posted in;
	const char *next;	/* where the visitor goes then; "" = nowhere */
	uint8_t key[BOOKING_KEY_BYTES];
	bool has_key;
};

/* ---- answers ------------------------------------------------------------ */

/* Of the site's form alone. */
static void done_name(const struct formkey *key, const char *what,
		      struct buf *out)
{
	buf_addf(out, "%s:%s", key->key, what);
}

char *pages_foreign_action(const struct call *call, const char *key)
{
	return alloc_printf("/f/%s%s", key, call->site->cell);
}

/* The address of the page that says what became of a form, up to where it leads
 * back to. */
static void done_put(struct call *call, const struct posted *p,
		     const char *what, struct buf *at)
{
	struct buf name = BUF_INIT;
	char stamp[STAMP_SIZE];

	done_name(&p->from.key, what, &name);
	site_stamp(call->site, name.data, stamp);
	buf_addf(at, "/f/%s/done?what=%s&at=%s&lang=%s%s", p->from.key.key,
		 what, stamp, lang_tag(call->lang), call->site->cell_too);
	buf_release(&name);
}

static void see_done(struct call *call, const struct posted *p,
		     const char *what)
{
	struct buf at = BUF_INIT;

	buf_addstr(&at, call->site->root);
	done_put(call, p, what, &at);
	if (*p->next != '\0') {
		buf_addstr(&at, "&next=");
		origin_escape(&at, p->next);
	}
	reply_see_other(call->rp, "%s", at.data);
	buf_release(&at);
}

static struct json_object *outcome_new(const char *word)
{
	struct json_object *doc = put_new();

	put_text(doc, "outcome", word);
	return doc;
}

/* Never a link to the booking: that is for the visitor's mailbox alone. */
static void put_booked(struct json_object *doc, const struct posted *p,
		       const char *ref)
{
	char shown[TOKEN_REF_LEN + 2];
	struct buf next = BUF_INIT;

	token_ref_show(ref, shown);
	put_text(doc, "reference", shown);
	if (*p->next != '\0') {
		origin_add_query(&next, p->next, "ref", ref);
		put_text(doc, "next", next.data);
	}
	buf_release(&next);
}

/* To the site's own page, with the reference; from our pages a form leads
 * nowhere else. */
static void answer_new(struct call *call, const struct posted *p, int status,
		       const char *ref)
{
	struct buf next = BUF_INIT;

	if (call->json) {
		struct json_object *doc = outcome_new("booked");

		put_booked(doc, p, ref);
		reply_json(call->rp, status, doc);
	} else if (*p->next == '\0' || p->from.own) {
		see_done(call, p, "booked");
	} else {
		origin_add_query(&next, p->next, "ref", ref);
		reply_see_other(call->rp, "%s", next.data);
		buf_release(&next);
	}
}

/* Shows the form as our page, with what was typed. */
static void show_again(struct call *call, struct posted *p,
		       enum fail_kind kind)
{
	/* The form is no longer about a slot that is gone. */
	bool loaded = p->in.loaded && kind != FAIL_NO_SLOT;
	char *action = pages_foreign_action(call, call->match->args[0]);
	const struct pages_form page = {
		.slot = loaded ? &p->in.slot : NULL,
		.service = loaded ? &p->in.service : NULL,
		.typed = &p->in.form,
		.checked = &p->in.checked,
		.action = action,
		.next = p->next,
		.kind = kind,
	};

	pages_form_show(call, &page);
	free(action);
}

static void refuse(struct call *call, struct posted *p, enum fail_kind kind)
{
	if (!call->json)
		show_again(call, p, kind);
	else if (kind == FAIL_FIELDS)
		fail_fields(call, &p->in.checked.fields);
	else
		fail(call, kind);
}

/* Loads the slot; a page without any is of no use to a visitor. */
static enum fail_kind load_slot(struct call *call, struct posted *p)
{
	enum fail_kind kind = pages_posted_load(call, &p->in);

	if (kind == FAIL_FIELDS && !call->json)
		return FAIL_NO_SLOT;
	if (kind == FAIL_NONE && p->in.checked.fields.error_count > 0)
		return FAIL_FIELDS;
	return kind;
}

/* ---- booking ------------------------------------------------------------ */

static void answer_before(struct call *call, const struct posted *p, bool sent)
{
	const char *what = sent ? "again" : "already";

	if (call->json)
		reply_json(call->rp, 200, outcome_new("already-booked"));
	else
		see_done(call, p, what);
}

/* It counts only once its address is confirmed: the site's own page behind the
 * form would say too much. */
static void answer_held(struct call *call, const struct posted *p,
			const struct reserved *reserved, bool old)
{
	const struct booking_view *v = &reserved->view;
	struct json_object *doc;
	struct buf next = BUF_INIT;

	if (!call->json) {
		char *action = pages_foreign_action(call, p->from.key.key);

		pages_held_show(call, &(struct pages_held){
			.view = v,
			.typed = &p->in.form,
			.action = action,
			.old = old,
			.again = reserved->again,
		});
		free(action);
		return;
	}
	doc = put_new();
	put_text(doc, "outcome", "unconfirmed");
	put_int(doc, "confirm_minutes", v->service.confirm_min);
	put_text(doc, "title", page_text(call, "held.title"));
	pages_held_put(call, doc, "detail", v);
	/* Where a script goes that is older than this outcome. */
	buf_addstr(&next, call->site->conf.base_url);
	done_put(call, p, "unconfirmed", &next);
	buf_addstr(&next, "&next=");
	origin_escape(&next, p->next);
	put_text(doc, "next", next.data);
	buf_release(&next);
	reply_header(call->rp, "Content-Language", "%s",
		     lang_tag(call->lang));
	reply_json(call->rp, 202, doc);
}

static void answer_booked(struct call *call, const struct posted *p,
			  const struct reserved *reserved, bool replayed)
{
	if (replayed)
		reply_header(call->rp, "Idempotency-Replayed", "true");
	if (reserved->view.held) {
		answer_held(call, p, reserved, replayed);
		return;
	}
	/* Nobody's booking is shown in a frame. */
	if (!call->json && *p->next == '\0' && !foreign_is_framed(call->rq))
		visit_see(call, &reserved->view);
	else
		answer_new(call, p, replayed ? 200 : 201, reserved->view.ref);
}

static void book(struct call *call, struct posted *p)
{
	struct fault why;
	struct reserved reserved;
	struct once once = { .order = pages_posted_order(&p->in, p->key) };
	int result = p->has_key ?
		reserve(call, &once.order, &reserved, &why) :
		once_reserve(call, &once, &reserved, &why);
	enum fail_kind kind = reserve_refusal(result, &why);

	if (kind != FAIL_NONE) {
		refuse(call, p, kind);
	} else if (result == STORE_REPLAYED && !p->has_key) {
		answer_before(call, p, once.sent);
	} else {
		answer_booked(call, p, &reserved, reserve_is_old(result));
		booking_view_release(&reserved.view);
	}
}

/* As on our own page: nothing tells whether the address was in line before. */
static void answer_waiting(struct call *call, const struct posted *p)
{
	struct json_object *doc;

	if (!call->json) {
		see_done(call, p, "waiting");
		return;
	}
	doc = put_new();
	put_text(doc, "outcome", "waiting");
	put_text(doc, "title", page_text(call, "foreign.waiting.title"));
	put_text(doc, "detail", page_text(call, "foreign.waiting.detail"));
	reply_header(call->rp, "Content-Language", "%s",
		     lang_tag(call->lang));
	reply_json(call->rp, 202, doc);
}

/* What is remembered of the slot does not say whether it was closed since. */
static enum fail_kind wait_refusal(struct call *call, const struct posted *p)
{
	struct fault why;
	struct slot slot = { .id = p->in.slot.id };
	int found = store_slot(call->site->store, &slot, NULL, &why);
	enum fail_kind kind = found == 1 ?
		booking_wait_refusal(&slot, wall_ms() / 1000) : FAIL_NO_SLOT;

	if (found < 0) {
		log_warning("could not read a slot why=\"%s\"", why.text);
		return fail_of_fault(&why);
	}
	return kind == FAIL_PAST ? FAIL_BEGUN : kind;	/* as for a booking */
}

/* Into the line of a time that is full, instead of booking it. */
static void wait_for(struct call *call, struct posted *p)
{
	struct fault why;
	enum fail_kind kind = wait_refusal(call, p);
	int result;

	if (kind == FAIL_NONE) {
		result = change_wait(call, &p->in.checked,
				     p->has_key ? p->key : NULL, &why);
		if (result < 0)
			log_warning("could not join a waiting list why=\"%s\"",
				    why.text);
		kind = result == STORE_CHANGED ? FAIL_NONE :
		       result == CHANGE_OVER ? FAIL_TOO_OFTEN :
		       result == STORE_NO_PLACE ? FAIL_NO_SLOT :
						  fail_of_fault(&why);
	}
	if (kind == FAIL_NONE)
		answer_waiting(call, p);
	else
		refuse(call, p, kind);
}

/* What is wrong with the form before the database is asked. */
static enum fail_kind judge(struct call *call, struct posted *p)
{
	const struct request *rq = call->rq;

	if (*p->next != '\0' &&
	    !origin_may_return(p->from.key.returns, p->next))
		return FAIL_RETURN;
	p->has_key = rq->has_idempotency_key;
	if (p->has_key &&
	    !booking_key_from_header(rq->idempotency_key, p->key))
		return FAIL_BAD_REQUEST;
	return FAIL_NONE;
}

/* A robot, or whatever helps somebody to fill in forms. */
static void count_trapped(struct call *call, const struct posted *p)
{
	struct fault why;

	metrics_book(call->site->metrics, METRICS_TRAPPED);
	log_info("trapped form=%s request=%s", p->from.key.key,
		 *call->rq->id != '\0' ? call->rq->id : "-");
	if (store_formkey_trapped(call->site->store, p->from.key.id, &why) < 0)
		log_warning("could not count why=\"%s\"", why.text);
}

static void take(struct call *call, struct posted *p)
{
	enum fail_kind kind = judge(call, p);

	if (kind != FAIL_NONE) {
		fail(call, kind);
		return;
	}
	kind = load_slot(call, p);
	if (foreign_is_trapped(&p->in.form)) {
		count_trapped(call, p);
		/* Our page has no trap: a press there is somebody's. */
		if (kind == FAIL_NONE)
			kind = FAIL_TRAPPED;
	}
	if (kind != FAIL_NONE)
		refuse(call, p, kind);
	else if (strcmp(form_text(&p->in.form, "wait"), "yes") == 0)
		wait_for(call, p);
	else
		book(call, p);
}

/* The page of ours on which the same can be booked. */
static void put_onward(struct call *call, struct json_object *values,
		       struct posted *p)
{
	const char *base = call->site->conf.base_url;

	if (pages_posted_load(call, &p->in) == FAIL_NONE)
		put_format(values, "onward", "%s/s/%s/%lld", base,
			   p->in.service.slug, (long long)p->in.slot.id);
	else
		put_format(values, "onward", "%s/", base);
	/* A frame in a sandbox cannot leave it, perhaps: then a new window. */
	put_flag(values, "apart", foreign_is_framed(call->rq));
}

/* Says which page the browser named, and leads to one that may book. */
static void show_stranger(struct call *call, struct posted *p)
{
	struct json_object *values = page_new(call, "/",
					      fail_title(call, FAIL_ORIGIN));
	struct json_object *vars = put_new();
	bool named = *p->from.origin != '\0';

	put_text(vars, "origin", named ? p->from.origin : "null");
	put_value(values, "seen",
		  page_format(call, named ? "foreign.seen" : "foreign.unseen",
			      vars));
	json_object_put(vars);
	put_text(values, "detail", fail_detail(call, FAIL_ORIGIN));
	put_onward(call, values, p);
	put_flag(values, "noindex", true);
	page_send(call, fail_status(FAIL_ORIGIN), "foreign", values);
}

void pages_foreign_post(struct call *call)
{
	struct posted *p = alloc_zeroed(1, sizeof(*p));
	enum fail_kind kind = foreign_open(call, &p->from);

	call->json = foreign_wants_json(call->rq);
	p->next = "";
	if (kind != FAIL_NONE && fail_status(kind) < 500 &&
	    (kind != FAIL_ORIGIN || call->json)) {
		fail(call, kind);
	} else if (open_body(call, &p->in.form)) {
		/* The site says it in _lang, our own page in lang. */
		page_lang_from(call, &p->in.form);
		(void)page_lang_take(call, &p->in.form, "_lang");
		p->next = form_text(&p->in.form, "_next");
		booking_form_read(&p->in.form, &p->in.checked);
		/* Without the database what was typed is kept, too. */
		if (kind == FAIL_NONE)
			take(call, p);
		else if (kind == FAIL_ORIGIN)
			show_stranger(call, p);
		else
			refuse(call, p, kind);
	}
	pages_posted_release(&p->in);
	foreign_release(&p->from);
	free(p);
}

/* ---- before and after --------------------------------------------------- */

/* What a browser asks before a page's script may send JSON. */
void pages_foreign_preflight(struct call *call)
{
	struct foreign from = { .own = false };
	enum fail_kind kind = foreign_open(call, &from);

	call->json = true;
	if (kind == FAIL_NONE &&
	    strcmp(call->rq->wanted_method, "POST") != 0)
		kind = FAIL_METHOD;
	if (kind != FAIL_NONE) {
		fail(call, kind);
	} else {
		call->rp->status = 204;
		reply_header(call->rp, "Access-Control-Allow-Methods", "POST");
		reply_header(call->rp, "Access-Control-Allow-Headers",
			     "Content-Type, Accept, Accept-Language, "
			     "Idempotency-Key");
		reply_header(call->rp, "Access-Control-Max-Age",
			     PREFLIGHT_KEPT_S);
	}
	foreign_release(&from);
}

static void show_done(struct call *call, const struct formkey *key,
		      const char *what)
{
	const char *next = form_text(&call->rq->query, "next");
	struct buf self = BUF_INIT;
	struct json_object *values;

	/* The address of this page can be written by anybody. */
	if (!origin_may_return(key->returns, next))
		next = "";
	buf_addf(&self, "/f/%s/done?what=%s&at=%s%s&next=", key->key, what,
		 form_text(&call->rq->query, "at"), call->site->cell_too);
	origin_escape(&self, next);
	values = page_new(call, self.data,
			  page_text(call, "foreign.%s.title", what));
	put_text(values, "detail", page_text(call, "foreign.%s.detail", what));
	put_text(values, "next", next);
	put_flag(values, "noindex", true);
	page_send(call, 200, "foreign", values);
	buf_release(&self);
}

static bool is_stamped(const struct call *call, const struct formkey *key,
		       const char *what)
{
	struct buf name = BUF_INIT;
	bool fresh;

	done_name(key, what, &name);
	fresh = site_stamp_is_fresh(call->site, name.data,
				    form_text(&call->rq->query, "at"));
	buf_release(&name);
	return fresh;
}

void pages_foreign_done(struct call *call)
{
	static const char *const known[] = { "booked", "again", "already",
					   "unconfirmed", "waiting" };
	const char *what = form_text(&call->rq->query, "what");
	struct fault why;
	struct formkey key;
	size_t i = 0;

	while (i < ARRAY_COUNT(known) && strcmp(known[i], what) != 0)
		i++;
	int found = store_formkey(call->site->store, call->match->args[0],
				  &key, &why);

	/* Nothing tells whether it is true but who led here. */
	if (open_found(call, found, "a form's key", &why)) {
		call->rp->framers = key.origins;
		if (i < ARRAY_COUNT(known) && is_stamped(call, &key, known[i]))
			show_done(call, &key, known[i]);
		else
			fail(call, FAIL_NOT_FOUND);
	}
	formkey_release(&key);
}
