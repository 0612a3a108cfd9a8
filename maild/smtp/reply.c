/* SPDX-License-Identifier: MIT */
/* The replies of an SMTP server, out of the bytes that come from it. */
#include "config.h"

#include "smtp/reply.h"

#include <string.h>
#include <strings.h>

#define CODE_LEN 3
#define TEXT_AT 4		/* behind "250-" */

char *reply_room(struct reply *r, size_t *size)
{
	*size = sizeof(r->bytes) - r->have;
	return r->bytes + r->have;
}

void reply_next(struct reply *r)
{
	r->have -= r->lines;
	memmove(r->bytes, r->bytes + r->lines, r->have);
	r->lines = 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* len counts its end, at least the LF. */
static bool is_reply_line(const char *line, size_t len)
{
	return len > CODE_LEN && line[0] >= '2' && line[0] <= '5' &&
	       is_digit(line[1]) && is_digit(line[2]) &&
	       strchr("- \r\n", line[CODE_LEN]) && line[CODE_LEN] != '\0';
}

enum reply_state reply_look(struct reply *r, char **line, size_t *len)
{
	char *at = r->bytes + r->lines;
	const char *end = memchr(at, '\n', r->have - r->lines);

	if (!end)
		return r->have == sizeof(r->bytes) ? REPLY_LONG : REPLY_MORE;
	*line = at;
	*len = (size_t)(end + 1 - at);
	r->lines += *len;
	if (!is_reply_line(at, *len) ||
	    memcmp(at, r->bytes, CODE_LEN) != 0)	/* the first one's */
		return REPLY_BAD;
	return at[CODE_LEN] == '-' ? REPLY_LINE : REPLY_WHOLE;
}

int reply_code(const struct reply *r)
{
	return (r->bytes[0] - '0') * 100 + (r->bytes[1] - '0') * 10 +
	       r->bytes[2] - '0';
}

bool reply_has_more(const struct reply *r)
{
	return r->have > r->lines;
}

bool reply_is_bare(const struct reply *r)
{
	for (size_t i = CODE_LEN; i < r->lines; i++)
		if (!strchr(" \r\n", r->bytes[i]) || r->bytes[i] == '\0')
			return false;
	return true;
}

/* ---- what EHLO's answer offers ------------------------------------------- */

/* A word of a line, from *at on, or 0 if there is none; *at moves past it. */
static size_t next_word(const char **at, const char *end, const char **word)
{
	while (*at < end && strchr(" \t\r\n", **at) && **at != '\0')
		(*at)++;
	*word = *at;
	while (*at < end && (!strchr(" \t\r\n", **at) || **at == '\0'))
		(*at)++;
	return (size_t)(*at - *word);
}

static bool is_word(const char *word, size_t len, const char *wanted)
{
	return len == strlen(wanted) && strncasecmp(word, wanted, len) == 0;
}

/* The line after this one; the reply's end if there is none. */
static const char *next_line(const struct reply *r, const char *line)
{
	const char *end = r->bytes + r->lines;
	const char *lf = memchr(line, '\n', (size_t)(end - line));

	return lf ? lf + 1 : end;
}

bool reply_offers(const struct reply *r, const char *extension,
		  const char *wanted)
{
	const char *end = r->bytes + r->lines;
	const char *line = next_line(r, r->bytes);	/* the first greets */

	for (; line < end; line = next_line(r, line)) {
		const char *stop = next_line(r, line);
		const char *at = line + TEXT_AT;
		const char *word;
		size_t len;

		if (at >= stop)
			continue;
		len = next_word(&at, stop, &word);
		if (!is_word(word, len, extension))
			continue;
		if (!wanted)
			return true;
		while ((len = next_word(&at, stop, &word)) > 0)
			if (is_word(word, len, wanted))
				return true;
	}
	return false;
}

static bool is_of(const char *line, const char *stop,
		  const char *const *extensions)
{
	const char *at = line + TEXT_AT;
	const char *word;
	size_t len;

	if (at >= stop)
		return false;
	len = next_word(&at, stop, &word);
	for (; *extensions; extensions++)
		if (is_word(word, len, *extensions))
			return true;
	return false;
}

void reply_add_without(const struct reply *r, const char *const *extensions,
		       struct buf *out)
{
	const char *end = r->bytes + r->lines;
	size_t last = out->len;

	for (const char *line = r->bytes; line < end;) {
		const char *stop = next_line(r, line);

		if (line == r->bytes || !is_of(line, stop, extensions)) {
			last = out->len;
			buf_add(out, line, (size_t)(stop - line));
			if (stop - line > TEXT_AT)
				out->data[last + CODE_LEN] = '-';
		}
		line = stop;
	}
	/* Which one that is may have changed. */
	if (out->len - last > TEXT_AT)
		out->data[last + CODE_LEN] = ' ';
}
