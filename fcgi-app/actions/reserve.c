/* SPDX-License-Identifier: MIT */
/* From a checked form to a committed booking with its mail on the way. */
#include "config.h"

#include "actions/reserve.h"

#include "base/crashpoint.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "http/request.h"
#include "metrics/metrics.h"
#include "outbox/publish.h"
#include "outbox/quota.h"
#include "store/book.h"
#include "store/slot.h"
#include "store/waiting.h"
#include "text/lang.h"

#include <openssl/rand.h>

#define NEAREST_COUNT 5
#define NEAREST_READ 400
#define NEAREST_BEFORE_S (INT64_C(24) * 3600)
#define NEAREST_AFTER_S (INT64_C(60) * 24 * 3600)

void reserve_key_draw(char hex[BOOKING_KEY_HEX + 1])
{
	uint8_t bytes[BOOKING_KEY_BYTES];

	must(RAND_bytes(bytes, sizeof(bytes)) == 1);
	str_hex(hex, bytes, sizeof(bytes));
}

/* Is all right that depends on its slot and service? */
static bool is_right(const struct reserve_order *o)
{
	bool fits = booking_form_limit(o->b, o->slot->capacity,
				       o->seats_max);

	return booking_form_answers(o->b, o->form, o->service->questions) &&
	       fits;
}

/* As it is now.  1, 0, -1. */
static int check_anew(struct store *s, const struct reserve_order *o,
		      struct fault *why)
{
	int r;

	service_release(o->service);
	r = store_slot(s, o->slot, o->service, why);
	if (r == 1)
		(void)is_right(o);
	return r;
}

int reserve_check(struct store *s, const struct reserve_order *o,
		  struct fault *why)
{
	int r = store_slot_cached(s, o->slot, o->service, why);

	return r != 1 || is_right(o) ? r : check_anew(s, o, why);
}

/* The booking is committed: what fails here costs only time. */
static void publish(struct call *call, const struct booking_view *view,
		    const char *envelope_id)
{
	struct notification row = {
		.waiting_id = view->held ? -view->id : 0,
		.begins_at_ms = view->created_at_s * 1000,
	};
	const char *kind = view->held ? KIND_CONFIRM : KIND_CONFIRMED;

	must(str_copy(row.kind, sizeof(row.kind), kind));
	must(str_copy(row.envelope_id, sizeof(row.envelope_id), envelope_id));
	char *envelope = notification_envelope(&call->site->mail, view, &row);
	bool pushed = publish_envelope(call->site->publish, envelope,
				       strlen(envelope));

	log_info("%s ref=%s request=%s envelope=%s pushed=%s",
		 view->held ? "held" : "booked", view->ref,
		 call->rq->id[0] != '\0' ? call->rq->id : "-", envelope_id,
		 pushed ? "yes" : "no");
	free(envelope);
}

/* By a store_booked, or one of ours. */
static const struct {
	enum metrics_booking counted;
	enum fail_kind refusal;
} outcomes[] = {
	[STORE_BOOKED] = { METRICS_BOOKED, FAIL_NONE },
	[STORE_REPLAYED] = { METRICS_REPLAYED, FAIL_NONE },
	[STORE_KEY_REUSED] = { METRICS_KEY_REUSED, FAIL_KEY_REUSED },
	[STORE_FULL] = { METRICS_FULL, FAIL_FULL },
	[STORE_NO_SLOT] = { METRICS_NO_SLOT, FAIL_NO_SLOT },
	[STORE_PAST] = { METRICS_PAST, FAIL_BEGUN },
	[STORE_HELD] = { METRICS_HELD, FAIL_NONE },
	[STORE_HELD_BEFORE] = { METRICS_REPLAYED, FAIL_NONE },
	/* No more than that: whose address it is nobody has proven. */
	[STORE_UNCONFIRMED] = { METRICS_UNCONFIRMED, FAIL_TOO_OFTEN },
	/* Neither is counted. */
	[RESERVE_TOO_OFTEN] = { .refusal = FAIL_TOO_OFTEN },
	[RESERVE_FIELDS] = { .refusal = FAIL_FIELDS },
};

static enum metrics_booking counted_as(int result, const struct fault *why)
{
	if (result >= 0)
		return outcomes[result].counted;
	return why->class == FAULT_UNSURE ? METRICS_UNSURE
					  : METRICS_UNAVAILABLE;
}

void reserve_counted(struct call *call, int result, const struct fault *why)
{
	if (result != RESERVE_TOO_OFTEN)
		metrics_book(call->site->metrics, counted_as(result, why));
}

int reserve_failed(struct call *call, const struct reserve_order *o,
		   const struct fault *why)
{
	reserve_counted(call, -1, why);
	log_warning("could not book slot=%lld request=%s class=%s why=\"%s\"",
		    (long long)o->b->slot_id,
		    call->rq->id[0] != '\0' ? call->rq->id : "-",
		    fault_class_name(why->class), why->text);
	return -1;
}

/* The key and the request: another form sent with the first one's key is a
 * different request. */
#define ONCE_BYTES (BOOKING_KEY_BYTES + BOOKING_HASH_BYTES)

static void once_make(const struct booking_request *request,
		      uint8_t once[ONCE_BYTES])
{
	memcpy(once, request->idem_key, BOOKING_KEY_BYTES);
	memcpy(once + BOOKING_KEY_BYTES, request->req_hash,
	       BOOKING_HASH_BYTES);
}

static bool is_new(int result)
{
	return result == STORE_BOOKED || result == STORE_HELD;
}

/* Sends the mail by which it is confirmed again, if that is wished and can be
 * now.  Was it? */
static bool send_again(struct call *call, const struct reserve_order *o,
		       int result, const struct booking_view *held)
{
	struct fault why;
	int r = STORE_MEANWHILE;

	if (o->again && result == STORE_HELD_BEFORE)
		r = store_hold_again(call->site->store, &(struct store_again){
			.held = held,
			.pause_ms = call->site->conf.resend_pause,
		}, &why);
	if (r < 0)
		log_warning("could not send again what is to be confirmed "
			    "why=\"%s\"", why.text);
	return r == STORE_CHANGED;
}

struct outcome {
	enum quota_said said;
	int result;
	bool mailed;
};

/*
 * Settles the count by the result.  Of two equal requests at once, the second
 * may be the one that books: then it takes over the first one's count.  And one
 * whose booking was erased books again when it is sent again.
 */
static void settle(struct call *call, const struct quota_act *act,
		   const struct outcome *end, const struct fault *why)
{
	struct quota *quota = call->site->quota;
	enum quota_said said = end->said;
	int result = end->result;

	if (result < 0 && why->class == FAULT_UNSURE)
		return;		/* perhaps it was booked */
	if (said != QUOTA_COUNTED && said != QUOTA_UNCOUNTED) {
		if (end->mailed)
			quota_adjust(quota, act, 1);
	} else if (said == QUOTA_COUNTED && !end->mailed &&
		   reserve_is_old(result)) {
		quota_adjust(quota, act, -1);
	} else if (said == QUOTA_COUNTED && !end->mailed) {
		quota_return(quota, act);
	}
}

/* Who changes a service does not do so all the time. */
#define CHECKS_MAX 20

/* An order, and what the store is asked for. */
struct asking {
	const struct reserve_order *o;
	struct booking_request request;
};

/* Books; if the service has changed since the form was checked, checks it by
 * what is there now. */
static int book(struct store *store, struct asking *a,
		struct booking_view *out, struct fault *why)
{
	const struct reserve_order *o = a->o;
	struct booking_request *request = &a->request;

	for (int checks = 0; checks < CHECKS_MAX; checks++) {
		request->edition = o->service->edition;
		/* Where many book one slot, the service may change again
		 * before it is this one's turn. */
		request->steady = checks > 0;
		request->answers = &o->b->answers;

		int r = store_book(store, request, out, why);

		if (r != STORE_OUTDATED)
			return r;
		r = check_anew(store, o, why);
		if (r != 1)
			return r == 0 ? STORE_NO_SLOT : -1;
		if (o->b->fields.error_count > 0)
			return RESERVE_FIELDS;
		booking_hash(o->b, request->locale, request->req_hash);
	}
	return fault_set(why, FAULT_RETRY, "the service changes all the time");
}

/* What the store is asked for. */
static struct booking_request request_make(const struct call *call,
					   const struct reserve_order *o)
{
	const struct booking_form *b = o->b;
	struct booking_request request = {
		.slot_id = b->slot_id,
		.seats = b->seats,
		.name = b->name,
		.email = b->email,
		.locale = lang_tag(call->lang),
		.notes = b->notes,
		.request_id = call->rq->id,
		.due_in_ms = call->site->conf.outbox_delay,
	};

	must(b->fields.error_count == 0);
	memcpy(request.idem_key, o->key, sizeof(request.idem_key));
	booking_hash(b, request.locale, request.req_hash);
	return request;
}

/* How it is counted; once is the caller's. */
static struct quota_act act_make(const struct call *call,
				 const struct booking_request *request,
				 uint8_t once[ONCE_BYTES])
{
	once_make(request, once);
	return (struct quota_act){
		.email = request->email,
		.client = call->rq->client,
		.once = once,
		.once_bytes = ONCE_BYTES,
	};
}

bool reserve_is_over(struct call *call, const struct reserve_order *o)
{
	const struct booking_request request = request_make(call, o);
	uint8_t once[ONCE_BYTES];
	const struct quota_act act = act_make(call, &request, once);
	enum quota_said said = quota_count(call->site->quota, &act);

	if (said == QUOTA_COUNTED)
		quota_return(call->site->quota, &act);
	return said == QUOTA_OVER;
}

int reserve(struct call *call, const struct reserve_order *o,
	    struct reserved *out, struct fault *why)
{
	struct asking a = { o, request_make(call, o) };
	uint8_t once[ONCE_BYTES];
	const struct quota_act act = act_make(call, &a.request, once);
	int result;
	enum quota_said said = quota_count(call->site->quota, &act);

	/* What was booked before is only shown again. */
	if (said == QUOTA_OVER) {
		result = store_key_known(call->site->store, o->key, why);
		if (result < 0)
			return reserve_failed(call, o, why);
		if (result == 0)
			return RESERVE_TOO_OFTEN;
	}
	result = book(call->site->store, &a, &out->view, why);
	out->again = said != QUOTA_OVER &&
		     send_again(call, o, result, &out->view);
	settle(call, &act, &(struct outcome){
		said, result, is_new(result) || out->again,
	}, why);
	if (result < 0)
		return reserve_failed(call, o, why);
	if (result != RESERVE_FIELDS)
		reserve_counted(call, result, why);
	if (is_new(result)) {
		store_book_mail(&out->view, out->envelope_id);
		CRASH_POINT("book: committed");
		publish(call, &out->view, out->envelope_id);
		CRASH_POINT("book: published");
	}
	return result;
}

enum fail_kind reserve_refusal(int result, const struct fault *why)
{
	return result >= 0 ? outcomes[result].refusal : fail_of_fault(why);
}

size_t reserve_nearest(struct call *call, const struct slot *slot,
		       struct slot **out)
{
	struct fault why;
	int64_t now_s = wall_ms() / 1000;
	int64_t around_s = slot->starts_at_s > now_s ? slot->starts_at_s
						     : now_s;
	struct span span = {
		.service_id = slot->service_id,
		.from_s = slot->starts_at_s - NEAREST_BEFORE_S,
		.until_s = around_s + NEAREST_AFTER_S,
		.max = NEAREST_READ,
	};
	struct slots near;
	int r;

	if (span.from_s <= now_s)
		span.from_s = now_s + 1;
	r = store_slots_free(call->site->store, &span, &near, &why);
	*out = near.list;
	return r < 0 ? 0 : booking_nearest(near.list, near.count,
					   slot->starts_at_s, NEAREST_COUNT);
}
