/* SPDX-License-Identifier: MIT */
/* Correcting the address, and sending the mail once more. */
#include "config.h"

#include "pages/pages.h"

#include "actions/mailing.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/logger.h"
#include "base/ticks.h"
#include "domain/booking.h"
#include "http/form.h"
#include "http/request.h"
#include "outbox/mailstate.h"
#include "outbox/publish.h"
#include "pages/change.h"
#include "pages/visit.h"
#include "store/due.h"

#define MESSAGES_MAX 20

/* ---- the address --------------------------------------------------------- */

/* The address may be corrected until it begins, notice or not. */
static enum fail_kind mail_hindrance(const struct booking_view *v)
{
	enum fail_kind kind = visit_hindrance(v);

	return kind == FAIL_LATE ? FAIL_NONE : kind;
}

void pages_email(struct call *call)
{
	struct booking_view v;
	struct page_change page = { .word = "email", .field_email = true,
				    .looking = true };

	if (!visit_open(call, &v))
		return;
	page.kind = mail_hindrance(&v);
	page_change_show(call, &v, &page);
	booking_view_release(&v);
}

static void readdress(struct call *call, struct booking_view *v,
		      struct page_change *page, const char *email)
{
	struct fault why;
	int result;

	if (strcmp(email, v->email) == 0) {
		visit_see(call, v, "");
		return;
	}
	result = mailing_readdress(call, v, email, &why);
	page_change_done(call, v, page, result, &why);
}

void pages_email_post(struct call *call)
{
	struct form form = { .count = 0 };
	struct booking_view v;
	struct page_change page = { .word = "email", .field_email = true };
	char email[ADDRESS_MAX + 1];

	if (!visit_open(call, &v))
		return;
	if (!open_form(call, &form))
		goto out;
	page.typed = form_text(&form, "email");
	page.kind = mail_hindrance(&v);
	if (page_lang_shown(call, &form)) {
		page.looking = true;
		page_change_show(call, &v, &page);
		goto out;
	}
	page.error = booking_email_read(&form, email);
	if (page.kind == FAIL_NONE && page.error)
		page.kind = FAIL_FIELDS;
	if (page.kind != FAIL_NONE)
		page_change_show(call, &v, &page);
	else
		readdress(call, &v, &page, email);
out:
	form_release(&form);
	booking_view_release(&v);
}

/* ---- once more ----------------------------------------------------------- */

/* Is it neither taken nor given up?  As the booking's page tells it: the queue
 * may know the end before the outbox has heard of it. */
static bool is_on_its_way(const struct call *call,
			  const struct notification *mail)
{
	struct notification now = *mail;
	struct publish_seen seen;

	if (now.state == NOTIFICATION_OPEN &&
	    publish_look(call->site->publish, now.envelope_id, &seen))
		mailstate_hear(&now, &seen);
	return now.state == NOTIFICATION_OPEN;
}

/* A mail that is on its way need not be sent again, and one that was sent just
 * now may be about to arrive. */
static enum fail_kind resend_hindrance(struct call *call,
				       const struct booking_view *v,
				       int64_t *again_at_ms_out)
{
	struct fault why;
	struct notification mails[MESSAGES_MAX];
	enum fail_kind kind = mail_hindrance(v);
	int count;

	if (kind != FAIL_NONE)
		return kind;
	count = store_notifications(call->site->store, v->id, mails,
				    MESSAGES_MAX, &why);
	if (count < 0) {
		log_warning("could not read a booking why=\"%s\"", why.text);
		return fail_of_fault(&why);
	}
	const struct notification *last = mailstate_latest(
		mails, (size_t)count, wall_ms());

	if (last && is_on_its_way(call, last))
		return FAIL_ON_ITS_WAY;
	if (v->resends >= STORE_RESENDS_MAX)
		return FAIL_TOO_OFTEN;
	*again_at_ms_out = mailstate_again_ms(last,
					      call->site->conf.resend_pause,
					      wall_ms());
	return *again_at_ms_out > 0 ? FAIL_TOO_SOON : FAIL_NONE;
}

void pages_resend(struct call *call)
{
	struct booking_view v;
	struct page_change page = { .word = "resend", .looking = true };

	if (!visit_open(call, &v))
		return;
	page.kind = resend_hindrance(call, &v, &page.again_at_ms);
	page_change_show(call, &v, &page);
	booking_view_release(&v);
}

void pages_resend_post(struct call *call)
{
	struct fault why;
	struct form form = { .count = 0 };
	struct booking_view v;
	struct page_change page = { .word = "resend" };

	if (!visit_open(call, &v))
		return;
	if (!open_form(call, &form))
		goto out;
	page.kind = resend_hindrance(call, &v, &page.again_at_ms);
	if (page.kind != FAIL_NONE)
		page_change_show(call, &v, &page);
	else
		page_change_done(call, &v, &page,
				 mailing_resend(call, &v, &why), &why);
out:
	form_release(&form);
	booking_view_release(&v);
}
