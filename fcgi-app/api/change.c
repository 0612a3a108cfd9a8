/* SPDX-License-Identifier: MIT */
/* Changing a booking from another program. */
#include "config.h"

#include "api/api.h"

#include "actions/mailing.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "base/logger.h"
#include "base/ticks.h"
#include "domain/booking.h"
#include "domain/model.h"
#include "http/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/routes.h"
#include "store/slot.h"
#include "store/view.h"

/* Answers a refusal of the notice; true if there is none. */
static bool is_free(struct call *call, const struct booking_view *v,
		    bool late_is_fine)
{
	switch (booking_freedom(v, wall_ms() / 1000)) {
	case BOOKING_FREE:
		return true;
	case BOOKING_LATE:
		if (late_is_fine)
			return true;
		fail(call, FAIL_LATE);
		return false;
	case BOOKING_BEGUN:
		fail(call, FAIL_OVER);
		return false;
	case BOOKING_CANCELLED:
		break;
	}
	fail(call, FAIL_CANCELLED);
	return false;
}

/* Answers by what the store said, with the booking as it is now. */
static void answer(struct call *call, const struct booking_view *v,
		   const char *how, int result, struct fault *why)
{
	struct booking_view now;

	switch (result) {
	case STORE_CHANGED:
		log_info("changed ref=%s how=%s request=%s", v->ref, how,
			 *call->rq->id != '\0' ? call->rq->id : "-");
		break;
	case STORE_MEANWHILE:
		fail(call, FAIL_MEANWHILE);
		return;
	case STORE_NO_PLACE:
		fail(call, FAIL_FULL);
		return;
	case STORE_MOVES_OVER:
		fail(call, FAIL_MOVES);
		return;
	case STORE_TOO_OFTEN:
	case MAILING_OVER:
		fail(call, FAIL_TOO_OFTEN);
		return;
	default:
		fail_store(call, "a booking", why);
		return;
	}
	if (!open_found(call, store_booking_by_ref(call->site->store, v->ref,
						   &now, why),
			"a booking", why))
		return;
	api_send_booking(call, &now);
	booking_view_release(&now);
}

void api_cancel(struct call *call)
{
	struct fault why;
	struct form form = { .count = 0 };
	struct booking_view v;

	if (!open_booking(call, &v))
		return;
	/* Cancelled is cancelled: asking again changes nothing. */
	if (!open_json(call, false, &form))
		;
	else if (v.cancelled)
		api_send_booking(call, &v);
	else if (is_free(call, &v, false))
		answer(call, &v, "cancel",
		       mailing_cancel(call, &v, &why), &why);
	form_release(&form);
	booking_view_release(&v);
}

/* The slot to go to; answers and returns false if it is none. */
static bool read_slot(struct call *call, const struct form *f,
		      const struct booking_view *v, struct slot *out)
{
	struct fault why;
	struct booking_form b;
	const struct field_error *error;
	int found;

	booking_form_read(f, &b);
	error = fields_error(&b.fields, "slot");
	if (error) {
		fail_field(call, "slot", error->code);
		return false;
	}
	found = store_slot(call->site->store, b.slot_id, true, out, NULL,
			   &why);
	if (found < 0) {
		fail_store(call, "a slot", &why);
		return false;
	}
	if (found == 0 || out->service_id != v->service.id) {
		fail_field(call, "slot", "slot_unknown");
		return false;
	}
	if (out->starts_at_s > wall_ms() / 1000)
		return true;
	fail(call, FAIL_BEGUN);
	return false;
}

void api_move(struct call *call)
{
	struct fault why;
	struct form form = { .count = 0 };
	struct booking_view v;
	struct slot to;

	if (!open_booking(call, &v))
		return;
	if (!open_json(call, true, &form) || !is_free(call, &v, false) ||
	    !read_slot(call, &form, &v, &to))
		;
	else if (to.id == v.slot.id)
		api_send_booking(call, &v);
	else if (mailing_moves(call->site, &v) != FAIL_NONE)
		fail(call, FAIL_MOVES);
	else
		answer(call, &v, "move",
		       mailing_move(call, &v, &to, &why), &why);
	form_release(&form);
	booking_view_release(&v);
}

void api_email(struct call *call)
{
	struct fault why;
	struct form form = { .count = 0 };
	struct booking_view v;
	char email[ADDRESS_MAX + 1];
	const char *code;

	if (!open_booking(call, &v))
		return;
	if (!open_json(call, true, &form) || !is_free(call, &v, true))
		goto out;
	code = booking_email_read(&form, email);
	if (code)
		fail_field(call, "email", code);
	else if (strcmp(email, v.email) == 0)
		api_send_booking(call, &v);
	else
		answer(call, &v, "email",
		       mailing_readdress(call, &v, email, &why), &why);
out:
	form_release(&form);
	booking_view_release(&v);
}
