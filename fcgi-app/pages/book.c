/* SPDX-License-Identifier: MIT */
/* Opens the booking form, and takes it. */
#include "config.h"

#include "pages/pages.h"

#include "actions/reserve.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "domain/idempotency.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/routes.h"
#include "json/put.h"
#include "pages/form.h"
#include "pages/held.h"
#include "pages/visit.h"
#include "store/slot.h"

/* A slot that is gone, on a page without a form: 409 or 410 and other times. */
static void show_gone(struct call *call, enum fail_kind kind,
		      const struct slot *slot, const struct service *service)
{
	struct slot *others;
	size_t count = reserve_nearest(call, slot, &others);
	struct json_object *values;
	char *self = alloc_printf("/s/%s/%lld", service->slug,
				  (long long)slot->id);

	/* Nobody has tried to book yet. */
	bool full = kind == FAIL_FULL;

	values = page_new(call, self, full ? page_text(call, "form.full") :
					     fail_title(call, kind));
	free(self);
	put_text(values, "detail", full ? page_text(call, "form.full_detail") :
					  fail_detail(call, kind));
	page_put_when(call, values, "when", slot);
	page_put_service(call, values, service);
	if (count > 0) {
		struct json_object *choice = put_object(values, "choice");
		const struct page_slots list = { others, count, service->slug,
						 slot->zone };

		page_put_slots(call, choice, &list);
	}
	if (full)
		put_int(values, "wait", slot->id);
	put_flag(values, "noindex", true);
	free(others);
	page_send(call, fail_status(kind), "message", values);
}

void pages_book(struct call *call)
{
	struct slot slot;
	struct service service;
	char key[BOOKING_KEY_HEX + 1];
	struct pages_form page = { .kind = FAIL_NONE, .key = key };

	if (!open_slot(call, call->match->args[1], &slot, &service))
		return;
	if (strcmp(service.slug, call->match->args[0]) != 0) {
		fail(call, FAIL_NO_SLOT);
	} else if (slot.starts_at_s <= wall_ms() / 1000) {
		show_gone(call, FAIL_PAST, &slot, &service);
	} else if (slot.closed) {
		show_gone(call, FAIL_NO_SLOT, &slot, &service);
	} else if (slot.booked >= slot.capacity) {
		show_gone(call, FAIL_FULL, &slot, &service);
	} else {
		reserve_key_draw(key);
		page.slot = &slot;
		page.service = &service;
		pages_form_show(call, &page);
	}
	service_release(&service);
}

/* ---- the form comes back ------------------------------------------------- */

struct posted {
	struct pages_posted in;
	char key[BOOKING_KEY_HEX + 1];
};

/* Reads the free places again; if that fails, what was known will do. */
static void refresh_slot(struct call *call, struct posted *p)
{
	struct fault why;
	struct slot slot = { .id = p->in.slot.id };
	struct service service;

	if (store_slot(call->site->store, &slot, &service, &why) != 1)
		return;
	service_release(&p->in.service);
	p->in.slot = slot;
	p->in.service = service;
}

/* Shows the form again.  A new key makes the next try a new request. */
static void show_again(struct call *call, struct posted *p,
		       enum fail_kind kind, bool new_key)
{
	/* The slot was removed, or is lost since a restore. */
	bool lost = !p->in.loaded || kind == FAIL_NO_SLOT;
	struct pages_form page = {
		.slot = lost ? NULL : &p->in.slot,
		.service = lost ? NULL : &p->in.service,
		.typed = &p->in.form,
		.checked = &p->in.checked,
		.key = p->key,
		.kind = kind,
	};

	if (new_key)
		reserve_key_draw(p->key);
	if (kind == FAIL_FULL)
		refresh_slot(call, p);
	/* Its places are not taken, but no longer offered. */
	if (kind == FAIL_FULL && p->in.slot.closed)
		page.kind = FAIL_NO_SLOT;
	pages_form_show(call, &page);
}

/* Only the language has changed: nothing is judged yet, but a time that still
 * has to be chosen is. */
static void show_in_language(struct call *call, struct posted *p)
{
	bool chosen = fields_error(&p->in.checked.fields, "slot") == NULL;

	p->in.checked.fields.error_count = 0;
	show_again(call, p, chosen ? FAIL_NONE : FAIL_FULL, false);
}

/* Loads the slot; answers and returns false if there is none. */
static bool load_slot(struct call *call, struct posted *p)
{
	enum fail_kind kind = pages_posted_load(call, &p->in);

	if (kind == FAIL_NO_SLOT ||
	    (kind == FAIL_FIELDS &&
	     strcmp(fields_error(&p->in.checked.fields, "slot")->code,
		    "slot_unknown") == 0))
		show_again(call, p, FAIL_NO_SLOT, false);
	else if (kind == FAIL_FIELDS)
		fail(call, kind);
	else if (kind != FAIL_NONE)
		show_again(call, p, kind, false);
	return kind == FAIL_NONE;
}

static void book(struct call *call, struct posted *p,
		 const uint8_t key[BOOKING_KEY_BYTES])
{
	struct fault why;
	struct reserved reserved;
	const struct reserve_order order = pages_posted_order(&p->in, key);
	int result = reserve(call, &order, &reserved, &why);
	enum fail_kind kind = reserve_refusal(result, &why);

	if (kind == FAIL_NONE) {
		if (reserve_is_old(result))
			reply_header(call->rp, "Idempotency-Replayed", "true");
		if (reserved.view.held) {
			char *action = alloc_printf("/bookings%s",
						    call->site->cell);

			pages_held_show(call, &(struct pages_held){
				.view = &reserved.view,
				.typed = &p->in.form,
				.action = action,
				.old = reserve_is_old(result),
				.again = reserved.again,
			});
			free(action);
		} else {
			visit_see(call, &reserved.view);
		}
		booking_view_release(&reserved.view);
	} else {
		/* After a fault the same key: if it was booked after all,
		 * sending the form again gives that booking and no second
		 * one. */
		show_again(call, p, kind, kind != FAIL_TOO_OFTEN &&
					  kind != FAIL_NO_SLOT &&
					  fail_status(kind) < 500);
	}
}

void pages_book_post(struct call *call)
{
	struct posted *p = alloc_zeroed(1, sizeof(*p));
	uint8_t key[BOOKING_KEY_BYTES];

	if (!open_body(call, &p->in.form))
		goto out;
	page_lang_from(call, &p->in.form);
	booking_form_read(&p->in.form, &p->in.checked);

	const char *sent = form_text(&p->in.form, "key");
	bool has_key = booking_key_from_form(sent, key);

	if (has_key)
		(void)str_copy(p->key, sizeof(p->key), sent);
	else
		reserve_key_draw(p->key);
	if (!load_slot(call, p))
		goto out;
	if (page_lang_shown(call, &p->in.form)) {
		show_in_language(call, p);
		goto out;
	}
	/* Without a key a second click would be a second booking. */
	if (!has_key)
		fields_fail(&p->in.checked.fields, "key", "key_missing", 0);
	if (p->in.checked.fields.error_count > 0)
		show_again(call, p, FAIL_FIELDS, false);
	else
		book(call, p, key);
out:
	pages_posted_release(&p->in);
	free(p);
}
