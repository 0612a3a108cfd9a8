/* SPDX-License-Identifier: MIT */
/* Frees and copies the nouns. */
#include "config.h"

#include "domain/model.h"

#include "base/alloc.h"
#include "domain/question.h"
#include "domain/words.h"

#include <stdlib.h>
#include <string.h>

#define FREE_text(member) free(service->member);
#define FREE_int(member)
#define FREE_flag(member)
#define FREE(type, kind, member, ...) FREE_##type(member)

void service_release(struct service *service)
{
	SERVICE_MEMBERS(FREE)
	service_words_release(service);
	questions_drop(service->questions);
	memset(service, 0, sizeof(*service));
}

#define COPY_text(member) to->member = alloc_text(from->member);
#define COPY_int(member)
#define COPY_flag(member)
#define COPY(type, kind, member, ...) COPY_##type(member)

void service_copy(struct service *to, const struct service *from)
{
	*to = *from;
	SERVICE_MEMBERS(COPY)
	service_words_copy(to, from);
	to->questions = questions_share(from->questions);
}

void booking_view_release(struct booking_view *v)
{
	free(v->name);
	free(v->email);
	free(v->locale);
	free(v->notes);
	free(v->cancel_reason);
	answers_release(&v->answers);
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
