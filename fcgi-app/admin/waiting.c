/* SPDX-License-Identifier: MIT */
/* What organisers do to a waiting list: put in line who has telephoned, send
 * the mail with the link to a place again, and take somebody out. */
#include "config.h"

#include "admin/admin.h"

#include "actions/change.h"
#include "admin/ask.h"
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
				  &(struct admin_options){ options, count });
}

static void new_show(struct call *call, const struct slot *slot,
		     const struct service *service,
		     const struct admin_sent *sent)
{
	static const struct admin_input inputs[] = {
		{ "name", "text", "", 0, true, false, false, NULL },
		{ "email", "email", "", ADDRESS_MAX, true, false, false,
		  NULL },
		{ "seats", "number", "1", 0, true, true, false, NULL },
	};
	bool wrong = sent->wrong != NULL;
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
		.call = call, .prefix = "wait_", .typed = sent->typed,
		.wrong = sent->wrong,
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
		new_show(call, &slot, &service,
			 &(struct admin_sent){ .typed = NULL });
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
	(void)booking_form_limit(b, slot.capacity, 0);
	if (booking_wait_refusal(&slot, wall_ms() / 1000) != FAIL_NONE)
		admin_see(call, "meanwhile", SLOT, slot.id);
	else if (b->fields.error_count > 0)
		new_show(call, &slot, &service,
			 &(struct admin_sent){ &typed, &b->fields });
	else
		join(call, b, &d);
	booking_form_release(b);
	free(b);
	form_release(&typed);
	service_release(&service);
}

/* ---- its mail again ------------------------------------------------------ */

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
	r = change_place_find(call->site->store, &(struct change_place){
		form_text(&typed, "ref"), slot.id,
	}, &w, &why);
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

/* ---- out of the line ----------------------------------------------------- */

/* May the address name somebody's place?  Whose it was may have left.  False if
 * it has been answered. */
static bool names_place(struct call *call)
{
	char ref[TOKEN_REF_LEN + 1];

	if (token_ref_parse(call->match->args[1], ref))
		return true;
	fail(call, FAIL_NOT_FOUND);
	return false;
}

/* The place that the address names.  1, 0 = they have left, -1. */
static int place_named(struct call *call, const struct slot *slot,
		       struct waiting_view *out, struct fault *why)
{
	return change_place_find(call->site->store, &(struct change_place){
		call->match->args[1], slot->id,
	}, out, why);
}

static void remove_ask(struct call *call, const struct waiting_view *w)
{
	const struct booking_view *v = &w->as_booking;
	char shown[TOKEN_REF_LEN + 2];
	char *back = alloc_printf(SLOT, v->slot.id);
	char *action = alloc_printf("%s/wait/%s/remove", back, v->ref);
	const struct admin_ask a = {
		.word = v->held ? "held_remove" : "waiting_remove",
		.self = action,
		.action = action,
		.back = back,
		.what = shown,
	};
	struct json_object *values;

	token_ref_show(v->ref, shown);
	values = admin_ask(call, &a);
	page_put_service_own(call, values, &v->service);
	page_put_when(call, values, "when", &v->slot);
	put_flag(values, "on_services", true);
	admin_ask_fact(values, page_text(call, "form.name"), v->name);
	admin_ask_fact(values, page_text(call, "form.email"), v->email);
	page_send(call, 200, "admin_ask", values);
	free(action);
	free(back);
}

void admin_wait_remove(struct call *call)
{
	struct slot slot;
	struct service service;
	struct waiting_view w;
	struct fault why;

	if (!names_place(call) ||
	    !open_slot(call, call->match->args[0], &slot, &service))
		return;
	int r = place_named(call, &slot, &w, &why);

	if (r < 0)
		fail_store(call, "a waiting list", &why);
	else if (r == 1 && w.state <= WAITING_OFFERED)
		remove_ask(call, &w);
	else
		admin_see(call, "meanwhile", SLOT, slot.id);
	if (r == 1)
		waiting_view_release(&w);
	service_release(&service);
}

void admin_wait_remove_post(struct call *call)
{
	const struct store_actor by = admin_actor(call);
	struct form typed;
	struct slot slot;
	struct service service;
	struct waiting_view w;
	struct fault why;

	if (!names_place(call) ||
	    !open_slot_sent(call, &slot, &service, &typed))
		return;
	int r = place_named(call, &slot, &w, &why);

	if (r == 1) {
		r = change_wait_remove(call->site->store, &w, &by, &why);
		waiting_view_release(&w);
	} else if (r == 0) {
		r = STORE_MEANWHILE;
	}
	if (r < 0)
		fail_store(call, "a waiting list", &why);
	else
		admin_see(call, r == STORE_CHANGED ? "waiting_removed" :
						     "meanwhile",
			  SLOT, slot.id);
	form_release(&typed);
	service_release(&service);
}
