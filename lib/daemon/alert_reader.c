/* SPDX-License-Identifier: MIT */
/* Takes lines "key sentence" out of the bytes that come to a master. */
#include "config.h"

#include "daemon/alert_reader.h"

#include <string.h>

static bool are_all_in(const char *bytes, size_t len, unsigned char least,
		       unsigned char most)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)bytes[i] < least ||
		    (unsigned char)bytes[i] > most || bytes[i] == 0x7f)
			return false;
	return true;
}

static bool read_line(const char *line, size_t len, char key[ALERT_KEY_MAX],
		      char text[ALERT_TEXT_MAX])
{
	const char *blank = memchr(line, ' ', len);
	size_t word = blank ? (size_t)(blank - line) : 0;
	size_t rest = blank ? len - word - 1 : 0;

	if (word == 0 || word >= ALERT_KEY_MAX || rest >= ALERT_TEXT_MAX ||
	    !are_all_in(line, word, 0x21, 0x7e) ||
	    !are_all_in(blank + 1, rest, 0x20, 0xff))
		return false;
	memcpy(key, line, word);
	key[word] = '\0';
	memcpy(text, blank + 1, rest);
	text[rest] = '\0';
	return true;
}

int alert_reader_take(struct alert_reader *r, char key[ALERT_KEY_MAX],
		      char text[ALERT_TEXT_MAX])
{
	const char *end = memchr(r->bytes, '\n', r->len);
	size_t len = end ? (size_t)(end - r->bytes) : r->len;
	bool good = end && !r->skips && read_line(r->bytes, len, key, text);

	if (!end && r->len < sizeof(r->bytes))
		return 0;
	r->skips = !end;
	len += end != NULL;
	r->len -= len;
	memmove(r->bytes, r->bytes + len, r->len);
	return good ? 1 : -1;
}
