/* SPDX-License-Identifier: MIT */
/* The request's push into the queue, with a breaker of this process. */
#include "config.h"

#include "outbox/publish.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "json/get.h"
#include "queue/operate.h"
#include "queue/produce.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

#define FAILURES_MAX 3
#define SKIP_MS 5000
#define TURN_MS 3000	/* a mail that has waited longer is asked why */

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

void publish_seen_of(const struct queue_record *record,
		     struct publish_seen *out)
{
	*out = (struct publish_seen){
		.sent = record->state == QUEUE_SENT,
		.dead = record->state == QUEUE_DEAD,
		.attempts = record->attempts,
		.next_at_ms = record->state == QUEUE_RETRY ? record->due_ms : 0,
		.final_at_ms = record->final_ms,
	};
	if (strchr("RQPDSX", record->state))
		(void)str_printable(out->reply, sizeof(out->reply),
				    record->reason);
}

/* Has its turn not come, though usually it does at once? */
static bool is_overdue(const struct queue_record *r)
{
	return r->state == QUEUE_QUEUED && r->attempts == 0 &&
	       *r->reason == '\0' && wall_ms() - r->admitted_ms > TURN_MS;
}

/* What all instances of maild that are there say of their relays. */
struct relays {
	bool known;
	bool working;	/* one of them is */
};

static void relays_look(void *arg, const char *instance, const char *json)
{
	struct relays *all = arg;
	struct json_object *doc = get_root(json);
	struct json_object *list = doc ? get_value(doc, "relays") : NULL;

	(void)instance;
	for (size_t i = 0; i < get_count(list); i++) {
		struct json_object *relay = get_at(list, i);

		all->known = true;
		all->working |= !get_flag(relay, "paused") &&
				strcmp(get_text(relay, "breaker"),
				       "closed") == 0;
	}
	json_object_put(doc);
}

/* Only what was tried says so itself; the rest waits for the same relays.  Not
 * their words: they are about somebody else's mail. */
static bool no_relay_works(struct publish *p)
{
	struct relays all = { .known = false };
	struct fault why = { .class = FAULT_NONE };

	if (queue_statuses(p->q, relays_look, &all, &why) < 0) {
		note_failure(p, &why);
		return false;
	}
	return all.known && !all.working;
}

bool publish_look(struct publish *p, const char *id, struct publish_seen *out)
{
	struct fault why = { .class = FAULT_NONE };
	struct queue_record record = { .bulk = false };
	bool found;

	*out = (struct publish_seen){ 0 };
	if (is_skipped(p) || !str_copy(record.id, sizeof(record.id), id))
		return false;
	/* Where jobs have no record yet nothing is to be learnt. */
	if (queue_show_many(p->q, &record, 1, &why) < 0) {
		note_failure(p, &why);
		return false;
	}
	found = record.state != '\0';
	if (found)
		publish_seen_of(&record, out);
	if (found && is_overdue(&record) && no_relay_works(p))
		(void)str_copy(out->reply, sizeof(out->reply),
			       "no mail server can be reached now");
	queue_record_release(&record);
	return found;
}
