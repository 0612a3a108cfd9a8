/* SPDX-License-Identifier: MIT */
/* What a visitor does that leads to mails: counted first, then done. */
#include "config.h"

#include "actions/mailing.h"

#include "base/logger.h"
#include "domain/idempotency.h"
#include "domain/model.h"
#include "http/request.h"
#include "outbox/quota.h"
#include "store/change.h"
#include "store/waiting.h"
#include "text/lang.h"

#define AGAIN_MS INT64_C(86400000)	/* the same form sends no link again */

static struct store_actor visitor(const struct call *call)
{
	return (struct store_actor){
		.name = "visitor",
		.request_id = call->rq->id,
		.moves_max = call->site->conf.moves_max,
	};
}

/* A mail to the address that this client asks for. */
static struct quota_act act_of(const struct call *call, const char *email)
{
	return (struct quota_act){
		.email = email,
		.client = call->rq->client,
	};
}

/* Gives the count back if nothing came of it; passes the result on.  What may
 * have been done keeps its count. */
static int settle(struct call *call, const struct quota_act *act,
		  enum quota_said said, int result, const struct fault *why)
{
	if (said == QUOTA_COUNTED && result != STORE_CHANGED &&
	    (result >= 0 || why->class != FAULT_UNSURE))
		quota_return(call->site->quota, act);
	return result;
}

enum fail_kind mailing_moves(const struct site *site,
			     const struct booking_view *v)
{
	int64_t most = site->conf.moves_max;
	struct fault unread;

	/* What cannot be read now is left to the transaction. */
	return most > 0 && store_moves(site->store, v->id, &unread) >= most ?
		FAIL_MOVES : FAIL_NONE;
}

int mailing_move(struct call *call, const struct booking_view *v,
		 const struct slot *to, struct fault *why)
{
	const struct quota_act act = act_of(call, v->email);
	const struct store_actor by = visitor(call);
	enum quota_said said = quota_count(call->site->quota, &act);

	if (said == QUOTA_OVER)
		return MAILING_OVER;
	return settle(call, &act, said,
		      store_move(call->site->store, v, to, &by, why), why);
}

int mailing_readdress(struct call *call, struct booking_view *v,
		      const char *email, struct fault *why)
{
	const struct quota_act act = act_of(call, email);
	const struct store_actor by = visitor(call);
	enum quota_said said = quota_count(call->site->quota, &act);

	if (said == QUOTA_OVER)
		return MAILING_OVER;
	return settle(call, &act, said,
		      store_readdress(call->site->store, v, email, &by, why),
		      why);
}

int mailing_resend(struct call *call, const struct booking_view *v,
		   struct fault *why)
{
	const struct quota_act act = act_of(call, v->email);
	const struct store_actor by = visitor(call);
	enum quota_said said = quota_count(call->site->quota, &act);

	if (said == QUOTA_OVER)
		return MAILING_OVER;
	return settle(call, &act, said,
		      store_resend(call->site->store, v, &by, why), why);
}

int mailing_cancel(struct call *call, const struct booking_view *v,
		   struct fault *why)
{
	const struct quota_act act = act_of(call, v->email);
	struct store_actor by = visitor(call);
	enum quota_said said = quota_count(call->site->quota, &act);

	by.no_mail = said == QUOTA_OVER;
	return settle(call, &act, said,
		      store_cancel(call->site->store, v, &by, why), why);
}

int mailing_take(struct call *call, const struct waiting_view *w,
		 char ref_out[STORE_REF_LEN + 1], struct fault *why)
{
	const struct quota_act act = act_of(call, w->as_booking.email);
	enum quota_said said = quota_count(call->site->quota, &act);

	return settle(call, &act, said,
		      store_offer_take(call->site->store, w, call->rq->id,
				       ref_out, why), why);
}

int mailing_wait(struct call *call, const struct booking_form *b,
		 const uint8_t *key, struct fault *why)
{
	const struct booking_request request = {
		.slot_id = b->slot_id,
		.seats = b->seats,
		.name = b->name,
		.email = b->email,
		.locale = lang_tag(call->lang),
	};
	uint8_t once[BOOKING_KEY_BYTES + BOOKING_HASH_BYTES];
	struct quota_act act = act_of(call, b->email);
	enum quota_said said;
	char ref[STORE_REF_LEN + 1];
	bool mailed;
	int result;

	if (key) {
		memcpy(once, key, BOOKING_KEY_BYTES);
		booking_hash(b, request.locale, once + BOOKING_KEY_BYTES);
		act.once = once;
		act.once_bytes = sizeof(once);
	}
	said = quota_count(call->site->quota, &act);
	if (said == QUOTA_OVER)
		return MAILING_OVER;
	/* Whether a mail comes of a form is not to be seen in what is counted;
	 * but the same form again is not to be had for nothing. */
	result = store_wait(call->site->store, &request,
			    said == QUOTA_REPEATED ? AGAIN_MS :
			    call->site->conf.resend_pause, ref, &mailed, why);
	if (said == QUOTA_REPEATED && mailed)
		quota_adjust(call->site->quota, &act, 1);
	if (result == STORE_CHANGED)
		log_info("waiting ref=%s request=%s", ref,
			 *call->rq->id != '\0' ? call->rq->id : "-");
	return settle(call, &act, said, result, why);
}
