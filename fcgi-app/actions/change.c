/* SPDX-License-Identifier: MIT */
/* Judges and carries out what organisers do about one booking. */
#include "config.h"

#include "actions/change.h"

#include "actions/story.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/utext.h"
#include "http/request.h"
#include "outbox/publish.h"
#include "queue/operate.h"
#include "queue/queue.h"
#include "redis/rconn.h"
#include "store/mails.h"

#define RETRY_LIMIT_MS 1000
#define STORY_LIMIT_MS 200

enum fail_kind organise_hindrance(const struct booking_view *v, bool mails,
				  int64_t now_s)
{
	if (v->erased)
		return FAIL_ERASED;
	if (v->cancelled)
		return FAIL_CANCELLED;
	if (mails && v->slot.ends_at_s <= now_s)
		return FAIL_OVER;
	return FAIL_NONE;
}

const char *organise_reason(char *text)
{
	const char *reason = utext_trim(text);

	if (utext_check(reason) == UTEXT_INVISIBLE ||
	    str_utf8_count(reason, strlen(reason)) > ORGANISE_REASON_MAX)
		return NULL;
	return reason;
}

/* A connection of its own; NULL with *why if that cannot be. */
static struct queue *queue_open(const struct site *site, int limit_ms,
				struct rconn **redis_out, struct fault *why)
{
	const struct rconn_opts opts = site_redis(site, PUBLISH_LIMIT_MS,
						  limit_ms);

	*redis_out = rconn_new(&opts, why);
	return *redis_out ? queue_new(*redis_out, site->conf.queue_prefix) :
			    NULL;
}

int organise_retry_by(struct store *s, struct queue *q,
		      const struct booking_view *v, const char *id,
		      const struct store_actor *by, struct fault *why)
{
	if (v->erased || !str_starts_with(id, v->ref))
		return STORE_MEANWHILE;
	/* The queue first: a row that is open while its job is a dead letter
	 * would be closed again by the relay.  That there is no such job (the
	 * relay then makes it anew) is no fault. */
	if (queue_requeue(q, id, why) < 0)
		return -1;
	return store_mail_retry(s, v->id, id, by, why);
}

int organise_retry(const struct site *site, const struct booking_view *v,
		   const char *id, const struct store_actor *by,
		   struct fault *why)
{
	struct rconn *r;
	struct queue *q = queue_open(site, RETRY_LIMIT_MS, &r, why);
	int result = q ? organise_retry_by(site->store, q, v, id, by, why) : -1;

	queue_free(q);
	rconn_free(r);
	return result;
}

int organise_abort(const struct site *site, const struct booking_view *v,
		   const char *id, const struct store_actor *by,
		   struct fault *why)
{
	return store_mail_abort(site->store, v->id, id, by, why);
}

void organise_log(const struct call *call, const char *ref, const char *what,
		  int result, const struct fault *why)
{
	if (result < 0)
		log_warning("could not change a booking how=%s why=\"%s\"",
			    what, why->text);
	else if (result == STORE_CHANGED)
		log_info("changed ref=%s how=organiser-%s request=%s", ref,
			 what, *call->rq->id != '\0' ? call->rq->id : "-");
}

int organise_story(const struct site *site, const char *ref,
		   struct story *out, struct fault *why)
{
	struct fault away;
	struct rconn *r;
	struct queue *q = queue_open(site, PUBLISH_LIMIT_MS, &r, &away);
	int found = story_read(site->store, q, ref, STORY_LIMIT_MS, out, why);

	queue_free(q);
	rconn_free(r);
	return found;
}
