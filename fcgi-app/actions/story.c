/* SPDX-License-Identifier: MIT */
/* Gathers a booking's story from the tables and from the queue. */
#include "config.h"

#include "actions/story.h"

#include "actions/json.h"
#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "domain/zone.h"
#include "json/put.h"
#include "outbox/publish.h"
#include "queue/operate.h"
#include "queue/queue.h"
#include "redis/rconn.h"
#include "site/site.h"
#include "store/answers.h"
#include "store/audit.h"
#include "store/due.h"
#include "store/view.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define ATTEMPT_FIELDS 8	/* of a line in a job's story */

static const char *const states[] = {
	[NOTIFICATION_OPEN] = "open",
	[NOTIFICATION_SENT] = "sent",
	[NOTIFICATION_DEAD] = "dead",
	[NOTIFICATION_EXPIRED] = "expired",
	[NOTIFICATION_ABORTED] = "aborted",
};

const char *story_state(enum notification_state state)
{
	return states[state];
}

int story_state_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(states); i++)
		if (strcmp(states[i], name) == 0)
			return (int)i;
	return -1;
}

/* ---- the job ------------------------------------------------------------- */

/* One line of the job's story: "ms|verdict|who|relay|stage|code|times|text". */
static void put_attempt(struct json_object *list, const char *zone, char *line)
{
	static const char *const names[ATTEMPT_FIELDS] = {
		"at", "verdict", "who", "relay", "stage", "code", "times",
		"text",
	};
	struct json_object *row = put_row(list);
	int64_t at_ms = 0;

	for (size_t i = 0; i < ATTEMPT_FIELDS; i++) {
		char *end = i + 1 < ATTEMPT_FIELDS ? strchr(line, '|') : NULL;

		if (end)
			*end = '\0';
		put_text(row, names[i], line);
		if (i == 0)
			(void)str_to_int(line, 0, INT64_MAX / 2, &at_ms);
		line = end ? end + 1 : line + strlen(line);
	}
	zone_put(row, "at", zone, at_ms);
}

static struct json_object *job_json(const struct queue_record *r,
				    const char *zone)
{
	char letter[2] = { r->state, '\0' };
	struct json_object *job = put_new();
	struct json_object *attempts;
	char *text = alloc_text(r->story);
	char *rest = text;
	char *line;

	put_text(job, "state", letter);
	zone_put(job, "admitted_at", zone, r->admitted_ms);
	zone_put(job, "next_at", zone, r->state == QUEUE_RETRY ? r->due_ms : 0);
	zone_put(job, "final_at", zone, r->final_ms);
	put_int(job, "attempts", r->attempts);
	put_int(job, "crashes", r->crashes);
	put_int(job, "uncertain", r->uncertain);
	put_text(job, "owner", r->owner);
	put_text(job, "relay", r->relay);
	put_text(job, "reason", r->reason);
	attempts = put_list(job, "story");
	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line)
			put_attempt(attempts, zone, line);
	free(text);
	return job;
}

/* A mail that the queue has not taken up: it is on its way there, or waits
 * where jobs have no record yet.  Looking for it there would take the longer
 * the more wait. */
static char nothing[1];
static const struct queue_record unadmitted = {
	.state = QUEUE_INTAKE, .owner = nothing, .relay = nothing,
	.reason = nothing, .story = nothing,
};

void story_hear(struct story *story, struct queue *q)
{
	struct queue_record records[STORY_MAILS_MAX];
	const char *zone = story->view.slot.zone;
	size_t count = story->mail_count;
	struct fault why;

	for (size_t i = 0; i < count; i++) {
		records[i] = (struct queue_record){ .bulk = false };
		must(str_copy(records[i].id, sizeof(records[i].id),
			      story->mails[i].envelope_id));
	}
	story->queue_answers = q && (count == 0 ||
		queue_show_many(q, records, count, &why) == 0);
	for (size_t i = 0; i < count && story->queue_answers; i++) {
		const struct notification *n = &story->mails[i];

		/* A reminder that waits was never pushed. */
		if (records[i].state)
			story->jobs[i] = job_json(&records[i], zone);
		else if (n->state == NOTIFICATION_OPEN &&
			 n->begins_at_ms <= wall_ms())
			story->jobs[i] = job_json(&unadmitted, zone);
		queue_record_release(&records[i]);
	}
}

/* ---- all of it ----------------------------------------------------------- */

int story_read(struct store *s, const char *ref, struct story *out,
	       struct fault *why)
{
	struct notifications mails = { .list = out->mails,
				       .max = STORY_MAILS_MAX };
	int events = -1;

	memset(out, 0, sizeof(*out));

	int r = store_booking_by_ref(s, ref, &out->view, why);

	if (r != 1)
		return r;
	out->events = alloc_zeroed(STORE_EVENTS_MAX, sizeof(*out->events));
	r = store_booking_request(s, out->view.id, out->request_id, why);
	if (r >= 0)
		r = store_notifications(s, out->view.id, &mails, why);
	if (r >= 0 && store_answers(s, &out->view, why) == 0)
		events = store_events(s, out->view.id, out->events, why);
	if (r < 0 || events < 0) {
		story_release(out);
		return -1;
	}
	out->mail_count = mails.count;
	out->event_count = (size_t)events;
	return 1;
}

void story_release(struct story *story)
{
	for (size_t i = 0; i < story->mail_count; i++)
		json_object_put(story->jobs[i]);
	free(story->events);
	booking_view_release(&story->view);
	memset(story, 0, sizeof(*story));
}

static void put_mail(struct json_object *list, const struct story *story,
		     size_t i)
{
	const struct notification *n = &story->mails[i];
	const char *zone = story->view.slot.zone;
	struct json_object *row = put_row(list);

	put_text(row, "id", n->envelope_id);
	put_text(row, "kind", n->kind);
	put_text(row, "state", story_state(n->state));
	put_int(row, "attempts", n->attempts);
	zone_put(row, "created_at", zone, n->created_at_ms);
	zone_put(row, "begins_at", zone, n->begins_at_ms != n->created_at_ms ?
					 n->begins_at_ms : 0);
	zone_put(row, "final_at", zone, n->final_at_ms);
	put_text(row, "reply", n->reply);
	fate_put(row, zone, n);
	put_value(row, "job", json_object_get(story->jobs[i]));
}

static void put_event(struct json_object *list, const char *zone,
		      const struct booking_event *e)
{
	struct json_object *row = put_row(list);

	zone_put(row, "at", zone, e->at_ms);
	put_text(row, "actor", e->actor);
	put_text(row, "action", e->action);
	put_text(row, "detail", e->detail);
	put_text(row, "request_id", e->request_id);
}

static void put_booking(struct json_object *to, const struct story *story)
{
	static const char *const by[] = { "", "visitor", "organiser" };
	const struct booking_view *v = &story->view;
	const char *zone = v->slot.zone;
	char shown[TOKEN_REF_LEN + 2];

	token_ref_show(v->ref, shown);
	put_text(to, "reference", shown);
	put_text(to, "request_id", story->request_id);
	zone_put(to, "created_at", zone, v->created_at_s * 1000);
	zone_put(to, "changed_at", zone, v->changed_at_s * 1000);
	put_flag(to, "cancelled", v->cancelled);
	put_text(to, "cancelled_by", by[v->cancelled_by]);
	put_text(to, "cancel_reason", v->cancel_reason);
	put_flag(to, "erased", v->erased);
	put_text(to, "service", v->service.slug);
	put_text(to, "service_name", v->service.name);
	zone_put(to, "starts_at", zone, v->slot.starts_at_s * 1000);
	zone_put(to, "ends_at", zone, v->slot.ends_at_s * 1000);
	put_text(to, "time_zone", zone);
	put_int(to, "revision", v->revision);
	put_int(to, "seats", v->seats);
	put_text(to, "name", v->name);
	put_text(to, "email", v->email);
	put_text(to, "language", v->locale);
	put_text(to, "notes", v->notes);
	answers_put(to, v);
}

struct json_object *story_json(const struct story *story)
{
	struct json_object *all = put_new();
	struct json_object *list;

	put_booking(all, story);
	put_flag(all, "queue_answers", story->queue_answers);
	list = put_list(all, "messages");
	for (size_t i = 0; i < story->mail_count; i++)
		put_mail(list, story, i);
	list = put_list(all, "history");
	for (size_t i = 0; i < story->event_count; i++)
		put_event(list, story->view.slot.zone, &story->events[i]);
	return all;
}

int story_open(const struct site *site, const char *ref, struct story *out,
	       struct fault *why)
{
	struct fault away;
	struct rconn *r;
	struct queue *q = site_queue(site, PUBLISH_LIMIT_MS, &r, &away);
	int found = story_read(site->store, ref, out, why);

	if (found == 1)
		story_hear(out, q);
	queue_free(q);
	rconn_free(r);
	return found;
}
