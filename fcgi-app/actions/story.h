/* SPDX-License-Identifier: MIT */
/*
 * One booking's whole story: what was asked, when it was committed, what became
 * of each of its mails, attempt by attempt, and who changed it.
 */
#ifndef ACTIONS_STORY_H
#define ACTIONS_STORY_H

#include "base/compiler.h"
#include "domain/model.h"
#include "store/audit.h"

#include <stdbool.h>

struct json_object;
struct queue;

#define STORY_MAILS_MAX 50

/* story_read(), story_hear(), then story_release(). */
struct story {
	struct booking_view view;
	char request_id[65];	/* of the POST; "" = none, or erased */
	struct notification mails[STORY_MAILS_MAX];	/* oldest first */
	struct json_object *jobs[STORY_MAILS_MAX];	/* NULL = not known */
	size_t mail_count;
	struct booking_event *events;	/* STORE_EVENTS_MAX of them */
	size_t event_count;
	bool queue_answers;	/* else nothing is known of the jobs */
};

/* Reads what the tables know of the booking with that reference.  1 with *out
 * filled, 0 no such booking, -1 with *why. */
int story_read(struct store *s, const char *ref, struct story *out,
	       struct fault *why) MUST_USE;

/* Adds what the queue (NULL = do not ask) knows of its mails, by one question
 * for each hundred of them; best effort. */
void story_hear(struct story *story, struct queue *q);
void story_release(struct story *story);

/* Both by its own connection to the queue: reading a story must neither
 * wait for those that bookings use nor break them. */
struct site;
int story_open(const struct site *site, const char *ref, struct story *out,
	       struct fault *why) MUST_USE;

/*
 * The same as JSON; members as bookctl(1) lists them.  Times are RFC 3339 in
 * the service's zone, "" if there is none.  The caller frees it.
 */
struct json_object *story_json(const struct story *story)
	MUST_USE RETURNS_NONNULL;

/* "open", "sent", "dead", "expired", "aborted". */
const char *story_state(enum notification_state state);

/* The state of that name, or -1. */
int story_state_find(const char *name);

#endif
