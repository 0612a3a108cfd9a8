/* SPDX-License-Identifier: MIT */
/* Headers and bodies of mails, encoded by GMime. */
#include "config.h"

#include "compose/mime.h"

#include "base/fault.h"
#include "base/str.h"
#include "base/utext.h"
#include "queue/envelope.h"

#include <gmime/gmime.h>

#include <stdbool.h>

#define TEXT_MAX_BYTES 384	/* of a header, before it is encoded */
#define LINE_MAX_BYTES 76
#define WORD_MAX_BYTES 52	/* framed 64: fits behind "Reply-To: " */
#define WORD_OPEN "=?UTF-8?Q?"
#define WORD_CLOSE "?" "="

void mime_init(void)
{
	g_mime_init();
}

/* ---- headers ------------------------------------------------------------- */

/* Length of the character at s if it is well-formed and no control, or 0. */
static size_t good_char(const char *s, size_t left)
{
	unsigned char c = (unsigned char)*s;
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	char one[5];

	if (len > left)
		return 0;
	memcpy(one, s, len);
	one[len] = '\0';
	return utext_has_invisible(one) ? 0 : len;
}

/*
 * Copies what a header may contain into clean (TEXT_MAX_BYTES + 1); a row of
 * blanks becomes one, and those at the ends go.
 */
static void text_clean(char *clean, const char *text)
{
	size_t left = strlen(text);
	size_t used = 0;

	while (left > 0) {
		size_t len = good_char(text, left);
		size_t step = len ? len : 1;

		if (used + step > TEXT_MAX_BYTES)
			break;
		if (len == 0 || *text == ' ') {
			if (used > 0 && clean[used - 1] != ' ')
				clean[used++] = ' ';
		} else {
			memcpy(clean + used, text, len);
			used += len;
		}
		text += step;
		left -= step;
	}
	while (used > 0 && clean[used - 1] == ' ')
		used--;
	clean[used] = '\0';
}

/* True if text must be written as encoded words: it is not ASCII, would be read
 * as an encoded word, or has a word too long to fold, even in quotes. */
static bool needs_encoding(const char *text)
{
	size_t word = 0;

	if (strstr(text, "=?"))
		return true;
	for (; *text; text++) {
		word = *text == ' ' ? 0 :
			word + (*text == '"' || *text == '\\' ? 2 : 1);
		if ((unsigned char)*text >= 0x80 || word > WORD_MAX_BYTES)
			return true;
	}
	return false;
}

/* Begins a new line if width more bytes and a blank do not fit; adds the blank.
 * line is where the current line starts. */
static void fold(struct buf *out, size_t *line, size_t width)
{
	if (out->len - *line + 1 + width > LINE_MAX_BYTES) {
		buf_addstr(out, "\r\n");
		*line = out->len;
	}
	buf_addch(out, ' ');
}

static void words_add(struct buf *out, size_t *line, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, " ");

		fold(out, line, len);
		buf_add(out, text, len);
		text += len + (text[len] == ' ');
	}
}

/* One character in the Q encoding, as strict as a phrase wants it. */
static size_t q_char(char q[12], const char *text, size_t *len_out)
{
	size_t len = good_char(text, 4);

	*len_out = len;
	if (*text == ' ') {
		q[0] = '_';
		return 1;
	}
	if (len == 1 && (g_ascii_isalnum(*text) || strchr("!*+-/", *text))) {
		q[0] = *text;
		return 1;
	}
	for (size_t i = 0; i < len; i++) {
		static const char hex[] = "0123456789ABCDEF";
		unsigned char c = (unsigned char)text[i];

		q[3 * i] = '=';
		q[3 * i + 1] = hex[c >> 4];
		q[3 * i + 2] = hex[c & 15];
	}
	return 3 * len;
}

/*
 * Encoded words of RFC 2047, broken between characters.  GMime's encoder
 * (3.2.13) lets "=?" in the text through, names other character sets and writes
 * words longer than 75 bytes.
 */
static void encoded_add(struct buf *out, size_t *line, const char *text)
{
	while (*text) {
		char word[WORD_MAX_BYTES];
		char q[12];
		size_t used = 0;
		size_t len;

		while (*text) {
			size_t width = q_char(q, text, &len);

			if (used + width > sizeof(word))
				break;
			memcpy(word + used, q, width);
			used += width;
			text += len;
		}
		fold(out, line, used + strlen(WORD_OPEN WORD_CLOSE));
		buf_addstr(out, WORD_OPEN);
		buf_add(out, word, used);
		buf_addstr(out, WORD_CLOSE);
	}
}

void mime_header_text(struct buf *out, const char *name, const char *text)
{
	char clean[TEXT_MAX_BYTES + 1];
	size_t line = out->len;

	text_clean(clean, text);
	buf_addstr(out, name);
	buf_addch(out, ':');
	if (needs_encoding(clean))
		encoded_add(out, &line, clean);
	else
		words_add(out, &line, clean);
	buf_addstr(out, "\r\n");
}

/* A person's name as words, quoted if it is more than letters and digits. */
static void person_add(struct buf *out, size_t *line, const char *name)
{
	char quoted[2 * TEXT_MAX_BYTES + 3];
	size_t used = 0;
	bool simple = true;

	quoted[used++] = '"';
	for (const char *s = name; *s; s++) {
		simple = simple && (g_ascii_isalnum(*s) || *s == ' ');
		if (*s == '"' || *s == '\\')
			quoted[used++] = '\\';
		quoted[used++] = *s;
	}
	quoted[used++] = '"';
	quoted[used] = '\0';
	words_add(out, line, simple ? name : quoted);
}

void mime_header_mailbox(struct buf *out, const char *name,
			 const char *person, const char *address)
{
	char clean[TEXT_MAX_BYTES + 1];
	size_t line = out->len;

	must(envelope_address_is_plain(address));
	text_clean(clean, person);
	buf_addstr(out, name);
	buf_addch(out, ':');
	if (needs_encoding(clean))
		encoded_add(out, &line, clean);
	else if (*clean)
		person_add(out, &line, clean);
	if (*clean) {
		fold(out, &line, strlen(address) + 2);
		buf_addf(out, "<%s>\r\n", address);
	} else {
		buf_addf(out, " %s\r\n", address);
	}
}

void mime_header_date(struct buf *out, int64_t at_ms)
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu",
					 "Fri", "Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May",
					    "Jun", "Jul", "Aug", "Sep", "Oct",
					    "Nov", "Dec" };
	time_t at_s = (time_t)(at_ms / 1000);
	struct tm tm;

	must(gmtime_r(&at_s, &tm));
	buf_addf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n",
		 days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
		 tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* ---- bodies -------------------------------------------------------------- */

/* Turns each LF of out, from byte start on, into CRLF; a line at a time, from
 * the end, so that nothing is overwritten before it is moved. */
static void line_ends_widen(struct buf *out, size_t start)
{
	size_t extra = 0;
	size_t end = out->len;		/* of what has not been moved yet */
	char *data;

	for (const char *p = out->data + start;
	     (p = memchr(p, '\n', (size_t)(out->data + end - p))); p++)
		extra++;
	buf_reserve(out, extra);
	data = out->data;
	data[out->len + extra] = '\0';
	out->len += extra;
	while (extra > 0) {
		char *lf = memrchr(data + start, '\n', end - start);
		size_t at = (size_t)(lf - data);

		memmove(data + at + extra, lf, end - at);
		data[at + --extra] = '\r';
		end = at;
	}
}

#define SOFT_AT 75		/* with the "=" of a soft line break: 76 */

/* How many of s may stand for themselves? */
static size_t plain_run(const char *s, size_t max)
{
	static const bool plain[256] = {
		['\t'] = true, [' ' ... '<'] = true, ['>' ... '~'] = true,
	};
	size_t n = 0;

	while (n < max && plain[(unsigned char)s[n]])
		n++;
	return n;
}

/* Encodes a line, of which the last byte is no blank, at o.  Returns where it
 * ends there. */
static char *line_encode(char *o, const char *s, size_t len)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t column = 0;

	while (len > 0) {
		size_t room = SOFT_AT - column;
		size_t run = plain_run(s, len < room ? len : room);

		memcpy(o, s, run);
		o += run;
		s += run;
		len -= run;
		column += run;
		if (len == 0)
			break;
		if (run == room || column + 3 > SOFT_AT) {
			memcpy(o, "=\r\n", 3);
			o += 3;
			column = 0;
			continue;
		}
		*o++ = '=';
		*o++ = hex[(unsigned char)*s >> 4];
		*o++ = hex[(unsigned char)*s & 15];
		s++;
		len--;
		column += 3;
	}
	return o;
}

/* Bytes of the line that are kept: not the blanks at its end, which get lost on
 * the way, nor the CR of a CRLF. */
static size_t line_kept(const char *s, size_t len, bool has_lf)
{
	if (has_lf && len > 0 && s[len - 1] == '\r')
		len--;
	while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t'))
		len--;
	return len;
}

void mime_body_quoted(struct buf *out, const char *text, size_t len)
{
	do {
		const char *lf = memchr(text, '\n', len);
		size_t line = lf ? (size_t)(lf - text) : len;
		size_t kept = line_kept(text, line, lf != NULL);
		char *o;

		/* Three bytes for each, a soft break for each 73 of them. */
		buf_reserve(out, 4 * kept + 16);
		o = line_encode(out->data + out->len, text, kept);
		/* "-- " begins a signature. */
		if (kept == 2 && line > 2 && memcmp(text, "-- ", 3) == 0 &&
		    (line == 3 || text[3] == '\r')) {
			memcpy(o, "=20", 3);
			o += 3;
		}
		memcpy(o, "\r\n", 3);
		out->len = (size_t)(o + 2 - out->data);
		line += lf != NULL;
		text += line;
		len -= line;
	} while (len > 0);
}

void mime_body_base64(struct buf *out, const char *bytes, size_t len)
{
	GMimeEncoding state;
	size_t start = out->len;
	size_t room = GMIME_BASE64_ENCODE_LEN(len);

	g_mime_encoding_init_encode(&state, GMIME_CONTENT_ENCODING_BASE64);
	buf_reserve(out, room);
	out->len += g_mime_encoding_flush(&state, bytes, len,
					  out->data + out->len);
	must(out->len - start <= room);
	if (out->len == start || out->data[out->len - 1] != '\n') {
		buf_reserve(out, 1);
		out->data[out->len++] = '\n';
	}
	line_ends_widen(out, start);
}
