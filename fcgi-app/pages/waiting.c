/* SPDX-License-Identifier: MIT */
/* The waiting list: its form, a place in line, an offer that is taken. */
#include "config.h"

#include "pages/pages.h"

#include "actions/change.h"
#include "actions/reserve.h"
#include "answer/asked.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "domain/booking.h"
#include "domain/idempotency.h"
#include "domain/offer.h"
#include "domain/question.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/routes.h"
#include "json/put.h"
#include "pages/form.h"
#include "pages/questions.h"
#include "pages/visit.h"
#include "store/slot.h"
#include "store/view.h"
#include "store/waiting.h"
#include "text/lang.h"

#include <inttypes.h>

/* ---- joining ------------------------------------------------------------- */

/*
 * Finds the slot of the address, for which somebody can wait.  If it returns
 * FAIL_NONE the service is to be released, else it is the reason, FAIL_NO_SLOT,
 * FAIL_PAST or that of a fault (logged).
 */
static enum fail_kind find_full(struct call *call, struct slot *slot,
				struct service *service)
{
	struct fault why;
	int found = 0;
	enum fail_kind kind;

	if (str_to_int(call->match->args[1], 1, INT64_MAX, &slot->id))
		found = store_slot(call->site->store, slot, service, &why);
	if (found < 0) {
		log_warning("could not read a slot why=\"%s\"", why.text);
		return fail_of_fault(&why);
	}
	if (found == 0)
		return FAIL_NO_SLOT;
	kind = booking_wait_refusal(slot, wall_ms() / 1000);
	if (kind == FAIL_NONE &&
	    strcmp(service->slug, call->match->args[0]) != 0)
		kind = FAIL_NO_SLOT;
	if (kind != FAIL_NONE)
		service_release(service);
	return kind;
}

void pages_waiting_join(struct call *call)
{
	struct slot slot;
	struct service service;
	char key[BOOKING_KEY_HEX + 1];
	const struct pages_form page = {
		.slot = &slot,
		.service = &service,
		.kind = FAIL_NONE,
		.key = key,
		.waiting = true,
	};
	enum fail_kind kind = find_full(call, &slot, &service);

	if (kind != FAIL_NONE) {
		fail(call, kind);
		return;
	}
	if (slot.booked < slot.capacity) {
		/* Somebody has just gone: book rather than wait. */
		reply_see_other(call->rp, "%s/s/%s/%" PRId64,
				call->site->root, service.slug, slot.id);
	} else {
		reserve_key_draw(key);
		pages_form_show(call, &page);
	}
	service_release(&service);
}

/*
 * Nobody has proven whose the address is: whoever types it sees the same,
 * whether it waits here already or not, and the link to the place in line is
 * for its mailbox alone.
 */
static void wait_here(struct call *call, const struct booking_form *b,
		      struct pages_form *page)
{
	struct fault why;
	uint8_t key[BOOKING_KEY_BYTES];
	bool has_key = booking_key_from_form(form_text(page->typed, "key"),
					     key);
	int result = change_wait(call, b, has_key ? key : NULL, &why);

	switch (result) {
	case STORE_CHANGED:
		pages_done_see(call, "waiting");
		return;
	case CHANGE_OVER:
		page->kind = FAIL_TOO_OFTEN;
		break;
	case STORE_NO_PLACE:
		page->kind = FAIL_NO_SLOT;
		break;
	default:
		log_warning("could not join a waiting list why=\"%s\"",
			    why.text);
		page->kind = fail_of_fault(&why);
	}
	pages_form_show(call, page);
}

/* The slot went while somebody typed: what was typed is kept, in the form to
 * book another one. */
static void show_gone(struct call *call, const struct form *typed)
{
	char key[BOOKING_KEY_HEX + 1];

	reserve_key_draw(key);
	pages_form_show(call, &(struct pages_form){
		.typed = typed, .key = key, .kind = FAIL_NO_SLOT,
	});
}

/* Joins the line of a full slot, or shows the form again. */
static void join(struct call *call, const struct form *form,
		 const struct slot *slot, const struct service *service)
{
	struct booking_form *b = alloc_zeroed(1, sizeof(*b));
	uint8_t sent[BOOKING_KEY_BYTES];
	char key[BOOKING_KEY_HEX + 1];
	struct pages_form page = {
		.slot = slot,
		.service = service,
		.checked = b,
		.typed = form,
		.kind = FAIL_FIELDS,
		.key = key,
		.waiting = true,
	};

	/* The form that comes back is the same one. */
	if (booking_key_from_form(form_text(form, "key"), sent))
		(void)str_copy(key, sizeof(key), form_text(form, "key"));
	else
		reserve_key_draw(key);
	booking_form_read(form, b);
	(void)booking_form_limit(b, slot->capacity,
				 call->site->conf.seats_max);
	if (b->fields.error_count == 0 && b->slot_id != slot->id)
		fields_fail(&b->fields, "slot", "slot_unknown", 0);
	if (page_lang_shown(call, form)) {
		page.checked = NULL;
		page.kind = FAIL_NONE;
		pages_form_show(call, &page);
	} else if (b->fields.error_count > 0) {
		pages_form_show(call, &page);
	} else {
		wait_here(call, b, &page);
	}
	booking_form_release(b);
	free(b);
}

void pages_waiting_join_post(struct call *call)
{
	struct form form = { .count = 0 };
	struct slot slot;
	struct service service;
	enum fail_kind kind;

	if (!open_form(call, &form))
		return;
	kind = find_full(call, &slot, &service);
	if (kind == FAIL_NONE) {
		join(call, &form, &slot, &service);
		service_release(&service);
	} else if (fail_status(kind) == 503) {
		fail(call, kind);
	} else {
		show_gone(call, &form);
	}
	form_release(&form);
}

/* ---- a place in line ----------------------------------------------------- */

static bool is_kept(const struct waiting_view *w)
{
	return offer_stage(w, wall_ms() / 1000) == OFFER_KEPT;
}

/* What was tried, and what it came to; nothing at first. */
struct tried {
	enum fail_kind kind;
	const struct form *typed;	/* NULL = nothing */
	const struct fields *wrong;	/* in that; NULL = nothing */
};

/* What is asked before a place that is kept is booked. */
static void put_asked(const struct call *call, struct json_object *values,
		      const struct waiting_view *w, const struct tried *tried)
{
	const struct fields *wrong = tried->wrong;
	const struct service *service = &w->as_booking.service;
	const struct page_questions asked = {
		.service = w->as_booking.held ? NULL : service,
		.typed = tried->typed,
		.wrong = wrong,
		.many = w->as_booking.seats > 1,
		.seats = w->as_booking.seats,
	};
	struct json_object *list = put_list(values, "errors");

	page_put_questions(call, values, &asked);
	for (size_t i = 0; wrong && i < wrong->error_count; i++) {
		const struct field_error *e = &wrong->errors[i];
		struct json_object *row = put_row(list);

		page_put_answer_error(call, row, service, e);
		put_text(row, "field", strcmp(e->field, ANSWERS_FIELD) != 0 ?
				       e->field : "");
	}
	put_flag(values, "wrong", wrong != NULL);
}

static void show_waiting(struct call *call, const struct waiting_view *w,
			 const struct tried *tried)
{
	enum fail_kind kind = tried->kind;
	const struct booking_view *v = &w->as_booking;
	enum offer_stage stage = offer_stage(w, wall_ms() / 1000);
	bool over = v->slot.starts_at_s <= wall_ms() / 1000;
	bool kept = stage == OFFER_KEPT;
	bool in_line = stage == OFFER_IN_LINE;
	const char *word = offer_stage_word(stage);
	/* What is to be confirmed was never waited for. */
	const char *of = v->held && (kept || strcmp(word, "lapsed") == 0) ?
			 "held" : "wait";
	const char *title = page_text(call, tried->wrong ? "form.title_error" :
					    "%s.%s.title", of, word);
	struct json_object *values = visit_page(call, v, "", title);

	put_text(values, "detail", page_text(call, "%s.%s.detail", of, word));
	put_flag(values, "held", v->held);
	put_text(values, "notes", v->held && kept ? v->notes : "");
	if (v->held && kept)
		page_put_answers(call, values, v);
	put_text(values, "state", word);
	put_flag(values, "offered", kept);
	put_flag(values, "in_line", in_line);
	put_flag(values, "waits", kept || in_line);
	/* To the booking, by the way of a second click. */
	put_flag(values, "booked", w->state == WAITING_BOOKED && !over);
	put_flag(values, "again", !kept && !in_line && !over &&
				  w->state != WAITING_BOOKED &&
				  w->state != WAITING_REMOVED);
	put_int(values, "slot", v->slot.id);
	if (in_line)
		put_value(values, "position",
			  page_count(call, "wait.position", v->line_position));
	/* One that has become a booking is left, and erased, there. */
	put_flag(values, "leaves", w->state != WAITING_BOOKED);
	put_asked(call, values, w, tried);
	if (kept && v->told_at_s > 0)
		page_put_instant(call, put_object(values, "until"),
				 v->offer_until_s, v->slot.zone);
	if (kind != FAIL_NONE)
		fail_headers(call, kind);
	page_send(call, kind == FAIL_NONE ? 200 : fail_status(kind), "wait",
		  values);
}

/* False if it cannot be read what is asked, which has been answered. */
static bool read_asked(struct call *call, struct waiting_view *w)
{
	struct fault why;

	if (change_take_begin(call->site->store, w, &why) == 0)
		return true;
	fail_store(call, "questions", &why);
	return false;
}

void pages_waiting(struct call *call)
{
	struct waiting_view w;

	if (!visit_open_waiting(call, &w))
		return;
	if (read_asked(call, &w))
		show_waiting(call, &w, &(struct tried){ .kind = FAIL_NONE });
	waiting_view_release(&w);
}

/* To the booking that the place in line has become. */
static void see_booking(struct call *call, const char *ref)
{
	struct fault why;
	struct booking_view v;
	int found = store_booking_by_ref(call->site->store, ref, &v, &why);

	if (!open_found(call, found, "a booking", &why))
		return;
	visit_see(call, &v);
	booking_view_release(&v);
}

static void take(struct call *call, struct waiting_view *w,
		 const struct form *form)
{
	struct booking_view *place = &w->as_booking;
	struct fields wrong = { .form = form };
	struct fault why;
	struct booking_view v;
	char ref[STORE_REF_LEN + 1];
	int result = STORE_MEANWHILE;

	/* A second click finds the booking of the first. */
	if (w->state == WAITING_BOOKED && w->booking_id &&
	    store_booking_by_id(call->site->store, w->booking_id, &v,
				&why) == 1) {
		visit_see(call, &v);
		booking_view_release(&v);
		return;
	}
	if (is_kept(w) && !place->held) {
		answers_read(&wrong, place->service.questions, place->seats,
			     &place->answers);
		if (wrong.error_count > 0) {
			show_waiting(call, w, &(struct tried){
				FAIL_FIELDS, form, &wrong,
			});
			return;
		}
	}
	if (is_kept(w))
		result = change_take(call, w, ref, &why);
	if (result == STORE_CHANGED) {
		log_info("booked ref=%s request=%s from_waiting=%s", ref,
			 *call->rq->id != '\0' ? call->rq->id : "-",
			 w->as_booking.ref);
		see_booking(call, ref);
	} else if (result < 0) {
		fail_store(call, "an offer", &why);
	} else {
		show_waiting(call, w, &(struct tried){ .kind = FAIL_LAPSED });
	}
}

static void leave(struct call *call, const struct waiting_view *w)
{
	struct fault why;

	/* A page from before it was booked: what it erases is not all. */
	if (w->state == WAITING_BOOKED)
		show_waiting(call, w, &(struct tried){ .kind = FAIL_NONE });
	else if (store_waiting_leave(call->site->store, w, &why) < 0)
		fail_store(call, "a waiting list", &why);
	else
		pages_done_see(call, "left");
}

void pages_waiting_post(struct call *call)
{
	struct form form = { .count = 0 };
	struct waiting_view w;

	if (!visit_open_waiting(call, &w))
		return;
	if (open_form(call, &form)) {
		if (!str_ends_with(call->rq->path, "/take"))
			leave(call, &w);
		else if (read_asked(call, &w))
			take(call, &w, &form);
	}
	form_release(&form);
	waiting_view_release(&w);
}
