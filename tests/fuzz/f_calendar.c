/* SPDX-License-Identifier: MIT */
/*
 * Calendars: the values of an event, each behind a form feed.  Whatever they
 * are, no line is too long or broken, and no value begins a line of its own.
 */
#include "config.h"

#include "fuzz.h"

#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"
#include "text/ics.h"

#include <string.h>

#define VALUES 8

/* Unfolds out: what readers see. */
static void unfold(const struct buf *out, struct buf *lines)
{
	for (size_t i = 0; i < out->len; i++) {
		if (out->len - i >= 3 && memcmp(out->data + i, "\r\n ", 3) == 0)
			i += 2;
		else
			buf_addch(lines, out->data[i]);
	}
}

/* How often a line begins so. */
static size_t lines_with(const struct buf *lines, const char *begin)
{
	size_t count = 0;
	const char *at = lines->data;

	while (at != NULL && *at != '\0') {
		count += str_starts_with(at, begin);
		at = strstr(at, "\r\n");
		at = at != NULL ? at + 2 : NULL;
	}
	return count;
}

static void check(const struct ics_event *event)
{
	static const char *const once[] = {
		"BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VEVENT",
		"END:VEVENT", "METHOD:", "UID:", "SUMMARY:", "DTSTART:",
		"DTEND:", "ORGANIZER", "STATUS:",
	};
	struct buf out = BUF_INIT;
	struct buf lines = BUF_INIT;
	struct fault why = { .class = FAULT_NONE };

	if (ics_write(event, &out, &why) == -1) {
		must(why.class == FAULT_REJECT && out.len == 0);
		return;
	}
	must(fuzz_has_whole_lines(out.data, out.len, 75));
	must(str_is_utf8(out.data, out.len));
	unfold(&out, &lines);
	must(str_is_utf8(lines.data, lines.len));
	for (size_t i = 0; i < ARRAY_COUNT(once); i++)
		must(lines_with(&lines, once[i]) == 1);
	size_t attendees = strcmp(event->method, "PUBLISH") != 0;
	size_t optional = (size_t)(*event->location != '\0') +
			  (size_t)(*event->description != '\0');

	must(lines_with(&lines, "ATTENDEE") == attendees);
	/* No value has begun a line. */
	must(lines_with(&lines, "") == 17 + attendees + optional);
	buf_release(&out);
	buf_release(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	char *v[VALUES];

	for (size_t i = 0; i < VALUES; i++)
		v[i] = fuzz_next(&in);

	struct ics_event event = {
		.method = "REQUEST", .uid = v[0], .sequence = (int64_t)size,
		.stamp = "2025-12-01T00:00:00Z",
		.start = "2025-12-03T13:30:00Z", .end = "2025-12-03T14:00:00Z",
		.summary = v[1], .location = v[2], .description = v[3],
		.organiser_name = v[4], .organiser_email = v[5],
		.attendee_name = v[6], .attendee_email = v[7],
	};

	check(&event);
	/* Good addresses, so that the texts are seen more often. */
	event.uid = "RK7F3M2Q@example.org";
	event.organiser_email = "o@example.org";
	event.attendee_email = "a+{b}@example.org";
	check(&event);
	event.method = "PUBLISH";
	event.start = v[5];
	check(&event);
	for (size_t i = 0; i < VALUES; i++)
		free(v[i]);
	return 0;
}
