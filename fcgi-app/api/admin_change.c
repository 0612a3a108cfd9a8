/* SPDX-License-Identifier: MIT */
/* What organisers' programs do to a booking and its mails: one POST each. */
#include "config.h"

#include "api/api.h"

#include "actions/change.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "domain/booking.h"
#include "domain/fields.h"
#include "domain/model.h"
#include "http/form.h"
#include "http/request.h"
#include "http/routes.h"
#include "store/change.h"

#include <stdlib.h>

/* One POST on its way. */
struct doing {
	struct form form;
	struct booking_view v;
	struct store_actor by;
	const char *what;	/* "resend", for the log */
};

static void end(struct doing *d)
{
	form_release(&d->form);
	booking_view_release(&d->v);
}

/* Who names the revision that they looked at changes that one or nothing. */
static bool is_as_seen(struct call *call, const struct doing *d)
{
	struct fields body = { .form = &d->form };
	int64_t seen = d->v.revision;

	(void)fields_int(&body, "revision", 0, INT32_MAX, "revision_number",
			 &seen);
	if (body.error_count > 0)
		fail_fields(call, &body);
	else if (seen != d->v.revision)
		fail(call, FAIL_MEANWHILE);
	else
		return true;
	return false;
}

/* Reads booking and body; false if it has been answered. */
static bool begin(struct call *call, struct doing *d, const char *what)
{
	bool needed = strcmp(what, "email") == 0;

	*d = (struct doing){ .by = admin_actor(call), .what = what };
	if (!open_booking_by_ref(call, &d->v))
		return false;
	if (open_json(call, needed, &d->form) && is_as_seen(call, d))
		return true;
	end(d);
	return false;
}

static bool is_free(struct call *call, const struct doing *d, bool mails)
{
	enum fail_kind kind = organise_hindrance(&d->v, mails,
						 wall_ms() / 1000);

	if (kind == FAIL_NONE)
		return true;
	fail(call, kind);
	return false;
}

/* Answers with the story as it is now, or why there is no other one. */
static void answer(struct call *call, const struct doing *d, int result,
		   const struct fault *why)
{
	organise_log(call, d->v.ref, d->what, result, why);
	if (result < 0)
		fail(call, fail_of_fault(why));
	else if (result == STORE_CHANGED)
		api_admin_send_story(call, d->v.ref);
	else
		fail(call, FAIL_MEANWHILE);
}

void api_admin_resend(struct call *call)
{
	struct fault why;
	struct doing d;

	if (!begin(call, &d, "resend"))
		return;
	if (is_free(call, &d, true))
		answer(call, &d, store_resend(call->site->store, &d.v, &d.by,
					      &why), &why);
	end(&d);
}

void api_admin_email(struct call *call)
{
	char email[ADDRESS_MAX + 1];
	struct fault why;
	struct doing d;
	const char *code;

	if (!begin(call, &d, "email"))
		return;
	code = booking_email_read(&d.form, email);
	if (code)
		fail_field(call, "email", code);
	else if (is_free(call, &d, true))
		answer(call, &d, store_readdress(call->site->store, &d.v,
						 email, &d.by, &why), &why);
	end(&d);
}

/* Reads the reason into *typed_out, which the caller frees; false if a visitor
 * could not be told it. */
static bool reason_read(struct call *call, struct doing *d, char **typed_out)
{
	struct fields body = { .form = &d->form };

	*typed_out = alloc_text(fields_sent(&body, "reason"));
	d->by.reason = organise_reason(*typed_out);
	if (!d->by.reason)
		fields_fail(&body, "reason", "reason_text", 0);
	if (body.error_count == 0)
		return true;
	fail_fields(call, &body);
	return false;
}

void api_admin_cancel(struct call *call)
{
	struct fault why;
	struct doing d;
	char *typed;

	if (!begin(call, &d, "cancel"))
		return;
	if (!reason_read(call, &d, &typed))
		;
	else if (d.v.cancelled)
		/* Asking again changes nothing. */
		api_admin_send_story(call, d.v.ref);
	else if (is_free(call, &d, false))
		answer(call, &d, store_cancel(call->site->store, &d.v, &d.by,
					      &why), &why);
	free(typed);
	end(&d);
}

/* retry and abort: of a mail that there is. */
static void change_mail(struct call *call, const char *what,
			int (*change)(const struct site *site,
				      const struct booking_view *v,
				      const char *id,
				      const struct store_actor *by,
				      struct fault *why))
{
	const char *id = call->match->args[1];
	struct fault why;
	struct doing d;

	if (!begin(call, &d, what))
		return;
	if (!str_starts_with(id, d.v.ref))
		fail(call, FAIL_NOT_FOUND);
	else
		answer(call, &d, change(call->site, &d.v, id, &d.by, &why),
		       &why);
	end(&d);
}

void api_admin_retry(struct call *call)
{
	change_mail(call, "retry", organise_retry);
}

void api_admin_abort(struct call *call)
{
	change_mail(call, "abort", organise_abort);
}
