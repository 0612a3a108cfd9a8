/* SPDX-License-Identifier: MIT */
/* What organisers do to a waiting list: put in line who has telephoned, and
 * send the mail with the link to a place again. */
#include "config.h"

#include "admin/admin.h"

#include "actions/change.h"
#include "admin/form.h"
#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/alloc.h"
#include "base/ticks.h"
#include "domain/booking.h"
#include "domain/token.h"
#include "form/form.h"
#include "http/request.h"
#include "http/routes.h"
#include "json/put.h"
#include "store/view.h"
#include "store/waiting.h"
#include "text/lang.h"

#include <inttypes.h>
#include <stdlib.h>

#define SLOT "/admin/slots/%" PRId64
#define LANGUAGES_MAX 50

/* ---- a new place in line ------------------------------------------------- */

/* Where they read the service's own texts, unless somebody knows better. */
static const char *own_language(const struct call *call,
				const struct service *service)
{
	return *service->language != '\0' ? service->language :
					    call->site->conf.default_locale;
}

static void put_language(const struct admin_form *f,
			 const struct service *service)
{
	struct admin_option options[LANGUAGES_MAX];
	size_t count = 0;
	const struct lang *l;

	while (count < LANGUAGES_MAX &&
	       (l = lang_at(f->call->site->langs, count)) != NULL)
		options[count++] = (struct admin_option){
			lang_tag(l), lang_text(l, "name"),
		};
	if (count > 1)
		admin_form_choice(f, "locale", own_language(f->call, service),
				  options, count);
}

static void new_show(struct call *call, const struct slot *slot,
		     const struct service *service, const struct form *typed,
		     const struct fields *wrong)
{
	static const struct admin_input inputs[] = {
		{ "name", "text", "", 0, true, false, false, NULL },
		{ "email", "email", "", ADDRESS_MAX, true, false, false,
		  NULL },
		{ "seats", "number", "1", 0, true, true, false, NULL },
	};
	size_t count = slot->capacity > 1 ? ARRAY_COUNT(inputs) :
					    ARRAY_COUNT(inputs) - 1;
	char *back = alloc_printf(SLOT, slot->id);
	char *self = alloc_printf("%s/wait", back);
	char *title = alloc_printf("%s – %s", page_text(call, wrong ?
							"form.title_error" :
							"admin.wait.title"),
				   service->name);
	struct json_object *values = admin_page(call, self, title);
	struct admin_form f = {
		.call = call, .prefix = "wait_", .typed = typed,
		.wrong = wrong,
	};

	f = admin_form_begin_as(&f, values);
	for (size_t i = 0; i < count; i++)
		admin_form_input(&f, &inputs[i]);
	put_language(&f, service);
	put_text(values, "action", self);
	put_text(values, "back", back);
	put_int(values, "slot", slot->id);
	put_text(values, "done", "");
	put_flag(values, "on_services", true);
	page_put_service_own(call, values, service);
	page_put_when(call, values, "when", slot);
	admin_put_taken(call, values, slot->booked, slot->capacity);
	page_send(call, wrong ? 422 : 200, "admin_wait", values);
	free(back);
	free(self);
	free(title);
}

void admin_wait_new(struct call *call)
{
	struct slot slot;
	struct service service;

	if (!open_slot(call, call->match->args[0], &slot, &service))
		return;
	if (booking_wait_refusal(&slot, wall_ms() / 1000) == FAIL_NONE)
		new_show(call, &slot, &service, NULL, NULL);
	else
		admin_see(call, "meanwhile", SLOT, slot.id);
	service_release(&service);
}

static void join(struct call *call, const struct booking_form *b,
		 const struct change_desk *d)
{
	struct change_waited waited;
	struct fault why;
	int r = change_wait_for(d, b, &waited, &why);

	if (r < 0)
		fail_store(call, "a waiting list", &why);
	else if (r != STORE_CHANGED)
		fail(call, FAIL_NO_SLOT);
	else
		admin_see(call, waited.added ? "waiting_added" :
				waited.mailed ? "waiting_resent" :
						"waiting_on_its_way",
			  SLOT, d->desk.slot->id);
}

void admin_wait_new_post(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct booking_form *b;
	struct form typed;
	struct slot slot;
	struct service service;
	const struct lang *l;

	if (!open_slot_sent(call, &slot, &service, &typed))
		return;
	l = lang_find(call->site->langs, form_text(&typed, "locale"));

	const struct change_desk d = {
		.store = call->site->store,
		.desk = { &by, service.slug, &slot },
		.locale = l ? lang_tag(l) : own_language(call, &service),
	};

	b = alloc_zeroed(1, sizeof(*b));
	booking_form_read(&typed, b);
	(void)booking_form_limit(b, slot.capacity);
	if (booking_wait_refusal(&slot, wall_ms() / 1000) != FAIL_NONE)
		admin_see(call, "meanwhile", SLOT, slot.id);
	else if (b->fields.error_count > 0)
		new_show(call, &slot, &service, &typed, &b->fields);
	else
		join(call, b, &d);
	booking_form_release(b);
	free(b);
	form_release(&typed);
	service_release(&service);
}

/* ---- its mail again ------------------------------------------------------ */

/* The place of that reference, if it is one in this slot's line: 1, 0, -1. */
static int place_read(struct call *call, const struct form *typed,
		      const struct slot *slot, struct waiting_view *out,
		      struct fault *why)
{
	char ref[TOKEN_REF_LEN + 1];
	int r = 0;

	if (token_ref_parse(form_text(typed, "ref"), ref))
		r = store_waiting_by_ref(call->site->store, ref, out, why);
	if (r == 1 && out->as_booking.slot.id != slot->id) {
		waiting_view_release(out);
		r = 0;
	}
	return r;
}

void admin_wait_again(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	const struct change_again again = {
		.store = call->site->store, .by = &by,
	};
	struct form typed;
	struct slot slot;
	struct service service;
	struct waiting_view w;
	struct fault why;
	int r;

	if (!open_slot_sent(call, &slot, &service, &typed))
		return;
	r = place_read(call, &typed, &slot, &w, &why);
	if (r == 1) {
		r = change_wait_again(&again, &w, &why);
		waiting_view_release(&w);
	} else if (r == 0) {
		r = STORE_MEANWHILE;	/* they have left */
	}
	if (r < 0)
		fail_store(call, "a waiting list", &why);
	else
		admin_see(call, r == STORE_CHANGED ? "waiting_resent" :
						     "waiting_on_its_way",
			  SLOT, slot.id);
	form_release(&typed);
	service_release(&service);
}
