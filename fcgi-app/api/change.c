/* SPDX-License-Identifier: MIT */
/* Changing a booking and its mails from another program. */
#include "config.h"

#include "api/api.h"

#include "actions/change.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "base/alloc.h"
#include "domain/booking.h"
#include "domain/fields.h"
#include "form/form.h"
#include "http/request.h"
#include "http/routes.h"
#include "store/view.h"

#include <stdlib.h>

/* The whole answer to a change that is refused. */
static void refuse(struct call *call, const struct change *c,
		   enum fail_kind kind)
{
	const char *field = change_words(c->verb)->field;

	if (kind == FAIL_FIELDS)
		fail_field(call, field, c->wrong);
	else if (kind == FAIL_NO_SLOT)
		fail_field(call, field, "slot_unknown");
	else
		fail(call, kind);
}

/* The booking as it is now. */
static void send_now(struct call *call, const char *ref)
{
	struct booking_view now;
	struct fault why;
	int found = store_booking_by_ref(call->site->store, ref, &now, &why);

	if (!open_found(call, found, "a booking", &why))
		return;
	api_send_booking(call, &now);
	booking_view_release(&now);
}

static void slot_read(const struct form *f, struct change *c)
{
	struct booking_form b;
	const struct field_error *error;

	booking_form_read(f, &b);
	error = fields_error(&b.fields, "slot");
	c->slot_id = b.slot_id;
	c->wrong = error ? error->code : NULL;
}

/*
 * Reads what was sent; *reason_out is the caller's to free.  An organiser who
 * names the revision that they looked at changes that one or nothing.
 */
static bool change_read(struct call *call, const struct form *f,
			struct change *c, char **reason_out)
{
	struct fields body = { .form = f };

	if (c->by.organiser)
		(void)fields_int(&body, "revision",
				 (struct fields_range){ 0, INT32_MAX,
							"revision_number" },
				 &c->revision);
	if (body.error_count > 0) {
		fail_fields(call, &body);
		return false;
	}
	if (c->verb == CHANGE_MOVE)
		slot_read(f, c);
	if (c->verb == CHANGE_EMAIL)
		c->wrong = booking_email_read(f, c->email);
	if (c->verb == CHANGE_CANCEL && c->by.organiser) {
		*reason_out = alloc_text(fields_sent(&body, "reason"));
		c->by.reason = change_reason(*reason_out);
		c->wrong = body.error_count > 0 ? body.errors[0].code :
			   c->by.reason ? NULL : "reason_text";
	}
	if (c->verb == CHANGE_RETRY || c->verb == CHANGE_ABORT)
		c->mail = call->match->args[1];
	return true;
}

void api_change(struct call *call)
{
	const enum change_verb verb = change_named(call->rq->path);
	const struct store_actor by = admin_actor(call);
	bool organiser = *call->key_actor != '\0';
	struct form form = { .count = 0 };
	struct booking_view v;
	struct change c;
	enum fail_kind kind;
	char *reason = NULL;

	if (!(organiser ? open_booking_by_ref(call, &v) :
			  open_booking(call, &v)))
		return;
	c = change_begin(call, verb, &v, organiser ? &by : NULL);
	if (open_json(call, verb == CHANGE_MOVE || verb == CHANGE_EMAIL,
		      &form) &&
	    change_read(call, &form, &c, &reason)) {
		kind = change_do(&c);
		if (kind != FAIL_NONE)
			refuse(call, &c, kind);
		else if (organiser)
			api_admin_send_story(call, v.ref);
		else
			send_now(call, v.ref);
	}
	free(reason);
	form_release(&form);
	booking_view_release(&v);
}
