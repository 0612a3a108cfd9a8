/* SPDX-License-Identifier: MIT */
/* A booking, and what is true now about its mail. */
#include "config.h"

#include "pages.h"

#include "alloc.h"
#include "lang.h"
#include "logger.h"
#include "page_fail.h"
#include "page_render.h"
#include "put.h"
#include "reply.h"
#include "reserve.h"
#include "routes.h"
#include "ticks.h"
#include "zone.h"

#include <json-c/json.h>


/* Seconds to the next look: often at first, while somebody is watching. */
static int refresh_s(int64_t age_ms)
{
	if (age_ms < 30000)
		return 2;
	if (age_ms < 300000)
		return 10;
	return 60;
}

/* When it became final, in the service's zone: time, and date if another. */
static void put_final(const struct call *call, struct json_object *vars,
		      const struct notification *n, const char *zone)
{
	struct tm at;
	struct tm now;
	struct buf text = BUF_INIT;

	(void)zone_local(zone, n->final_at_ms / 1000, &at, NULL);
	(void)zone_local(zone, wall_ms() / 1000, &now, NULL);
	if (at.tm_yday != now.tm_yday || at.tm_year != now.tm_year) {
		lang_date(call->lang, &at, &text);
		buf_addstr(&text, ", ");
	}
	lang_time(call->lang, &at, &text);
	put_text(vars, "time", text.data);
	buf_release(&text);
}

static const char *state_name(const struct notification *n)
{
	switch (n->state) {
	case NOTIFICATION_OPEN:
		return n->attempts > 0 ? "retrying" : "waiting";
	case NOTIFICATION_SENT:
		return "accepted";
	case NOTIFICATION_DEAD:
		return "refused";
	case NOTIFICATION_EXPIRED:
		return "expired";
	case NOTIFICATION_ABORTED:
		break;
	}
	return "aborted";
}

/* Adds the mail's state in words, and when to look again. */
static void put_mail(const struct call *call, struct json_object *values,
		     const struct booking_view *view,
		     const struct notification *n)
{
	struct json_object *mail = put_object(values, "mail");
	struct json_object *vars = json_object_new_object();
	struct buf text = BUF_INIT;
	const char *state = state_name(n);
	char *key = alloc_printf("mail.%s", state);

	put_text(vars, "email", view->email);
	put_final(call, vars, n, view->service.zone);
	page_format(call, key, vars, &text);
	put_text(mail, "state", state);
	put_text(mail, "text", text.data);
	if (n->state == NOTIFICATION_DEAD)
		put_text(mail, "reply", n->reply);
	put_flag(mail, "open", n->state == NOTIFICATION_OPEN);
	put_flag(mail, "good", n->state == NOTIFICATION_SENT);
	put_flag(mail, "bad", n->state != NOTIFICATION_OPEN &&
			      n->state != NOTIFICATION_SENT);
	if (n->state == NOTIFICATION_OPEN)
		put_int(values, "refresh",
			refresh_s(wall_ms() - n->created_at_ms));
	buf_release(&text);
	free(key);
	json_object_put(vars);
}

static void show(struct call *call, const struct booking_view *view,
		 const struct notification *mail)
{
	char shown[TOKEN_REF_LEN + 2];
	char *self = alloc_printf("/b/%s", call->match->args[0]);
	struct json_object *values = page_new(
		call, self,
		page_text(call, view->cancelled ? "booking.cancelled" :
						  "booking.title"));

	free(self);
	token_ref_show(view->ref, shown);
	put_text(values, "ref", shown);
	put_flag(values, "cancelled", view->cancelled);
	put_text(values, "name", view->name);
	put_text(values, "email", view->email);
	page_put_service(values, "service", &view->service);
	page_put_when(call, values, "when", &view->slot, view->service.zone);
	page_put_count(call, values, "seats", "seats", view->seats);
	if (mail != NULL)
		put_mail(call, values, view, mail);
	put_flag(values, "secret", true);
	put_flag(values, "noindex", true);
	reply_header(call->rp, "Referrer-Policy", "no-referrer");
	reply_header(call->rp, "X-Robots-Tag", "noindex");
	page_send(call, 200, "booking", values);
}

void pages_booking(struct call *call)
{
	struct fault why;
	struct booking_view view;
	struct notification mail;
	int found = site_booking(call->site, call->match->args[0], &view,
				 &why);

	if (found == 0) {
		fail_page(call, FAIL_NOT_FOUND);
		return;
	}
	int sent = found == 1 ? store_notification(call->site->store, view.id,
						   RESERVE_KIND, &mail, &why)
			      : -1;

	if (sent < 0) {
		log_warning("could not read a booking why=\"%s\"", why.text);
		fail_page(call, fail_of_fault(&why));
	} else {
		/* A link from a mail opens in the mail's language. */
		const struct lang *l = lang_find(call->site->langs,
						 view.locale);

		if (!call->lang_chosen && l != NULL)
			call->lang = l;
		show(call, &view, sent == 1 ? &mail : NULL);
	}
	if (found == 1)
		booking_view_release(&view);
}
