/* SPDX-License-Identifier: MIT */
/* Opens bookings and places in the waiting list for their pages. */
#include "config.h"

#include "pages/visit.h"

#include "answer/render.h"
#include "base/alloc.h"
#include "base/logger.h"
#include "base/ticks.h"
#include "domain/booking.h"
#include "domain/zone.h"
#include "http/form.h"
#include "http/request.h"
#include "http/routes.h"
#include "json/put.h"
#include "text/lang.h"

#include <json-c/json.h>

#define ACCEPT_POST \
	"application/x-www-form-urlencoded, multipart/form-data"

static void secret_headers(struct call *call)
{
	reply_header(call->rp, "Referrer-Policy", "no-referrer");
	reply_header(call->rp, "X-Robots-Tag", "noindex");
}

/* Answers what was not found; true if it was. */
static bool is_open(struct call *call, int found, const struct fault *why)
{
	if (found == 1)
		return true;
	if (found < 0)
		log_warning("could not read a booking why=\"%s\"", why->text);
	fail_page(call, found == 0 ? FAIL_NOT_FOUND : fail_of_fault(why));
	return false;
}

/* A link from a mail opens in the mail's language. */
static void speak(struct call *call, const struct booking_view *v)
{
	const struct lang *l = lang_find(call->site->langs, v->locale);

	if (!call->lang_chosen && l != NULL)
		call->lang = l;
	secret_headers(call);
}

bool visit_open(struct call *call, struct booking_view *out)
{
	struct fault why;

	if (!is_open(call, site_booking(call->site, call->match->args[0], out,
					&why), &why))
		return false;
	speak(call, out);
	return true;
}

bool visit_open_waiting(struct call *call, struct waiting_view *out)
{
	struct fault why;

	if (!is_open(call, site_waiting(call->site, call->match->args[0], out,
					&why), &why))
		return false;
	speak(call, &out->as_booking);
	return true;
}

bool visit_read_form(struct call *call, struct form *f)
{
	const struct request *rq = call->rq;
	bool empty = rq->body.len == 0 &&
		     form_media(rq->content_type) == FORM_MEDIA_NONE;
	enum form_result result = empty ? FORM_READ :
		form_read_posted(f, rq->content_type, rq->body.data,
				 rq->body.len);

	/* Our pages write UTF-8: this is none of theirs. */
	if (f->guessed) {
		form_release(f);
		result = FORM_BROKEN;
	}
	if (result == FORM_READ) {
		page_lang_from(call, f);
		return true;
	}
	if (result == FORM_HAS_FILE)
		reply_header(call->rp, "Accept-Post", ACCEPT_POST);
	fail_page(call, result == FORM_HAS_FILE ? FAIL_MEDIA_TYPE :
						  FAIL_BAD_REQUEST);
	return false;
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
	page_put_service(call, values, "service", &v->service);
	page_put_when(call, values, "when", &v->slot);
	page_put_count(call, values, "seats", "seats", v->seats);
	put_flag(values, "secret", true);
	put_flag(values, "noindex", true);
	return values;
}

void visit_see(struct call *call, const struct booking_view *v,
	       const char *part)
{
	char capability[TOKEN_LEN + 1];
	char kind = v->id < 0 ? 'w' : 'b';
	char lang[40] = "";

	if (call->lang_chosen && strcmp(lang_tag(call->lang), v->locale) != 0)
		(void)snprintf(lang, sizeof(lang), "?lang=%s",
			       lang_tag(call->lang));
	site_capability(call->site, v, capability);
	char *location = alloc_printf("%s/%c/%s%s%s", call->site->root, kind,
				      capability, part, lang);

	reply_see_other(call->rp, location);
	free(location);
}

struct store_actor visit_actor(const struct call *call)
{
	return (struct store_actor){
		.name = "visitor",
		.request_id = call->rq->id,
	};
}

enum fail_kind visit_hindrance(const struct booking_view *v)
{
	switch (booking_freedom(v, wall_ms() / 1000)) {
	case BOOKING_FREE:
		return FAIL_NONE;
	case BOOKING_LATE:
		return FAIL_LATE;
	case BOOKING_BEGUN:
		return FAIL_OVER;
	case BOOKING_CANCELLED:
		break;
	}
	return FAIL_CANCELLED;
}

void visit_put_instant(const struct call *call, struct json_object *to,
		       const char *name, int64_t at_s, const char *zone)
{
	struct json_object *part = put_object(to, name);
	struct buf text = BUF_INIT;
	struct tm tm;

	(void)zone_local(zone, at_s, &tm, NULL);
	lang_date(call->lang, &tm, &text);
	put_text(part, "date", text.data);
	buf_clear(&text);
	lang_time(call->lang, &tm, &text);
	put_text(part, "time", text.data);
	buf_release(&text);
}
