/* SPDX-License-Identifier: MIT */
/* Opens bookings and places in the waiting list for their pages. */
#include "config.h"

#include "pages/visit.h"

#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "http/reply.h"
#include "http/routes.h"
#include "json/put.h"
#include "text/lang.h"

/* A link from a mail opens in the mail's language; it is a secret. */
static void speak(struct call *call, const struct booking_view *v)
{
	const struct lang *l = lang_find(call->site->langs, v->locale);

	if (!call->lang_chosen && l != NULL)
		call->lang = l;
	reply_header(call->rp, "Referrer-Policy", "no-referrer");
	reply_header(call->rp, "X-Robots-Tag", "noindex");
}

bool visit_open(struct call *call, struct booking_view *out)
{
	if (!open_booking(call, out))
		return false;
	speak(call, out);
	return true;
}

bool visit_open_waiting(struct call *call, struct waiting_view *out)
{
	struct fault why;
	int found = site_waiting(call->site, call->match->args[0], out, &why);

	if (!open_found(call, found, "a booking", &why))
		return false;
	page_say(call, &out->as_booking.service, out->as_booking.seats);
	speak(call, &out->as_booking);
	return true;
}

struct json_object *visit_page(struct call *call, const struct booking_view *v,
			       const char *part, const char *title)
{
	char shown[TOKEN_REF_LEN + 2];
	char kind = v->id < 0 ? 'w' : 'b';
	char *base = alloc_printf("/%c/%s", kind, call->match->args[0]);
	char *self = alloc_printf("%s%s", base, part);
	struct json_object *values = page_new(call, self, title);

	put_text(values, "base", base);
	free(base);
	free(self);
	token_ref_show(v->ref, shown);
	put_text(values, "ref", shown);
	put_text(values, "name", v->name);
	put_text(values, "email", v->email);
	page_put_service(call, values, &v->service);
	page_put_when(call, values, "when", &v->slot);
	put_value(values, "seats", page_count(call, "seats", v->seats));
	put_flag(values, "secret", true);
	put_flag(values, "noindex", true);
	return values;
}

void visit_see(struct call *call, const struct booking_view *v)
{
	char capability[TOKEN_LEN + 1];
	char kind = v->id < 0 ? 'w' : 'b';
	bool other = call->lang_chosen &&
		     strcmp(lang_tag(call->lang), v->locale) != 0;

	site_capability(call->site, v, capability);
	reply_see_other(call->rp, "%s/%c/%s%s%s", call->site->root, kind,
			capability, other ? "?lang=" : "",
			other ? lang_tag(call->lang) : "");
}
