/* SPDX-License-Identifier: MIT */
/* The waiting list, for programs: joined, looked at, taken and left by whoever
 * has the link to a place; listed, filled and cleared by organisers. */
#include "config.h"

#include "api/api.h"

#include "actions/change.h"
#include "actions/json.h"
#include "actions/span.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "api/values.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/ticks.h"
#include "domain/answers.h"
#include "domain/booking.h"
#include "domain/idempotency.h"
#include "domain/offer.h"
#include "domain/token.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/routes.h"
#include "json/put.h"
#include "store/line.h"
#include "store/slot.h"
#include "store/view.h"
#include "store/waiting.h"
#include "text/lang.h"

#include <inttypes.h>
#include <stdlib.h>

#define LINE_MAX 1000		/* of one answer */

/* ---- joining ------------------------------------------------------------- */

/* The link to the place is for its mailbox alone, and nothing tells whether the
 * address was in line before. */
static void send_joined(struct call *call, const struct booking_form *b,
			const struct slot *slot)
{
	struct json_object *doc = put_new();
	struct json_object *row = put_object(doc, "slot");

	put_text(doc, "state", "waiting");
	put_int(doc, "seats", b->seats);
	put_text(doc, "name", b->name);
	put_text(doc, "email", b->email);
	api_put_slot(row, slot);
	reply_json(call->rp, 202, doc);
}

static void join(struct call *call, const struct booking_form *b,
		 const uint8_t *key, const struct slot *slot)
{
	struct fault why;
	int result = change_wait(call, b, key, &why);

	if (result == STORE_CHANGED)
		send_joined(call, b, slot);
	else if (result == CHANGE_OVER)
		fail(call, FAIL_TOO_OFTEN);
	else if (result == STORE_NO_PLACE)
		fail_field(call, "slot", "slot_unknown");
	else
		fail_store(call, "a waiting list", &why);
}

/* Reads the slot and judges it.  False if it has been answered. */
static bool slot_fits(struct call *call, struct booking_form *b,
		      struct slot *slot)
{
	struct service service;
	struct fault why;
	enum fail_kind kind = FAIL_NONE;
	int found = 1;

	slot->id = b->slot_id;
	if (b->slot_id != 0)
		found = store_slot(call->site->store, slot, &service, &why);
	if (found < 0) {
		fail_store(call, "a slot", &why);
		return false;
	}
	if (found == 0) {
		fields_fail(&b->fields, "slot", "slot_unknown", 0);
	} else if (b->slot_id != 0) {
		kind = booking_wait_refusal(slot, wall_ms() / 1000);
		if (kind == FAIL_NO_SLOT)
			fields_fail(&b->fields, "slot", "slot_unknown", 0);
		else if (kind == FAIL_PAST)
			kind = FAIL_BEGUN;	/* as for a booking */
		(void)booking_form_limit(b, slot->capacity,
					 call->site->conf.seats_max);
		service_release(&service);
	}
	if (b->fields.error_count > 0)
		fail_fields(call, &b->fields);
	else if (kind != FAIL_NONE)
		fail(call, kind);
	return b->fields.error_count == 0 && kind == FAIL_NONE;
}

void api_waiting_join(struct call *call)
{
	const struct request *rq = call->rq;
	uint8_t key[BOOKING_KEY_BYTES];
	struct form form = { .count = 0 };
	struct booking_form *b;
	struct slot slot;

	if (!open_json(call, true, &form))
		return;
	if (rq->has_idempotency_key &&
	    !booking_key_from_header(rq->idempotency_key, key)) {
		fail(call, FAIL_BAD_REQUEST);
		form_release(&form);
		return;
	}
	b = alloc_zeroed(1, sizeof(*b));
	page_lang_from(call, &form);
	booking_form_read(&form, b);
	api_check_lang(call, &form, b);
	if (slot_fits(call, b, &slot))
		join(call, b, rq->has_idempotency_key ? key : NULL, &slot);
	booking_form_release(b);
	form_release(&form);
	free(b);
}

/* ---- a place in line ----------------------------------------------------- */

static bool place_open(struct call *call, struct waiting_view *out)
{
	struct fault why;
	int found = site_waiting(call->site, call->match->args[0], out, &why);

	if (!open_found(call, found, "a waiting list", &why))
		return false;
	reply_header(call->rp, "Referrer-Policy", "no-referrer");
	return true;
}

/* What it is now, with what is asked of whom it is kept for. */
static void place_send(struct call *call, struct waiting_view *w)
{
	struct json_object *doc;
	struct fault why;

	if (change_take_begin(call->site->store, w, &why) < 0) {
		fail_store(call, "questions", &why);
		return;
	}
	doc = put_new();
	api_put_waiting(call, doc, &w->as_booking, offer_stage_word(
		offer_stage(w, wall_ms() / 1000)));
	reply_json(call->rp, 200, doc);
}

void api_waiting(struct call *call)
{
	struct waiting_view w;

	if (!place_open(call, &w))
		return;
	place_send(call, &w);
	waiting_view_release(&w);
}

/* The booking that it has become, with its links. */
static void send_booked(struct call *call, int found, struct booking_view *v,
			const struct fault *why)
{
	if (!open_found(call, found, "a booking", why))
		return;
	api_send_booking(call, v);
	booking_view_release(v);
}

/* A second request finds the booking of the first. */
static void take(struct call *call, struct waiting_view *w,
		 const struct form *form)
{
	struct store *store = call->site->store;
	struct booking_view *place = &w->as_booking;
	struct fields wrong = { .form = form };
	struct booking_view v;
	struct fault why;
	char ref[STORE_REF_LEN + 1];
	int result = STORE_MEANWHILE;
	bool kept = offer_stage(w, wall_ms() / 1000) == OFFER_KEPT;

	if (w->state == WAITING_BOOKED && w->booking_id) {
		send_booked(call, store_booking_by_id(store, w->booking_id,
						      &v, &why), &v, &why);
		return;
	}
	if (kept && !place->held)
		answers_read(&wrong, place->service.questions, place->seats,
			     &place->answers);
	if (wrong.error_count > 0) {
		fail_fields(call, &wrong);
		return;
	}
	if (kept)
		result = change_take(call, w, ref, &why);
	if (result == STORE_CHANGED)
		send_booked(call, store_booking_by_ref(store, ref, &v, &why),
			    &v, &why);
	else if (result < 0)
		fail_store(call, "an offer", &why);
	else
		fail(call, FAIL_LAPSED);
}

void api_waiting_take(struct call *call)
{
	struct form form = { .count = 0 };
	struct waiting_view w;
	struct fault why;

	if (!place_open(call, &w))
		return;
	if (open_json(call, false, &form)) {
		if (change_take_begin(call->site->store, &w, &why) < 0)
			fail_store(call, "questions", &why);
		else
			take(call, &w, &form);
	}
	form_release(&form);
	waiting_view_release(&w);
}

void api_waiting_leave(struct call *call)
{
	struct form form = { .count = 0 };
	struct json_object *doc;
	struct waiting_view w;
	struct fault why;

	if (!place_open(call, &w))
		return;
	if (open_json(call, false, &form)) {
		/* What is booked is left, and erased, as a booking. */
		if (w.state == WAITING_BOOKED) {
			fail(call, FAIL_MEANWHILE);
		} else if (store_waiting_leave(call->site->store, &w,
					       &why) < 0) {
			fail_store(call, "a waiting list", &why);
		} else {
			doc = put_new();
			put_text(doc, "state", "left");
			reply_json(call->rp, 200, doc);
		}
	}
	form_release(&form);
	waiting_view_release(&w);
}

/* ---- for organisers ------------------------------------------------------ */

static void send_line(struct call *call, int r, struct line_rows *rows,
		      const struct fault *why)
{
	struct json_object *doc;
	struct json_object *list;

	if (r < 0) {
		fail_store(call, "a waiting list", why);
		return;
	}
	doc = put_new();
	list = put_list(doc, "waiting");
	for (size_t i = 0; i < rows->count; i++)
		rows_put_waiting(list, &rows->list[i]);
	put_flag(doc, "complete", !rows->cut);
	free(rows->list);
	reply_json(call->rp, 200, doc);
}

void api_admin_waiting(struct call *call)
{
	struct fields wrong = { .form = &call->rq->query };
	struct span span = { .from_s = wall_ms() / 1000,
			     .until_s = SPAN_EVER_S, .max = LINE_MAX };
	struct line_rows rows = { .count = 0 };
	struct service service;
	struct fault why;

	if (!open_service(call, &service))
		return;
	span.service_id = service.id;
	span_days(&wrong, service.zone, &span);
	if (wrong.error_count > 0)
		fail_fields(call, &wrong);
	else
		send_line(call, store_line_of_day(call->site->store, &span,
						  &rows, &why), &rows, &why);
	service_release(&service);
}

void api_admin_slot_waiting(struct call *call)
{
	struct line_wish wish = { .max = LINE_MAX };
	struct line_rows rows = { .count = 0 };
	struct service service;
	struct slot slot;
	struct fault why;

	if (!open_slot(call, call->match->args[0], &slot, &service))
		return;
	wish.slot_id = slot.id;
	send_line(call, store_line_of_slot(call->site->store, &wish, &rows,
					   &why),
		  &rows, &why);
	service_release(&service);
}

/* The address says which slot; the body need not. */
static void slot_add(struct form *form, const struct slot *slot)
{
	struct buf name = BUF_INIT;
	struct buf value = BUF_INIT;
	const char *there;

	if (form_get(form, "slot", &there) != FORM_ABSENT)
		return;
	buf_addstr(&name, "slot");
	buf_addf(&value, "%" PRId64, slot->id);
	/* If there are too many fields already, the slot is missed. */
	(void)form_add(form, FORM_TEXT, &name, &value);
	buf_release(&name);
	buf_release(&value);
}

static void add(struct call *call, const struct booking_form *b,
		const struct change_desk *d)
{
	struct change_waited waited;
	struct json_object *doc;
	struct fault why;
	char shown[TOKEN_REF_LEN + 2];
	int r = change_wait_for(d, b, &waited, &why);

	if (r < 0) {
		fail_store(call, "a waiting list", &why);
	} else if (r != STORE_CHANGED) {
		fail(call, FAIL_NO_SLOT);
	} else {
		token_ref_show(waited.ref, shown);
		doc = put_new();
		put_text(doc, "reference", shown);
		put_flag(doc, "added", waited.added);
		put_flag(doc, "mailed", waited.mailed);
		reply_json(call->rp, waited.added ? 201 : 200, doc);
	}
}

/* Judges what was sent; b is to be released in any case.  False if it has been
 * answered. */
static bool order_read(struct call *call, struct form *form,
		       const struct slot *slot, struct booking_form *b)
{
	enum fail_kind kind = booking_wait_refusal(slot, wall_ms() / 1000);

	slot_add(form, slot);
	booking_form_read(form, b);
	api_check_lang(call, form, b);
	if (b->slot_id != 0 && b->slot_id != slot->id)
		fields_fail(&b->fields, "slot", "slot_unknown", 0);
	(void)booking_form_limit(b, slot->capacity, 0);
	if (kind != FAIL_NONE)
		fail(call, kind == FAIL_PAST ? FAIL_BEGUN : kind);
	else if (b->fields.error_count > 0)
		fail_fields(call, &b->fields);
	return kind == FAIL_NONE && b->fields.error_count == 0;
}

void api_admin_waiting_add(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct booking_form *b;
	struct form form;
	struct slot slot;
	struct service service;
	const struct lang *l;

	if (!open_slot_sent(call, &slot, &service, &form))
		return;
	l = lang_find(call->site->langs, form_text(&form, "lang"));

	const struct change_desk d = {
		.store = call->site->store,
		.desk = { &by, service.slug, &slot },
		.locale = l ? lang_tag(l) : *service.language != '\0' ?
			  service.language : call->site->conf.default_locale,
	};

	b = alloc_zeroed(1, sizeof(*b));
	if (order_read(call, &form, &slot, b))
		add(call, b, &d);
	booking_form_release(b);
	free(b);
	form_release(&form);
	service_release(&service);
}

void api_admin_waiting_remove(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct service service;
	struct slot slot;
	struct waiting_view w;
	struct json_object *doc;
	struct fault why;
	char shown[TOKEN_REF_LEN + 2];

	if (!open_slot(call, call->match->args[0], &slot, &service))
		return;
	int r = change_place_find(call->site->store, &(struct change_place){
		call->match->args[1], slot.id,
	}, &w, &why);

	service_release(&service);
	if (!open_found(call, r, "a waiting list", &why))
		return;
	r = change_wait_remove(call->site->store, &w, &by, &why);
	if (r < 0) {
		fail_store(call, "a waiting list", &why);
	} else if (r != STORE_CHANGED) {
		fail(call, FAIL_NOT_FOUND);
	} else {
		token_ref_show(w.as_booking.ref, shown);
		doc = put_new();
		put_text(doc, "reference", shown);
		put_text(doc, "state", "removed");
		reply_json(call->rp, 200, doc);
	}
	waiting_view_release(&w);
}
