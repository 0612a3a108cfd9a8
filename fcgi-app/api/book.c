/* SPDX-License-Identifier: MIT */
/* Services, slots and bookings for visitors' programs. */
#include "config.h"

#include "api/api.h"

#include "actions/reserve.h"
#include "answer/etag.h"
#include "answer/fail.h"
#include "answer/foreign.h"
#include "answer/open.h"
#include "answer/render.h"
#include "api/values.h"
#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "domain/idempotency.h"
#include "domain/zone.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "json/put.h"
#include "store/answers.h"
#include "store/days.h"
#include "store/due.h"
#include "store/questions.h"
#include "store/service.h"
#include "store/slot.h"
#include "text/lang.h"

#include <stdlib.h>

#define SLOTS_MAX 500
#define SPAN_S (INT64_C(400) * 24 * 3600)

static void put_asking(const struct call *call, struct json_object *to,
		       const struct service *service)
{
	api_put_service(call, to, service);
	api_put_questions(call, to, service);
}

void api_services(struct call *call)
{
	struct store *store = call->site->store;
	struct fault why;
	struct service *services = NULL;
	struct slot *next = NULL;
	size_t count = 0;
	struct json_object *doc = put_new();
	struct json_object *list = put_list(doc, "services");
	int r = store_services(store, &services, &count, &why);

	if (r == 0)
		r = store_services_questions(store, services, count, &why);
	if (r == 0)
		next = store_slots_next(store, services, count, &why);
	if (r == 0 && next == NULL)
		r = -1;
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct json_object *row = put_row(list);

		put_asking(call, row, &services[i]);
		put_value(row, "next_free", NULL);
		if (next[i].id != 0)
			api_put_slot(put_object(row, "next_free"), &next[i]);
	}
	free(next);
	store_services_free(services, count);
	if (r < 0) {
		page_fail(call, doc, "services", &why);
		return;
	}
	call->rp->shared = true;
	foreign_allow_read(call);
	/* Only the questions are in a language. */
	reply_header(call->rp, "Content-Language", "%s",
		     lang_tag(call->lang));
	reply_header(call->rp, "Vary", "Accept-Language");
	reply_json(call->rp, 200, doc);
}

/* Reads a field of the query that is 0 or 1. */
static bool flag_read(struct fields *query, const char *field)
{
	const char *text;
	enum form_found found = form_get(query->form, field, &text);

	if (found == FORM_ABSENT)
		return false;
	if (found != FORM_FOUND ||
	    (strcmp(text, "0") != 0 && strcmp(text, "1") != 0))
		fields_fail(query, field, "free_flag", 0);
	return found == FORM_FOUND && strcmp(text, "1") == 0;
}

/* What is asked of slots. */
struct slots_wish {
	bool free_only;
	bool texts;		/* also as people read them */
};

/* Reads the query.  What is wrong in it is refused: nothing is guessed for a
 * program. */
static struct slots_wish wish_read(struct fields *query)
{
	const char *from;
	enum form_found has_from = form_get(query->form, "from", &from);
	struct tm day;

	if (has_from != FORM_ABSENT &&
	    (has_from != FORM_FOUND || !zone_date_read(from, &day)))
		fields_fail(query, "from", "from_date", 0);
	return (struct slots_wish){
		.free_only = flag_read(query, "free"),
		.texts = flag_read(query, "texts"),
	};
}

static void send_slots(struct call *call, const struct service *service,
		       const struct slots *slots, bool texts)
{
	struct json_object *doc = put_new();
	struct json_object *list;

	put_asking(call, put_object(doc, "service"), service);
	list = put_list(doc, "slots");
	for (size_t i = 0; i < slots->count; i++) {
		struct json_object *row = put_row(list);

		api_put_slot(row, &slots->list[i]);
		if (texts)
			api_put_slot_text(call, row, &slots->list[i],
					  service->zone);
	}
	/* More may follow: ask again from the last day. */
	put_flag(doc, "complete", slots->count < SLOTS_MAX);
	if (texts)
		page_put_zone(call, doc, "zone_text", service->zone);
	if (texts || service->questions != NULL) {
		reply_header(call->rp, "Content-Language", "%s",
			     lang_tag(call->lang));
		reply_header(call->rp, "Vary", "Accept-Language");
	}
	foreign_allow_read(call);
	reply_json(call->rp, 200, doc);
	etag_answer(call, false);
}

/* ?from=2025-12-03 ?free=1 ?texts=1 */
void api_slots(struct call *call)
{
	struct fields query = { .form = &call->rq->query };
	struct slots_wish wish = wish_read(&query);
	struct fault why;
	struct service service;
	struct slots slots;

	if (query.error_count > 0) {
		fail_fields(call, &query);
		return;
	}
	call->rp->shared = true;
	if (!open_service(call, &service))
		return;

	int64_t from_s = page_from_s(call, service.zone);
	const struct span span = { service.id, from_s, from_s + SPAN_S,
				   SLOTS_MAX };

	if (store_service_questions(call->site->store, &service, &why) < 0 ||
	    (wish.free_only ? store_slots_free : store_slots)(
			call->site->store, &span, &slots, &why) < 0) {
		fail_store(call, "slots", &why);
	} else {
		send_slots(call, &service, &slots, wish.texts);
		free(slots.list);
	}
	service_release(&service);
}

static void send_booking(struct call *call, int status,
			 const struct booking_view *view,
			 const struct notifications *mails)
{
	struct json_object *doc = put_new();

	api_put_booking(call, doc, view, mails);
	reply_header(call->rp, "Referrer-Policy", "no-referrer");
	reply_json(call->rp, status, doc);
}

/* 202: it counts only once its address is confirmed, by the link that is for
 * the mailbox alone. */
static void send_held(struct call *call, const struct booking_view *view,
		      bool again)
{
	struct json_object *doc = put_new();

	if (again)
		reply_header(call->rp, "Idempotency-Replayed", "true");
	api_put_held(call, doc, view);
	reply_json(call->rp, 202, doc);
}

/* 201 for a new booking, 200 for one that this request had made before. */
static void send_reserved(struct call *call, struct reserved *reserved,
			  bool replayed)
{
	struct fault why;
	struct notification list[STORE_SHOWN_MAX] = { {
		.kind = KIND_CONFIRMED,
		.state = NOTIFICATION_OPEN,
		.created_at_ms = reserved->view.created_at_s * 1000,
	} };
	struct notifications mails = { .list = list, .max = STORE_SHOWN_MAX,
				       .count = 1 };
	char capability[TOKEN_LEN + 1];

	if (replayed) {
		reply_header(call->rp, "Idempotency-Replayed", "true");
		/* The booking is what counts; mail states may be missing. */
		(void)!store_notifications(call->site->store,
					   reserved->view.id, &mails, &why);
		if (store_answers(call->site->store, &reserved->view,
				  &why) < 0)
			log_warning("could not read answers why=\"%s\"",
				    why.text);
	} else {
		(void)str_copy(list[0].envelope_id,
			       sizeof(list[0].envelope_id),
			       reserved->envelope_id);
	}
	site_capability(call->site, &reserved->view, capability);
	reply_header(call->rp, "Location", "%s/api/v1/bookings/%s",
		     call->site->root, capability);
	send_booking(call, replayed ? 200 : 201, &reserved->view, &mails);
}

static void book(struct call *call, const struct reserve_order *o)
{
	struct fault why;
	struct reserved reserved;
	int result = reserve(call, o, &reserved, &why);
	enum fail_kind kind = reserve_refusal(result, &why);

	if (kind == FAIL_NONE) {
		if (reserved.view.held)
			send_held(call, &reserved.view,
				  reserve_is_old(result));
		else
			send_reserved(call, &reserved,
				      reserve_is_old(result));
		booking_view_release(&reserved.view);
	} else if (kind == FAIL_NO_SLOT) {
		fail_field(call, "slot", "slot_unknown");
	} else if (kind == FAIL_FIELDS) {
		fail_fields(call, &o->b->fields);
	} else {
		fail(call, kind);
	}
}

/* The key of the request's header, or a new one. */
static bool read_key(const struct call *call, uint8_t key[BOOKING_KEY_BYTES])
{
	char drawn[BOOKING_KEY_HEX + 1];

	if (call->rq->has_idempotency_key)
		return booking_key_from_header(call->rq->idempotency_key, key);
	reserve_key_draw(drawn);
	return booking_key_from_form(drawn, key);
}

void api_check_lang(const struct call *call, const struct form *f,
		    struct booking_form *b)
{
	const char *tag;

	if (form_get(f, "lang", &tag) == FORM_FOUND &&
	    lang_find(call->site->langs, tag) == NULL)
		fields_fail(&b->fields, "lang", "lang_unknown", 0);
}

void api_book(struct call *call)
{
	struct form form = { 0 };
	struct booking_form *b;
	uint8_t key[BOOKING_KEY_BYTES];
	struct slot slot;
	struct service service = { .id = 0 };
	struct fault why;

	if (!open_json(call, true, &form))
		return;
	if (!read_key(call, key)) {
		fail(call, FAIL_BAD_REQUEST);
		form_release(&form);
		return;
	}
	b = alloc_zeroed(1, sizeof(*b));
	page_lang_from(call, &form);
	booking_form_read(&form, b);
	api_check_lang(call, &form, b);
	slot.id = b->slot_id;

	const struct reserve_order order = {
		.form = &form, .b = b, .slot = &slot, .service = &service,
		.seats_max = call->site->conf.seats_max, .key = key,
	};

	/* One that is not there is refused when it is to be booked. */
	if (slot.id != 0 &&
	    reserve_check(call->site->store, &order, &why) < 0)
		fail_store(call, "a slot", &why);
	else if (b->fields.error_count > 0)
		fail_fields(call, &b->fields);
	else
		book(call, &order);
	service_release(&service);
	booking_form_release(b);
	form_release(&form);
	free(b);
}

void api_send_booking(struct call *call, struct booking_view *view)
{
	struct fault why;
	struct notification list[STORE_SHOWN_MAX];
	struct notifications mails = { .list = list, .max = STORE_SHOWN_MAX };

	if (store_notifications(call->site->store, view->id, &mails,
				&why) < 0 ||
	    store_answers(call->site->store, view, &why) < 0)
		fail_store(call, "a booking", &why);
	else
		send_booking(call, 200, view, &mails);
}

void api_booking(struct call *call)
{
	struct booking_view view;

	if (!open_booking(call, &view))
		return;
	api_send_booking(call, &view);
	booking_view_release(&view);
}
