/* SPDX-License-Identifier: MIT */
/* Looks for a booking after its answer, and sends its link again. */
#include "config.h"

#include "actions/seek.h"

#include "actions/change.h"
#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "domain/address.h"
#include "http/request.h"
#include "outbox/quota.h"
#include "store/view.h"
#include "store/waiting.h"

#include <stdlib.h>
#include <strings.h>

struct sought {
	char ref[TOKEN_REF_LEN + 1];
	char email[ADDRESS_MAX + 1];
	char request_id[65];
};

/* "Zoe@" and "zoe@" are one mailbox nearly everywhere, and the mail goes to the
 * one that was written when it was booked. */
static bool is_theirs(const struct sought *what, const char *email)
{
	return *email != '\0' && strcasecmp(what->email, email) == 0;
}

static bool booking_send(struct site *site, const struct sought *what,
			 struct booking_view *v)
{
	struct request rq = { .client = "" };
	const struct call call = { .site = site, .rq = &rq };
	struct change c;

	must(str_copy(rq.id, sizeof(rq.id), what->request_id));
	c = change_begin(&call, CHANGE_RESEND, v, NULL);
	c.is_counted = true;
	return is_theirs(what, v->email) && change_do(&c) == FAIL_NONE;
}

/* 1 sent, 0 not, -1. */
static int place_send(struct site *site, const struct sought *what,
		      const struct waiting_view *w, struct fault *why)
{
	const struct change_again again = {
		.store = site->store,
		.pause_ms = site->conf.resend_pause,
	};
	int r;

	if (!is_theirs(what, w->as_booking.email))
		return 0;
	r = change_wait_again(&again, w, why);
	return r < 0 ? -1 : r == STORE_CHANGED;
}

static int send_link(struct site *site, const struct sought *what,
		     struct fault *why)
{
	struct booking_view v;
	struct waiting_view w;
	int r = store_booking_by_ref(site->store, what->ref, &v, why);

	if (r == 1) {
		r = booking_send(site, what, &v);
		booking_view_release(&v);
	} else if (r == 0) {
		r = store_waiting_by_ref(site->store, what->ref, &w, why);
		if (r == 1) {
			r = place_send(site, what, &w, why);
			waiting_view_release(&w);
		}
	}
	return r;
}

static void look(struct site *site, void *arg)
{
	struct sought *what = arg;
	struct fault why;
	int r = send_link(site, what, &why);

	if (r < 0)
		log_warning("could not look for a booking why=\"%s\"",
			    why.text);
	else
		log_info("sought sent=%s request=%s", r > 0 ? "yes" : "no",
			 *what->request_id != '\0' ? what->request_id : "-");
	free(what);
}

bool seek(struct call *call, const char ref[TOKEN_REF_LEN + 1],
	  const char *email)
{
	const struct quota_act act = {
		.email = email,
		.client = call->rq->client,
	};
	struct sought *what;

	if (quota_count(call->site->quota, &act) == QUOTA_OVER)
		return false;
	what = alloc_zeroed(1, sizeof(*what));
	must(str_copy(what->ref, sizeof(what->ref), ref));
	must(str_copy(what->email, sizeof(what->email), email));
	must(str_copy(what->request_id, sizeof(what->request_id),
		      call->rq->id));
	site_later(call->site, look, what);
	return true;
}
