/* SPDX-License-Identifier: MIT */
/* The request's push into the queue, with a breaker of this process. */
#include "config.h"

#include "outbox/publish.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "queue/operate.h"
#include "queue/produce.h"

#include <stdlib.h>

#define FAILURES_MAX 3
#define SKIP_MS 5000

struct publish {
	struct rconn *r;
	struct queue *q;
	int failures;		/* in a row */
	int64_t skip_until_ms;	/* ticks */
	bool away;		/* has been logged */
};

struct publish *publish_new(const struct publish_opts *opts, struct fault *why)
{
	struct rconn *r = rconn_new(&opts->redis, why);

	if (!r)
		return NULL;

	struct publish *p = alloc_zeroed(1, sizeof(*p));

	p->r = r;
	p->q = queue_new(r, opts->prefix);
	return p;
}

void publish_free(struct publish *p)
{
	if (!p)
		return;
	queue_free(p->q);
	rconn_free(p->r);
	free(p);
}

static void note_failure(struct publish *p, const struct fault *why)
{
	p->failures++;
	/* Each further failure, one every 5 s, opens it again. */
	if (p->failures >= FAILURES_MAX)
		p->skip_until_ms = ticks_ms() + SKIP_MS;
	if (!p->away)
		log_warning("publishing failed, the relay will do it: %s",
			    why->text);
	p->away = true;
}

static bool is_skipped(const struct publish *p)
{
	return p->failures >= FAILURES_MAX && ticks_ms() < p->skip_until_ms;
}

bool publish_envelope(struct publish *p, const char *envelope, size_t len)
{
	struct fault why = { .class = FAULT_NONE };

	if (is_skipped(p))
		return false;
	if (queue_publish(p->q, envelope, len, &why) < 0) {
		note_failure(p, &why);
		return false;
	}
	if (p->away)
		log_info("publishing works again failures=%d", p->failures);
	p->failures = 0;
	p->away = false;
	return true;
}

bool publish_look(struct publish *p, const char *id, struct publish_seen *out)
{
	struct fault why = { .class = FAULT_NONE };
	struct queue_record record;
	int found;

	*out = (struct publish_seen){ 0 };
	if (is_skipped(p))
		return false;
	found = queue_show(p->q, id, &record, &why);
	if (found < 0)
		note_failure(p, &why);
	if (found != 1)
		return false;
	out->sent = record.state == QUEUE_SENT;
	out->dead = record.state == QUEUE_DEAD;
	out->attempts = record.attempts;
	out->next_at_ms = record.state == QUEUE_RETRY ? record.due_ms : 0;
	out->final_at_ms = record.final_ms;
	if (strchr("RQPDSX", record.state))
		(void)str_printable(out->reply, sizeof(out->reply),
				    record.reason);
	queue_record_release(&record);
	return true;
}
