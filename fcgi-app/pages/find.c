/* SPDX-License-Identifier: MIT */
/* Who has lost the link to a booking asks for it, by reference and address. */
#include "config.h"

#include "pages/pages.h"

#include "actions/seek.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/str.h"
#include "domain/booking.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "site/site.h"
#include "json/put.h"
#include "text/lang.h"

/* What was typed, and the codes of what is wrong with it; NULL = nothing. */
struct wanted {
	const char *typed_ref;
	const char *typed_email;
	char ref[TOKEN_REF_LEN + 1];
	char email[ADDRESS_MAX + 1];
	const char *ref_wrong;
	const char *email_wrong;
};

static void put_field(const struct call *call, struct json_object *to,
		      const char *typed, const char *code)
{
	const struct field_error wrong = { .code = code };

	page_put_field(call, to, typed, code != NULL ? &wrong : NULL);
}

static void show(struct call *call, const struct wanted *w,
		 enum fail_kind kind)
{
	const char *title = page_text(call, kind == FAIL_FIELDS ?
				      "form.title_error" : "find.title");
	struct json_object *values = page_new(
		call, "/find", kind == FAIL_NONE || kind == FAIL_FIELDS ?
			       title : fail_title(call, kind));

	put_flag(values, "alert", kind != FAIL_NONE);
	if (kind != FAIL_NONE) {
		struct json_object *alert = put_object(values, "alert");

		put_text(alert, "title", kind == FAIL_FIELDS ? title :
					 fail_title(call, kind));
		put_text(alert, "detail", kind == FAIL_FIELDS ? "" :
					  fail_detail(call, kind));
		put_flag(alert, "wrong", kind == FAIL_FIELDS);
		fail_headers(call, kind);
	}
	put_field(call, put_object(values, "field_ref"), w->typed_ref,
		  w->ref_wrong);
	put_field(call, put_object(values, "field_email"), w->typed_email,
		  w->email_wrong);
	put_text(values, "submit", page_text(call, "find.submit"));
	put_flag(values, "keeps", true);
	put_flag(values, "noindex", true);
	page_send(call, kind == FAIL_NONE ? 200 : fail_status(kind), "find",
		  values);
}

void pages_find(struct call *call)
{
	show(call, &(struct wanted){ .typed_ref = "", .typed_email = "" },
	     FAIL_NONE);
}

static void read_wanted(const struct form *form, struct wanted *out)
{
	*out = (struct wanted){
		.typed_ref = form_text(form, "ref"),
		.typed_email = form_text(form, "email"),
	};
	if (!token_ref_parse(out->typed_ref, out->ref))
		out->ref_wrong = "ref_form";
	out->email_wrong = booking_email_read(form, out->email);
}

/*
 * A reference of another site behind this address (ref_prefix) is asked for
 * there: what is in front knows where by the first digits.  Once, for one from
 * before there were prefixes begins with anything.
 */
static bool is_elsewhere(struct call *call, const char *ref)
{
	const char *own = call->site->conf.ref_prefix;

	if (str_starts_with(ref, own) ||
	    *form_text(&call->rq->query, "cell") != '\0')
		return false;
	reply_ask_there(call->rp, "%s/find?cell=%.*s%s%s", call->site->root,
			(int)strlen(own), ref,
			call->lang_chosen ? "&lang=" : "",
			call->lang_chosen ? lang_tag(call->lang) : "");
	return true;
}

/* Whether there is such a booking changes nothing here: see seek.h. */
void pages_find_post(struct call *call)
{
	struct form form = { .count = 0 };
	struct wanted w;

	if (!open_form(call, &form))
		return;
	read_wanted(&form, &w);
	if (page_lang_shown(call, &form)) {
		w.ref_wrong = w.email_wrong = NULL;
		show(call, &w, FAIL_NONE);
	} else if (w.ref_wrong != NULL || w.email_wrong != NULL) {
		show(call, &w, FAIL_FIELDS);
	} else if (!is_elsewhere(call, w.ref)) {
		if (seek(call, w.ref, w.email))
			pages_done_see(call, "sought");
		else
			show(call, &w, FAIL_TOO_OFTEN);
	}
	form_release(&form);
}
