/* SPDX-License-Identifier: MIT */
/* Around forms of other sites: the preflight, and the page behind them. */
#include "config.h"

#include "pages/pages.h"

#include "answer/fail.h"
#include "answer/foreign.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "http/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/routes.h"
#include "json/put.h"
#include "store/keys.h"

#define PREFLIGHT_KEPT_S "600"

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
	char *title = alloc_printf("foreign.%s.title", what);
	char *detail = alloc_printf("foreign.%s.detail", what);
	struct json_object *values;

	/* The address of this page can be written by anybody. */
	if (!origin_may_return(key->returns, next))
		next = "";
	buf_addf(&self, "/f/%s/done?what=%s&next=", key->key, what);
	origin_escape(&self, next);
	values = page_new(call, self.data, page_text(call, title));
	put_text(values, "detail", page_text(call, detail));
	put_text(values, "next", next);
	put_flag(values, "noindex", true);
	page_send(call, 200, "foreign", values);
	buf_release(&self);
	free(title);
	free(detail);
}

void pages_foreign_done(struct call *call)
{
	static const char *const known[] = { "booked", "again", "already" };
	const char *what = form_text(&call->rq->query, "what");
	struct fault why;
	struct formkey key;
	size_t i = 0;

	while (i < ARRAY_COUNT(known) && strcmp(known[i], what) != 0)
		i++;
	int found = store_formkey(call->site->store, call->match->args[0],
				  &key, &why);

	if (i == ARRAY_COUNT(known) && found == 1)
		found = 0;
	if (open_found(call, found, "a form's key", &why))
		show_done(call, &key, known[i]);
	formkey_release(&key);
}
