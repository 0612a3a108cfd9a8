/* SPDX-License-Identifier: MIT */
/* Tests the calendar writer. */
#include "config.h"

#include "text/ics.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const struct ics_event good = {
	.method = "REQUEST",
	.uid = "RK7F3M2Q@example.fr",
	.stamp = "2025-11-20T09:12:44Z",
	.start = "2025-12-03T13:30:00Z",
	.end = "2025-12-03T14:00:00Z",
	.summary = "Consultation",
	.organiser_name = "Cabinet d'Été",
	.organiser_email = "rdv@example.fr",
	.attendee_name = "Zoé Martin",
	.attendee_email = "zoe@example.org",
};

static char *written(const struct ics_event *event)
{
	struct buf out = BUF_INIT;
	struct fault why = { 0 };

	if (ics_write(event, &out, &why) < 0)
		fail_msg("%s", why.text);
	return buf_detach(&out);
}

/* Takes the folds out, so that a line can be looked for. */
static void unfold(char *text)
{
	char *to = text;

	for (const char *from = text; *from;) {
		if (str_starts_with(from, "\r\n "))
			from += 3;
		else
			*to++ = *from++;
	}
	*to = '\0';
}

static void assert_line(const struct ics_event *event, const char *line)
{
	char *text = written(event);

	unfold(text);
	if (!strstr(text, line))
		fail_msg("no %s in\n%s", line, text);
	free(text);
}

static void a_booking_is_written_line_by_line(void **state)
{
	char *text = written(&good);

	(void)state;
	unfold(text);
	assert_string_equal(text,
		"BEGIN:VCALENDAR\r\n"
		"PRODID:-//Reservoir//maild//EN\r\n"
		"VERSION:2.0\r\n"
		"CALSCALE:GREGORIAN\r\n"
		"METHOD:REQUEST\r\n"
		"BEGIN:VEVENT\r\n"
		"UID:RK7F3M2Q@example.fr\r\n"
		"SEQUENCE:0\r\n"
		"DTSTAMP:20251120T091244Z\r\n"
		"DTSTART:20251203T133000Z\r\n"
		"DTEND:20251203T140000Z\r\n"
		"SUMMARY:Consultation\r\n"
		"ORGANIZER;CN=\"Cabinet d'Été\":mailto:rdv@example.fr\r\n"
		"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;"
		"PARTSTAT=ACCEPTED;RSVP=FALSE;CN=\"Zoé Martin\":"
		"mailto:zoe@example.org\r\n"
		"STATUS:CONFIRMED\r\n"
		"TRANSP:OPAQUE\r\n"
		"END:VEVENT\r\n"
		"END:VCALENDAR\r\n");
	free(text);
}

static void a_cancellation_says_so(void **state)
{
	struct ics_event event = good;

	(void)state;
	event.method = "CANCEL";
	event.sequence = 3;
	assert_line(&event, "\r\nMETHOD:CANCEL\r\n");
	assert_line(&event, "\r\nSTATUS:CANCELLED\r\n");
	assert_line(&event, "\r\nSEQUENCE:3\r\n");
}

static void texts_are_escaped_and_cannot_add_lines(void **state)
{
	struct ics_event event = good;

	(void)state;
	event.summary = "a,b;c\\d\nATTENDEE:x\r\ne\tf\rg";
	assert_line(&event, "SUMMARY:a\\,b\\;c\\\\d\\nATTENDEE:x\\ne f g\r\n");
	event.attendee_name = "Zoé \"Z\" <x>\r\nATTENDEE:mailto:a@b";
	assert_line(&event, ";CN=\"Zoé 'Z' <x>  ATTENDEE:mailto:a@b\":mailto:");
	event.attendee_name = "";
	assert_line(&event, "RSVP=FALSE:mailto:zoe@example.org\r\n");
	event.attendee_email = "a%b/c+d'e@example.org";
	assert_line(&event, "mailto:a%25b%2fc+d'e@example.org\r\n");
}

static void lines_fold_at_75_octets_between_characters(void **state)
{
	static const char *const units[] = { "a", "é", "€", "😀", "\n", ";" };

	(void)state;
	for (size_t u = 0; u < ARRAY_COUNT(units); u++) {
		for (size_t shift = 0; shift < 5; shift++) {
			struct buf summary = BUF_INIT;
			struct ics_event event = good;
			size_t longest = 0;
			char *text;

			for (size_t i = 0; i < shift + 1; i++)
				buf_addch(&summary, 'x');
			for (size_t i = 0; i < 200; i++)
				buf_addstr(&summary, units[u]);
			event.summary = summary.data;
			text = written(&event);
			for (char *line = text; *line;) {
				size_t len = strcspn(line, "\r");

				assert_true(str_is_utf8(line, len));
				if (len > longest)
					longest = len;
				assert_int_equal(line[len + 1], '\n');
				line += len + 2;
			}
			assert_in_range(longest, 72, 75);
			free(text);
			buf_release(&summary);
		}
	}
}

static void what_is_wrong_is_named_and_nothing_written(void **state)
{
	struct ics_event rows[14];
	static const char *const names[] = {
		"method", "method", "uid", "uid", "sequence", "stamp", "start",
		"start", "end", "end", "summary", "organiser", "attendee",
		"attendee" };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		rows[i] = good;
	rows[0].method = NULL;
	rows[1].method = "REQUEST\r\nX:";
	rows[2].uid = "";
	rows[3].uid = "a\r\nb";
	rows[4].sequence = -1;
	rows[5].stamp = "2025-11-20 09:12:44";
	rows[6].start = "2025-13-03T13:30:00Z";
	rows[7].start = "2025-12-03T13:30:00+";
	rows[8].end = good.start;
	rows[9].end = NULL;
	rows[10].summary = "\xff";
	rows[11].organiser_email = "nobody";
	rows[12].attendee_email = "a@b>\r\nX:y";
	rows[13].attendee_name = "\xc3";
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct buf out = BUF_INIT;
		struct fault why = { 0 };

		assert_int_equal(ics_write(&rows[i], &out, &why), -1);
		assert_int_equal(why.class, FAULT_REJECT);
		assert_int_equal(out.len, 0);
		if (!strstr(why.text, names[i]))
			fail_msg("row %zu: %s", i, why.text);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_booking_is_written_line_by_line),
		cmocka_unit_test(a_cancellation_says_so),
		cmocka_unit_test(texts_are_escaped_and_cannot_add_lines),
		cmocka_unit_test(lines_fold_at_75_octets_between_characters),
		cmocka_unit_test(what_is_wrong_is_named_and_nothing_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
