/* SPDX-License-Identifier: MIT */
/* Writes events as iCalendar. */
#include "config.h"

#include "text/ics.h"

#include "base/str.h"
#include "queue/envelope.h"

#include <stdbool.h>

#define LINE_MAX_OCTETS 75	/* RFC 5545 section 3.1, without the CRLF */

/* One content line being written; it folds itself. */
struct line {
	struct buf *out;
	size_t used;		/* octets of the current physical line */
};

/* Number of octets of the character at s in well-formed UTF-8. */
static size_t char_len(const char *s)
{
	unsigned char c = (unsigned char)*s;

	return c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static void line_add(struct line *l, const char *bytes, size_t len)
{
	if (l->used + len > LINE_MAX_OCTETS) {
		buf_addstr(l->out, "\r\n ");
		l->used = 1;
	}
	buf_add(l->out, bytes, len);
	l->used += len;
}

/* Names, values and punctuation that are ASCII and need no escape. */
static void line_plain(struct line *l, const char *text)
{
	for (; *text; text++)
		line_add(l, text, 1);
}

static void line_end(struct line *l)
{
	buf_addstr(l->out, "\r\n");
	l->used = 0;
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* A value of type TEXT (section 3.3.11). */
static void line_text(struct line *l, const char *text)
{
	for (; *text; text += char_len(text)) {
		if (text[0] == '\r' && text[1] == '\n')
			continue;
		if (*text == '\n')
			line_add(l, "\\n", 2);
		else if (is_control(*text))
			line_add(l, " ", 1);
		else if (*text == ',' || *text == ';' || *text == '\\')
			line_add(l, (const char[]){ '\\', *text }, 2);
		else
			line_add(l, text, char_len(text));
	}
}

static void plain_line(struct buf *out, const char *name, const char *value)
{
	struct line l = { .out = out };

	line_plain(&l, name);
	line_plain(&l, ":");
	line_plain(&l, value);
	line_end(&l);
}

static void text_line(struct buf *out, const char *name, const char *text)
{
	struct line l = { .out = out };

	if (!text || !*text)
		return;
	line_plain(&l, name);
	line_plain(&l, ":");
	line_text(&l, text);
	line_end(&l);
}

/* A checked instant in the basic form: 20251203T133000Z. */
static void instant_line(struct buf *out, const char *name, const char *at)
{
	char basic[17];
	size_t n = 0;

	for (; *at && n < sizeof(basic) - 1; at++)
		if (*at != '-' && *at != ':')
			basic[n++] = *at;
	basic[n] = '\0';
	plain_line(out, name, basic);
}

/* ORGANIZER and ATTENDEE: a quoted name, which has no way to hold a quote. */
static void person_line(struct buf *out, const char *head, const char *name,
			const char *email)
{
	struct line l = { .out = out };

	line_plain(&l, head);
	if (name && *name) {
		line_plain(&l, ";CN=\"");
		for (; *name; name += char_len(name)) {
			if (*name == '"')
				line_add(&l, "'", 1);
			else if (is_control(*name))
				line_add(&l, " ", 1);
			else
				line_add(&l, name, char_len(name));
		}
		line_plain(&l, "\"");
	}
	line_plain(&l, ":mailto:");
	for (; *email; email++) {
		char hex[3];

		if (!strchr("%/?#&=`{|}^", *email)) {
			line_add(&l, email, 1);
			continue;
		}
		str_hex(hex, (const uint8_t *)email, 1);
		line_plain(&l, "%");
		line_plain(&l, hex);
	}
	line_end(&l);
}

/* ---- checks -------------------------------------------------------------- */

static bool is_instant(const char *s)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	static const struct {
		unsigned at;
		int min;
		int max;
	} numbers[] = { { 5, 1, 12 }, { 8, 1, 31 }, { 11, 0, 23 },
			{ 14, 0, 59 }, { 17, 0, 60 } };

	if (!s || strlen(s) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < sizeof(form) - 1; i++) {
		bool digit = s[i] >= '0' && s[i] <= '9';

		if (form[i] == 'd' ? !digit : s[i] != form[i])
			return false;
	}
	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
		const char *d = s + numbers[i].at;
		int n = (d[0] - '0') * 10 + (d[1] - '0');

		if (n < numbers[i].min || n > numbers[i].max)
			return false;
	}
	return true;
}

static bool is_word(const char *s)
{
	if (!s || !*s)
		return false;
	for (; *s; s++)
		if (*s <= ' ' || *s > '~')
			return false;
	return true;
}

static bool is_method(const char *s)
{
	return s && (strcmp(s, "REQUEST") == 0 || strcmp(s, "CANCEL") == 0 ||
		     strcmp(s, "PUBLISH") == 0);
}

static bool is_text(const char *s)
{
	return !s || str_is_utf8(s, strlen(s));
}

/* What every event has; NULL if it is right. */
static const char *first_wrong(const struct ics_event *e)
{
	if (!is_word(e->uid))
		return "uid";
	if (e->sequence < 0 || e->sequence > INT32_MAX)
		return "sequence";
	if (!is_instant(e->stamp))
		return "stamp";
	if (!is_instant(e->start))
		return "start";
	if (!is_instant(e->end) || strcmp(e->end, e->start) <= 0)
		return "end";
	if (!e->summary || !*e->summary || !is_text(e->summary))
		return "summary";
	if (!is_text(e->location))
		return "location";
	if (!is_text(e->description))
		return "description";
	return NULL;
}

static const char *first_wrong_person(const struct ics_event *e)
{
	if (!e->organiser_email ||
	    !envelope_address_is_plain(e->organiser_email) ||
	    !is_text(e->organiser_name))
		return "organiser";
	if (strcmp(e->method, "PUBLISH") == 0)
		return NULL;
	if (!e->attendee_email ||
	    !envelope_address_is_plain(e->attendee_email) ||
	    !is_text(e->attendee_name))
		return "attendee";
	return NULL;
}

static int wrong_say(const char *wrong, struct fault *why)
{
	return fault_set(why, FAULT_REJECT, "calendar: %s is wrong", wrong);
}

/* ---- events ------------------------------------------------------------- */

static void calendar_begin(struct buf *out)
{
	buf_addstr(out, "BEGIN:VCALENDAR\r\n"
			"PRODID:-//Reservoir//maild//EN\r\n"
			"VERSION:2.0\r\n"
			"CALSCALE:GREGORIAN\r\n");
}

static void event_begin(const struct ics_event *e, struct buf *out)
{
	buf_addstr(out, "BEGIN:VEVENT\r\n");
	plain_line(out, "UID", e->uid);
	buf_addf(out, "SEQUENCE:%d\r\n", (int)e->sequence);
	instant_line(out, "DTSTAMP", e->stamp);
	instant_line(out, "DTSTART", e->start);
	instant_line(out, "DTEND", e->end);
	text_line(out, "SUMMARY", e->summary);
	text_line(out, "LOCATION", e->location);
	text_line(out, "DESCRIPTION", e->description);
}

static void event_end(bool cancelled, struct buf *out)
{
	plain_line(out, "STATUS", cancelled ? "CANCELLED" : "CONFIRMED");
	buf_addstr(out, "TRANSP:OPAQUE\r\n"
			"END:VEVENT\r\n");
}

int ics_write(const struct ics_event *e, struct buf *out, struct fault *why)
{
	const char *wrong = is_method(e->method) ? first_wrong(e) : "method";

	if (!wrong)
		wrong = first_wrong_person(e);
	if (wrong)
		return wrong_say(wrong, why);
	calendar_begin(out);
	plain_line(out, "METHOD", e->method);
	event_begin(e, out);
	person_line(out, "ORGANIZER", e->organiser_name, e->organiser_email);
	if (strcmp(e->method, "PUBLISH") != 0)
		person_line(out, "ATTENDEE;CUTYPE=INDIVIDUAL;"
				 "ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;"
				 "RSVP=FALSE",
			    e->attendee_name, e->attendee_email);
	event_end(strcmp(e->method, "CANCEL") == 0, out);
	buf_addstr(out, "END:VCALENDAR\r\n");
	return 0;
}

/* ---- many events -------------------------------------------------------- */

void ics_feed_begin(const char *name, int refresh_min, struct buf *out)
{
	calendar_begin(out);
	/* RFC 7986, and what programs knew before it. */
	text_line(out, "NAME", name);
	text_line(out, "X-WR-CALNAME", name);
	buf_addf(out, "REFRESH-INTERVAL;VALUE=DURATION:PT%dM\r\n"
		      "X-PUBLISHED-TTL:PT%dM\r\n", refresh_min, refresh_min);
}

int ics_feed_add(const struct ics_event *e, struct buf *out, struct fault *why)
{
	const char *wrong = first_wrong(e);

	if (wrong)
		return wrong_say(wrong, why);
	event_begin(e, out);
	event_end(false, out);
	return 0;
}

void ics_feed_end(struct buf *out)
{
	buf_addstr(out, "END:VCALENDAR\r\n");
}
