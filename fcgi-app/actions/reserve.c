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
#include "store/questions.h"
#include "store/slot.h"
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

int reserve_answers(struct store *s, const struct form *form,
		    struct booking_form *b, struct service *service,
		    struct fault *why)
{
	if (booking_form_answers(b, form, service->questions))
		return 0;
	if (store_service_questions(s, service, why) < 0)
		return -1;
	(void)booking_form_answers(b, form, service->questions);
	return 0;
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

/* By a store_booked, and RESERVE_TOO_OFTEN, which is not counted. */
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
	[RESERVE_TOO_OFTEN] = { .refusal = FAIL_TOO_OFTEN },
};

static enum metrics_booking counted_as(int result, const struct fault *why)
{
	if (result >= 0)
		return outcomes[result].counted;
	return why->class == FAULT_UNSURE ? METRICS_UNSURE
					  : METRICS_UNAVAILABLE;
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

/* Has it led to a mail? */
static bool is_new(int result)
{
	return result == STORE_BOOKED || result == STORE_HELD;
}

/*
 * Settles the count by the result.  Of two equal requests at once, the second
 * may be the one that books: then it takes over the first one's count.  And one
 * whose booking was erased books again when it is sent again.
 */
static void settle(struct call *call, const struct quota_act *act,
		   enum quota_said said, int result, const struct fault *why)
{
	struct quota *quota = call->site->quota;

	if (result < 0 && why->class == FAULT_UNSURE)
		return;		/* perhaps it was booked */
	if (said != QUOTA_COUNTED && said != QUOTA_UNCOUNTED) {
		if (is_new(result))
			quota_adjust(quota, act, 1);
	} else if (said == QUOTA_COUNTED && reserve_is_old(result)) {
		quota_adjust(quota, act, -1);
	} else if (said == QUOTA_COUNTED && !is_new(result)) {
		quota_return(quota, act);
	}
}

int reserve(struct call *call, const struct booking_form *b,
	    const uint8_t key[BOOKING_KEY_BYTES], struct reserved *out,
	    struct fault *why)
{
	const char *locale = lang_tag(call->lang);
	struct booking_request request = {
		.slot_id = b->slot_id,
		.seats = b->seats,
		.name = b->name,
		.email = b->email,
		.locale = locale,
		.notes = b->notes,
		.answers = &b->answers,
		.request_id = call->rq->id,
		.due_in_ms = call->site->conf.outbox_delay,
	};

	uint8_t once[ONCE_BYTES];
	int result;

	must(b->fields.error_count == 0);
	memcpy(request.idem_key, key, sizeof(request.idem_key));
	booking_hash(b, locale, request.req_hash);
	once_make(&request, once);

	const struct quota_act act = {
		.email = b->email,
		.client = call->rq->client,
		.once = once,
		.once_bytes = sizeof(once),
	};
	enum quota_said said = quota_count(call->site->quota, &act);

	/* What was booked before is only shown again. */
	if (said == QUOTA_OVER) {
		result = store_key_known(call->site->store, key, why);
		if (result <= 0)
			return result == 0 ? RESERVE_TOO_OFTEN : -1;
	}
	result = store_book(call->site->store, &request, &out->view,
			    out->envelope_id, why);
	settle(call, &act, said, result, why);
	metrics_book(call->site->metrics, counted_as(result, why));
	if (is_new(result)) {
		CRASH_POINT("book: committed");
		publish(call, &out->view, out->envelope_id);
		CRASH_POINT("book: published");
	} else if (result < 0)
		log_warning("could not book slot=%lld request=%s class=%s "
			    "why=\"%s\"", (long long)b->slot_id,
			    call->rq->id[0] != '\0' ? call->rq->id : "-",
			    fault_class_name(why->class), why->text);
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
