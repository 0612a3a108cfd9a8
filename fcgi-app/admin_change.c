/* SPDX-License-Identifier: MIT */
/* What organisers do to a booking and its mails: one POST each, then 303. */
#include "config.h"

#include "admin.h"

#include "alloc.h"
#include "booking.h"
#include "form.h"
#include "lang.h"
#include "logger.h"
#include "page_fail.h"
#include "page_render.h"
#include "page_visit.h"
#include "publish.h"
#include "queue.h"
#include "queue_admin.h"
#include "rconn.h"
#include "request.h"
#include "routes.h"
#include "store_admin.h"
#include "str.h"
#include "utext.h"

#define REASON_MAX 500	/* characters */
#define RETRY_LIMIT_MS 1000

/* One POST on its way. */
struct doing {
	struct form form;
	struct booking_view v;
	struct store_actor by;
	const char *word;	/* "resend": its path and its text */
};

/* Reads form and booking; false if it has been answered. */
static bool begin(struct call *call, struct doing *d, const char *word)
{
	char ref[TOKEN_REF_LEN + 1];
	struct fault why;
	int found = 0;

	*d = (struct doing){ .by = admin_actor(call), .word = word };
	if (!visit_read_form(call, &d->form))
		return false;
	if (token_ref_parse(call->match->args[0], ref))
		found = store_booking_by_ref(call->site->store, ref, &d->v,
					     &why);
	if (found == 1)
		return true;
	form_release(&d->form);
	if (found == 0)
		fail_page(call, FAIL_NOT_FOUND);
	else
		admin_fault(call, "a booking", &why);
	return false;
}

static void end(struct doing *d)
{
	form_release(&d->form);
	booking_view_release(&d->v);
}

/* 303 to the story, which says what was done. */
static void see(struct call *call, const struct doing *d, const char *done)
{
	char lang[40] = "";

	if (call->lang_chosen)
		(void)snprintf(lang, sizeof(lang), "&lang=%s",
			       lang_tag(call->lang));

	char *location = alloc_printf("%s/admin/b/%s?done=%s%s",
				      call->site->root, d->v.ref, done, lang);

	reply_see_other(call->rp, location);
	free(location);
}

static void answer(struct call *call, const struct doing *d, int result,
		   const struct fault *why)
{
	if (result < 0) {
		log_warning("could not change a booking how=%s why=\"%s\"",
			    d->word, why->text);
		fail_page(call, fail_of_fault(why));
		return;
	}
	if (result == STORE_CHANGED)
		log_info("changed ref=%s how=organiser-%s request=%s",
			 d->v.ref, d->word,
			 *call->rq->id != '\0' ? call->rq->id : "-");
	see(call, d, result == STORE_CHANGED ? d->word : "meanwhile");
}

/* Is the booking still what the organiser looked at?  A button pressed twice
 * does its work once. */
static bool is_as_seen(const struct doing *d)
{
	int64_t revision;

	return str_to_int(form_text(&d->form, "revision"), 0, INT32_MAX,
			  &revision) && revision == d->v.revision;
}

void admin_resend_post(struct call *call)
{
	struct fault why;
	struct doing d;
	int result = STORE_MEANWHILE;

	if (!begin(call, &d, "resend"))
		return;
	if (is_as_seen(&d))
		result = store_resend(call->site->store, &d.v, &d.by, &why);
	answer(call, &d, result, &why);
	end(&d);
}

void admin_email_post(struct call *call)
{
	struct fault why;
	struct doing d;
	char email[ADDRESS_MAX + 1];

	if (!begin(call, &d, "email"))
		return;

	const char *error = booking_email_read(&d.form, email);

	if (error) {
		struct buf text = BUF_INIT;

		page_error_text(call, error, 0, &text);
		admin_booking_show(call, text.data, "email",
				   form_text(&d.form, "email"));
		buf_release(&text);
	} else {
		answer(call, &d,
		       is_as_seen(&d) ? store_readdress(call->site->store,
							&d.v, email, &d.by,
							&why) :
					STORE_MEANWHILE, &why);
	}
	end(&d);
}

void admin_cancel_post(struct call *call)
{
	struct fault why;
	struct doing d;
	char *typed;

	if (!begin(call, &d, "cancel"))
		return;
	typed = alloc_text(form_text(&d.form, "reason"));
	d.by.reason = utext_trim(typed);
	if (utext_check(d.by.reason) == UTEXT_INVISIBLE ||
	    str_utf8_count(d.by.reason, strlen(d.by.reason)) > REASON_MAX)
		admin_booking_show(call,
				   page_text(call, "admin.booking.bad_reason"),
				   "reason", d.by.reason);
	else
		answer(call, &d,
		       is_as_seen(&d) ? store_cancel(call->site->store, &d.v,
						     &d.by, &why) :
					STORE_MEANWHILE, &why);
	free(typed);
	end(&d);
}

/* Gives the job of a dead letter back to the queue; that it is not there (the
 * relay then makes it anew) is no fault. */
static int requeue(const struct call *call, const char *id, struct fault *why)
{
	const struct site *site = call->site;
	const struct rconn_opts opts = {
		.address = site->conf.redis,
		.password = site->secrets.redis_password,
		.sentinel_password = site->secrets.redis_sentinel_password,
		.connect_timeout_ms = PUBLISH_LIMIT_MS,
		.command_timeout_ms = RETRY_LIMIT_MS,
	};
	struct rconn *r = rconn_new(&opts, why);
	struct queue *q = r ? queue_new(r, site->conf.queue_prefix) : NULL;
	int result = q ? queue_requeue(q, id, why) : -1;

	queue_free(q);
	rconn_free(r);
	return result;
}

/* The id in the form, if it is of a mail of this booking. */
static const char *mail_of(const struct doing *d)
{
	const char *id = form_text(&d->form, "mail");

	return str_starts_with(id, d->v.ref) ? id : "";
}

void admin_retry_post(struct call *call)
{
	struct fault why = { .class = FAULT_RETRY };
	struct doing d;
	int result = STORE_MEANWHILE;

	if (!begin(call, &d, "retry"))
		return;

	const char *id = mail_of(&d);

	/* The queue first: a row that is open while its job is a dead letter
	 * would be closed again by the relay. */
	if (*id != '\0' && !d.v.erased)
		result = requeue(call, id, &why) < 0 ? -1 :
			store_mail_retry(call->site->store, d.v.id, id, &d.by,
					 &why);
	answer(call, &d, result, &why);
	end(&d);
}

void admin_abort_post(struct call *call)
{
	struct fault why;
	struct doing d;

	if (!begin(call, &d, "abort"))
		return;
	answer(call, &d, store_mail_abort(call->site->store, d.v.id,
					  mail_of(&d), &d.by, &why), &why);
	end(&d);
}
