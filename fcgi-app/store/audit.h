/* SPDX-License-Identifier: MIT */
/* Who did what: a booking's history, and the record of all that people did. */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "domain/model.h"
#include "store/store.h"

/* One line of a booking's history. */
struct booking_event {
	int64_t at_ms;
	char actor[4 * 64 + 1];
	char action[33];
	char detail[4 * 500 + 1];
	char request_id[65];
};

#define STORE_EVENTS_MAX 200	/* of one booking */

/* Oldest first.  Returns how many, or -1. */
int store_events(struct store *s, int64_t booking_id,
		 struct booking_event out[STORE_EVENTS_MAX],
		 struct fault *why) MUST_USE;

/* The last one.  1, 0, -1. */
int store_event_last(struct store *s, int64_t booking_id,
		     struct booking_event *out, struct fault *why) MUST_USE;

/* A line of the record of who did what. */
struct audit_row {
	int64_t at_ms;
	char actor[4 * 64 + 1];
	char action[33];
	char object[65];	/* a reference, a slug; "" = none */
	bool is_booking;	/* object is a reference */
	char detail[4 * 500 + 1];
	char request_id[65];
};

struct audit_rows {
	struct audit_row *list;	/* on the heap */
	size_t count;
};

/* What people did, visitors and the program itself apart, the newest first, at
 * most max. */
int store_audit(struct store *s, size_t max, struct audit_rows *out,
		struct fault *why) MUST_USE;

/* What somebody did. */
struct audit_entry {
	const struct store_actor *by;
	const char *action;
	const char *object;	/* "" = none; not read of a booking's events */
	const char *detail;	/* "" = none */
};

/* Something that somebody may have done. */
struct acted {
	const char *actor;
	const char *action;
	int64_t booking_id;	/* to this booking; 0 = to another thing: */
	const char *object;
	const char *detail;	/* with what that begins; "" = whatever */
	int64_t since_ms;	/* not before then */
};

/* Is it among the last hundred things that were done?  1, 0, -1. */
int store_acted(struct store *s, const struct acted *a, struct fault *why)
	MUST_USE;

/* Adds a line that is about no booking.  0, or -1. */
int store_audit_add(struct store *s, const struct audit_entry *entry,
		    struct fault *why) MUST_USE;

#endif
