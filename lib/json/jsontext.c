/* SPDX-License-Identifier: MIT */
/* Is a text JSON by the letter of RFC 8259, and if not, where not? */
#include "config.h"

#include "json/jsontext.h"

#include "base/fault.h"
#include "base/str.h"

#include <stdint.h>
#include <string.h>

struct scan {
	const char *at, *end;
	const char *what;	/* is wrong at `at`; NULL = nothing */
	uint64_t objects;	/* bit d: what is open at depth d is one */
	unsigned depth;
};

static bool wrong(struct scan *s, const char *what)
{
	s->what = s->at == s->end ? "the text ends too early" : what;
	return false;
}

/* The next byte; 0 at the end. */
static char peek(const struct scan *s)
{
	return s->at < s->end ? *s->at : '\0';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip_blanks(struct scan *s)
{
	while (s->at < s->end && *s->at && strchr(" \t\r\n", *s->at))
		s->at++;
}

static bool read_hex(struct scan *s)
{
	for (int i = 0; i < 4; i++, s->at++) {
		char c = peek(s);

		if (!is_digit(c) && !(c >= 'a' && c <= 'f') &&
		    !(c >= 'A' && c <= 'F'))
			return wrong(s, "four hexadecimal digits follow \\u");
	}
	return true;
}

static bool read_string(struct scan *s)
{
	s->at++;
	while (peek(s) != '"') {
		if ((unsigned char)peek(s) < 0x20)
			return wrong(s, "a control character in a text is "
				     "written \\n, \\t or \\u00XX");
		if (*s->at++ != '\\')
			continue;
		if (peek(s) == '\0' || !strchr("\"\\/bfnrtu", peek(s)))
			return wrong(s, "no such escape");
		if (*s->at++ == 'u' && !read_hex(s))
			return false;
	}
	s->at++;
	return true;
}

static bool read_digits(struct scan *s)
{
	if (!is_digit(peek(s)))
		return wrong(s, "a digit is missing");
	while (is_digit(peek(s)))
		s->at++;
	return true;
}

static bool read_number(struct scan *s)
{
	if (peek(s) == '-')
		s->at++;
	if (peek(s) == '0') {
		s->at++;
		if (is_digit(peek(s)))
			return wrong(s, "a number does not begin with 0");
	} else if (!read_digits(s)) {
		return false;
	}
	if (peek(s) == '.') {
		s->at++;
		if (!read_digits(s))
			return false;
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		s->at++;
		if (peek(s) == '+' || peek(s) == '-')
			s->at++;
		return read_digits(s);
	}
	return true;
}

static bool read_word(struct scan *s, const char *word)
{
	for (; *word; word++, s->at++)
		if (peek(s) != *word)
			return wrong(s, "a value is missing");
	return true;
}

/* A text, number or word; not what nests. */
static bool read_scalar(struct scan *s)
{
	switch (peek(s)) {
	case '"':
		return read_string(s);
	case 't':
		return read_word(s, "true");
	case 'f':
		return read_word(s, "false");
	case 'n':
		return read_word(s, "null");
	default:
		if (peek(s) == '-' || is_digit(peek(s)))
			return read_number(s);
		return wrong(s, "a value is missing");
	}
}

/* Name and colon before a member's value. */
static bool read_name(struct scan *s)
{
	skip_blanks(s);
	if (peek(s) != '"')
		return wrong(s, "a member's name in \" is missing");
	if (!read_string(s))
		return false;
	skip_blanks(s);
	if (peek(s) != ':')
		return wrong(s, "a colon is missing");
	s->at++;
	return true;
}

static bool is_object(const struct scan *s)
{
	return (s->objects >> (s->depth - 1)) & 1;
}

/* Enters the array or object that begins here.  *done: it is empty. */
static bool enter(struct scan *s, unsigned depth_max, bool *done)
{
	bool object = *s->at == '{';

	if (s->depth == depth_max)
		return wrong(s, "nested too deep");
	s->objects &= ~((uint64_t)1 << s->depth);
	s->objects |= (uint64_t)object << s->depth;
	s->depth++;
	s->at++;
	skip_blanks(s);
	*done = peek(s) == (object ? '}' : ']');
	if (*done) {
		s->at++;
		s->depth--;
		return true;
	}
	return object ? read_name(s) : true;
}

/* Behind a value: closes what ends here; *more: another value must follow. */
static bool leave(struct scan *s, bool *more)
{
	while (s->depth > 0) {
		skip_blanks(s);
		if (peek(s) == ',') {
			s->at++;
			*more = true;
			return is_object(s) ? read_name(s) : true;
		}
		if (peek(s) != (is_object(s) ? '}' : ']'))
			return wrong(s, is_object(s) ?
				     "a comma or } is missing" :
				     "a comma or ] is missing");
		s->at++;
		s->depth--;
	}
	*more = false;
	return true;
}

static bool read_all(struct scan *s, unsigned depth_max)
{
	bool more = true;

	while (more) {
		bool done = true;

		skip_blanks(s);
		if (peek(s) == '{' || peek(s) == '[') {
			if (!enter(s, depth_max, &done))
				return false;
		} else if (!read_scalar(s)) {
			return false;
		}
		if (done && !leave(s, &more))
			return false;
	}
	skip_blanks(s);
	if (s->at < s->end)
		return wrong(s, "nothing may follow");
	return true;
}

bool jsontext_check(const char *text, size_t len, unsigned depth_max,
		    struct jsontext_wrong *wrong)
{
	struct scan s = { .at = text, .end = text + len };

	must(depth_max <= JSONTEXT_DEPTH_MAX);
	s.at += str_utf8_span(text, len);
	if (s.at < s.end) {
		/* A NUL is UTF-8, but nowhere in JSON. */
		s.what = *s.at ? "this is not UTF-8" : "a NUL";
	} else {
		s.at = text;
		if (read_all(&s, depth_max))
			return true;
	}
	wrong->offset = (size_t)(s.at - text);
	wrong->what = s.what;
	return false;
}

void jsontext_place(const char *text, size_t offset, size_t *line_out,
		    size_t *column_out)
{
	*line_out = *column_out = 1;
	for (size_t i = 0; i < offset; i++) {
		if (text[i] == '\n') {
			++*line_out;
			*column_out = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			++*column_out;
		}
	}
}
