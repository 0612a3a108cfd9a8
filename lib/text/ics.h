/* SPDX-License-Identifier: MIT */
/*
 * Writes iCalendar (RFC 5545): one event for mail (RFC 5546, RFC 6047), or many
 * for programs that subscribe to them.
 */
#ifndef TEXT_ICS_H
#define TEXT_ICS_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/fault.h"

#include <stdint.h>

/*
 * Instants are "2025-12-03T13:30:00Z".  Texts are UTF-8; NULL and "" leave a
 * line out where that is allowed.
 */
struct ics_event {
	const char *method;		/* REQUEST, CANCEL or PUBLISH */
	const char *uid;	/* the same for all mails of a booking */
	int64_t sequence;	/* 0 .. 2^31 - 1, + 1 with each change */
	const char *stamp;		/* when this was said */
	const char *start;
	const char *end;		/* after start */
	const char *summary;
	const char *location;		/* optional */
	const char *description;	/* optional */
	const char *organiser_name;	/* optional */
	const char *organiser_email;
	const char *attendee_name;	/* optional */
	const char *attendee_email;	/* not read with PUBLISH: it has none */
};

/*
 * Appends the calendar: CRLF, lines folded at 75 octets between characters.
 * Control characters become blanks, line ends in a text stay.  The attendee
 * has accepted already and is asked for no answer.
 * Returns 0, or -1 with FAULT_REJECT that names the value that is wrong (out
 * is then as before).
 */
int ics_write(const struct ics_event *event, struct buf *out,
	      struct fault *why) MUST_USE;

/*
 * A calendar of many events: begin, add each, end.  name is what programs call
 * it (UTF-8); they ask again every refresh_min minutes.  Of an event method,
 * organiser and attendee are not read: nobody is invited.
 */
void ics_feed_begin(const char *name, int refresh_min, struct buf *out);
int ics_feed_add(const struct ics_event *event, struct buf *out,
		 struct fault *why) MUST_USE;
void ics_feed_end(struct buf *out);

#endif
