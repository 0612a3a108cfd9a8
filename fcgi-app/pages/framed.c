/* SPDX-License-Identifier: MIT */
/* The form of a key, for a frame of its sites. */
#include "config.h"

#include "pages/pages.h"

#include "answer/fail.h"
#include "answer/open.h"
#include "answer/render.h"
#include "base/ticks.h"
#include "domain/booking.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/routes.h"
#include "pages/form.h"
#include "store/keys.h"
#include "store/questions.h"
#include "store/service.h"

#include <stdlib.h>

static void show_slot(struct call *call, struct pages_form *page)
{
	struct slot slot;
	struct service service;

	if (!open_slot(call, form_text(&call->rq->query, "slot"), &slot,
		       &service))
		return;
	page->slot = &slot;
	page->service = &service;
	page->kind = booking_slot_refusal(&slot, wall_ms() / 1000);
	pages_form_show(call, page);
	service_release(&service);
}

static void show_service(struct call *call, struct pages_form *page)
{
	struct fault why;
	struct service service;
	int found = store_service_by_slug(
		call->site->store, form_text(&call->rq->query, "service"),
		&service, &why);

	if (!open_found(call, found, "a service", &why))
		return;
	page->service = &service;
	page->choose = true;
	page_say(call, &service, 1);
	if (store_service_questions(call->site->store, &service, &why) < 0)
		fail_store(call, "questions", &why);
	else
		pages_form_show(call, page);
	service_release(&service);
}

void pages_foreign_form(struct call *call)
{
	const struct form *query = &call->rq->query;
	struct fault why;
	struct formkey key;
	int found = store_formkey(call->site->store, call->match->args[0],
				  &key, &why);
	char *action = pages_foreign_action(call, key.key);
	struct pages_form page = { .kind = FAIL_NONE, .action = action };

	if (open_found(call, found, "a form's key", &why)) {
		call->rp->framers = key.origins;
		if (*form_text(query, "slot") != '\0')
			show_slot(call, &page);
		else if (*form_text(query, "service") != '\0')
			show_service(call, &page);
		else
			reply_see_other(call->rp, "%s/", call->site->root);
	}
	free(action);
	formkey_release(&key);
}
