/* SPDX-License-Identifier: MIT */
/* What organisers do to a booking and its mails: one POST each, then 303. */
#include "config.h"

#include "admin/admin.h"

#include "actions/change.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "domain/booking.h"
#include "domain/model.h"
#include "http/form.h"
#include "http/request.h"
#include "http/routes.h"
#include "store/change.h"
#include "text/lang.h"

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
	*d = (struct doing){ .by = admin_actor(call), .word = word };
	if (!open_form(call, &d->form))
		return false;
	if (open_booking_by_ref(call, &d->v))
		return true;
	form_release(&d->form);
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
	char *path = alloc_printf("/admin/b/%s", d->v.ref);

	admin_see(call, path, done);
	free(path);
}

static void answer(struct call *call, const struct doing *d, int result,
		   const struct fault *why)
{
	organise_log(call, d->v.ref, d->word, result, why);
	if (result < 0) {
		fail(call, fail_of_fault(why));
		return;
	}
	see(call, d, result == STORE_CHANGED ? d->word : "meanwhile");
}

/* Is the booking still what the organiser looked at, when it could be changed?
 * A button pressed twice does its work once. */
static bool is_as_seen(const struct doing *d, bool mails)
{
	int64_t revision;

	return str_to_int(form_text(&d->form, "revision"), 0, INT32_MAX,
			  &revision) && revision == d->v.revision &&
	       organise_hindrance(&d->v, mails, wall_ms() / 1000) ==
			FAIL_NONE;
}

void admin_resend_post(struct call *call)
{
	struct fault why;
	struct doing d;
	int result = STORE_MEANWHILE;

	if (!begin(call, &d, "resend"))
		return;
	if (is_as_seen(&d, true))
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
		       is_as_seen(&d, true) ? store_readdress(call->site->store,
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
	d.by.reason = organise_reason(typed);
	if (!d.by.reason)
		admin_booking_show(call,
				   page_text(call, "admin.booking.bad_reason"),
				   "reason", form_text(&d.form, "reason"));
	else
		answer(call, &d,
		       is_as_seen(&d, false) ?
			       store_cancel(call->site->store, &d.v, &d.by,
					    &why) : STORE_MEANWHILE, &why);
	free(typed);
	end(&d);
}

void admin_retry_post(struct call *call)
{
	struct fault why = { .class = FAULT_RETRY };
	struct doing d;

	if (!begin(call, &d, "retry"))
		return;
	answer(call, &d, organise_retry(call->site, &d.v,
					form_text(&d.form, "mail"), &d.by,
					&why), &why);
	end(&d);
}

void admin_abort_post(struct call *call)
{
	struct fault why;
	struct doing d;

	if (!begin(call, &d, "abort"))
		return;
	answer(call, &d, organise_abort(call->site, &d.v,
					form_text(&d.form, "mail"), &d.by,
					&why), &why);
	end(&d);
}
