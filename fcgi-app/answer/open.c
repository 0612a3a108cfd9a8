/* SPDX-License-Identifier: MIT */
/* Reads what a request brings, or says no. */
#include "config.h"

#include "answer/open.h"

#include "answer/fail.h"
#include "answer/render.h"
#include "base/str.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/routes.h"
#include "store/service.h"
#include "store/slot.h"
#include "store/view.h"

#define ACCEPT_FORMS "application/x-www-form-urlencoded, multipart/form-data"
#define ACCEPT_JSON "application/json"

bool open_found(struct call *call, int found, const char *what,
		const struct fault *why)
{
	if (found < 0)
		fail_store(call, what, why);
	else if (found == 0)
		fail(call, FAIL_NOT_FOUND);
	return found > 0;
}

bool open_service(struct call *call, struct service *out)
{
	struct fault why;
	int found = store_service_by_slug(call->site->store,
					  call->match->args[0], out, &why);

	if (found == 1)
		page_say(call, out, 1);
	return open_found(call, found, "a service", &why);
}

bool open_slot(struct call *call, const char *number, struct slot *slot,
	       struct service *service)
{
	struct fault why;
	int found = 0;

	if (str_to_int(number, 1, INT64_MAX, &slot->id))
		found = store_slot(call->site->store, slot, service, &why);
	if (found == 1)
		page_say(call, service, 1);
	if (found != 0 || call->json)
		return open_found(call, found, "a slot", &why);
	fail(call, FAIL_NO_SLOT);
	return false;
}

bool open_booking(struct call *call, struct booking_view *out)
{
	struct fault why;
	int found = site_booking(call->site, call->match->args[0], out, &why);

	if (found == 1)
		page_say(call, &out->service, out->seats);
	return open_found(call, found, "a booking", &why);
}

bool open_booking_by_ref(struct call *call, struct booking_view *out)
{
	char ref[TOKEN_REF_LEN + 1];
	struct fault why;
	int found = 0;

	if (token_ref_parse(call->match->args[0], ref))
		found = store_booking_by_ref(call->site->store, ref, out,
					     &why);
	return open_found(call, found, "a booking", &why);
}

/* Refuses what was not read; accept lists what could be. */
static bool is_read(struct call *call, enum form_result result,
		    const char *accept)
{
	if (result == FORM_READ)
		return true;
	if (result == FORM_HAS_FILE)
		reply_header(call->rp, "Accept-Post", "%s", accept);
	fail(call, result == FORM_HAS_FILE ? FAIL_MEDIA_TYPE :
					     FAIL_BAD_REQUEST);
	return false;
}

static enum form_result read_posted(const struct request *rq, struct form *f)
{
	return form_read_posted(f, rq->content_type, rq->body.data,
				rq->body.len);
}

bool open_form(struct call *call, struct form *f)
{
	const struct request *rq = call->rq;
	bool empty = rq->body.len == 0 &&
		     form_media(rq->content_type) == FORM_MEDIA_NONE;
	enum form_result result = empty ? FORM_READ : read_posted(rq, f);

	if (!is_read(call, result, ACCEPT_FORMS))
		return false;
	/* Our pages write UTF-8.  Something between changed it: a person looks
	 * at the letters, and what is sent from there is UTF-8 again. */
	if (f->guessed) {
		fail_letters(call, f);
		form_release(f);
		return false;
	}
	page_lang_from(call, f);
	return true;
}

bool open_json(struct call *call, bool needed, struct form *f)
{
	const struct request *rq = call->rq;

	if (rq->body.len == 0 && !needed)
		return true;
	if (form_media(rq->content_type) == FORM_MEDIA_JSON)
		return is_read(call,
			       form_read_json(f, rq->body.data, rq->body.len),
			       ACCEPT_JSON);
	reply_header(call->rp, "Accept-Post", ACCEPT_JSON);
	fail(call, FAIL_MEDIA_TYPE);
	return false;
}

/* The body beside a service that is open, and is released if it is refused. */
static bool open_sent(struct call *call, struct service *service,
		      struct form *f)
{
	*f = (struct form){ .count = 0 };
	if (call->json ? open_json(call, true, f) : open_form(call, f))
		return true;
	form_release(f);
	service_release(service);
	return false;
}

bool open_service_sent(struct call *call, struct service *service,
		       struct form *f)
{
	return open_service(call, service) && open_sent(call, service, f);
}

bool open_slot_sent(struct call *call, struct slot *slot,
		    struct service *service, struct form *f)
{
	return open_slot(call, call->match->args[0], slot, service) &&
	       open_sent(call, service, f);
}

bool open_body(struct call *call, struct form *f)
{
	const struct request *rq = call->rq;
	bool json = form_media(rq->content_type) == FORM_MEDIA_JSON;

	return is_read(call, json ? form_read_json(f, rq->body.data,
						   rq->body.len) :
				    read_posted(rq, f),
		       ACCEPT_FORMS ", " ACCEPT_JSON);
}

struct store_actor admin_actor(const struct call *call)
{
	return (struct store_actor){
		.name = *call->key_actor != '\0' ? call->key_actor :
						     call->rq->user,
		.request_id = call->rq->id,
		.organiser = true,
	};
}
