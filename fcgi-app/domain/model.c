/* SPDX-License-Identifier: MIT */
/* Frees and copies the nouns. */
#include "config.h"

#include "domain/model.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void service_release(struct service *service)
{
	free(service->slug);
	free(service->name);
	free(service->description);
	free(service->place);
	free(service->zone);
	free(service->organiser_name);
	free(service->organiser_email);
	free(service->language);
	memset(service, 0, sizeof(*service));
}

void service_copy(struct service *to, const struct service *from)
{
	to->id = from->id;
	to->slug = alloc_text(from->slug);
	to->name = alloc_text(from->name);
	to->description = alloc_text(from->description);
	to->place = alloc_text(from->place);
	to->zone = alloc_text(from->zone);
	to->organiser_name = alloc_text(from->organiser_name);
	to->organiser_email = alloc_text(from->organiser_email);
	to->language = alloc_text(from->language);
	to->notice_min = from->notice_min;
	to->reminder_min = from->reminder_min;
	to->offer_min = from->offer_min;
	to->organiser_mails = from->organiser_mails;
}

void booking_view_release(struct booking_view *v)
{
	free(v->name);
	free(v->email);
	free(v->locale);
	free(v->notes);
	free(v->cancel_reason);
	service_release(&v->service);
	memset(v, 0, sizeof(*v));
}

void store_services_free(struct service *services, size_t count)
{
	for (size_t i = 0; i < count; i++)
		service_release(&services[i]);
	free(services);
}

void waiting_view_release(struct waiting_view *w)
{
	booking_view_release(&w->as_booking);
	memset(w, 0, sizeof(*w));
}
