/* SPDX-License-Identifier: MIT */
/* Writes JSON as text, without a tree. */
#include "config.h"

#include "json/write.h"

#include "base/str.h"

#include <string.h>

#define ESCAPED_MAX 6	/* \u001f */

/* What a byte is escaped by: 0 stands for itself, 'u' is written in hex. */
static const char escapes[256] = {
	['"'] = '"', ['\\'] = '\\',
	[0x00] = 'u', [0x01] = 'u', [0x02] = 'u', [0x03] = 'u', [0x04] = 'u',
	[0x05] = 'u', [0x06] = 'u', [0x07] = 'u', ['\b'] = 'b', ['\t'] = 't',
	['\n'] = 'n', [0x0b] = 'u', ['\f'] = 'f', ['\r'] = 'r', [0x0e] = 'u',
	[0x0f] = 'u', [0x10] = 'u', [0x11] = 'u', [0x12] = 'u', [0x13] = 'u',
	[0x14] = 'u', [0x15] = 'u', [0x16] = 'u', [0x17] = 'u', [0x18] = 'u',
	[0x19] = 'u', [0x1a] = 'u', [0x1b] = 'u', [0x1c] = 'u', [0x1d] = 'u',
	[0x1e] = 'u', [0x1f] = 'u',
};

static char *escape(char *at, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	*at++ = '\\';
	*at++ = escapes[byte];
	if (escapes[byte] != 'u')
		return at;
	*at++ = '0';
	*at++ = '0';
	*at++ = digits[byte >> 4];
	*at++ = digits[byte & 15];
	return at;
}

/* Not 0 if one of eight bytes must be escaped. */
static uint64_t special_in_8(const char *text)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t x, quote, backslash;

	memcpy(&x, text, sizeof(x));
	quote = x ^ ones * '"';
	backslash = x ^ ones * '\\';
	/* What is too small borrows its high bit; bytes of UTF-8 have it. */
	return (((x - ones * ' ') & ~x) | ((quote - ones) & ~quote) |
		((backslash - ones) & ~backslash)) & ones * 0x80;
}

/* Copies a text in quotes to where there is room for it; returns its end. */
static char *copy_string(char *at, const char *text, size_t len)
{
	size_t i = 0;

	*at++ = '"';
	while (i < len) {
		size_t n = 1;

		if (len - i >= 8 && special_in_8(text + i) == 0)
			n = 8;
		else if (escapes[(unsigned char)text[i]] != 0) {
			at = escape(at, (unsigned char)text[i++]);
			continue;
		}
		memcpy(at, text + i, n);
		at += n;
		i += n;
	}
	*at++ = '"';
	return at;
}

/*
 * Adds what stands before a value (a comma unless it is the first, its name),
 * and leaves room for more bytes.  Returns where they go.
 */
static char *add_name(struct buf *to, const char *name, size_t more)
{
	char last = to->len > 0 ? to->data[to->len - 1] : '[';
	size_t len = name != NULL ? strlen(name) : 0;

	buf_reserve(to, len * ESCAPED_MAX + 4 + more);

	char *at = to->data + to->len;

	if (last != '{' && last != '[')
		*at++ = ',';
	if (name != NULL) {
		at = copy_string(at, name, len);
		*at++ = ':';
	}
	return at;
}

static void end_at(struct buf *to, char *at)
{
	*at = '\0';
	to->len = (size_t)(at - to->data);
}

/* Adds a value that is written as it stands. */
static void add_plain(struct buf *to, const char *name, const char *value,
		      size_t len)
{
	char *at = add_name(to, name, len);

	memcpy(at, value, len);
	end_at(to, at + len);
}

void write_object(struct buf *to, const char *name)
{
	add_plain(to, name, "{", 1);
}

void write_object_end(struct buf *to)
{
	buf_addch(to, '}');
}

void write_list(struct buf *to, const char *name)
{
	add_plain(to, name, "[", 1);
}

void write_list_end(struct buf *to)
{
	buf_addch(to, ']');
}

void write_text(struct buf *to, const char *name, const char *text)
{
	size_t len = strlen(text);
	char *at = add_name(to, name, len * ESCAPED_MAX + 2);

	end_at(to, copy_string(at, text, len));
}

void write_int(struct buf *to, const char *name, int64_t value)
{
	char text[STR_INT_SIZE];

	add_plain(to, name, text, str_int(text, value));
}

void write_flag(struct buf *to, const char *name, bool value)
{
	write_json(to, name, value ? "true" : "false");
}

void write_json(struct buf *to, const char *name, const char *json)
{
	add_plain(to, name, json, strlen(json));
}
