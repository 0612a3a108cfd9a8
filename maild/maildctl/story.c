/* SPDX-License-Identifier: MIT */
/* A job's story, as the queue keeps it: one line per attempt. */
#include "config.h"

#include "maildctl/story.h"

#include "base/str.h"

#include <ctype.h>
#include <string.h>

/* ms|verdict|worker|relay|stage|code|times|text */
#define FIELDS 8

static bool split(char *line, char *fields[FIELDS])
{
	for (int i = 0; i < FIELDS; i++) {
		char *bar = strchr(line, '|');

		fields[i] = line;
		if (i == FIELDS - 1)
			return true;	/* the text may hold bars */
		if (!bar)
			return false;
		*bar = '\0';
		line = bar + 1;
	}
	return false;
}

/* "host:pid:nonce:number" */
static void read_worker(char *name, struct ctl_attempt *out)
{
	char *number = strrchr(name, ':');
	size_t host = strcspn(name, ":");

	out->worker = "";
	if (number) {
		*number = '\0';
		out->worker = number + 1;
	}
	out->instance = name;
	if (host >= sizeof(out->host_room))
		host = sizeof(out->host_room) - 1;
	memcpy(out->host_room, name, host);
	out->host_room[host] = '\0';
	out->host = out->host_room;
}

bool ctl_story_next(char **rest, struct ctl_attempt *out)
{
	while (*rest) {
		char *line = *rest;
		char *end = strchr(line, '\n');
		char *fields[FIELDS];

		if (end)
			*end = '\0';
		*rest = end ? end + 1 : NULL;
		if (!split(line, fields) ||
		    !str_to_int(fields[0], 0, INT64_MAX, &out->at_ms) ||
		    !str_to_int(fields[6], 1, INT64_MAX, &out->times))
			continue;
		out->verdict = fields[1];
		read_worker(fields[2], out);
		out->relay = fields[3];
		out->stage = fields[4];
		out->code = fields[5];
		out->text = fields[7];
		return true;
	}
	return false;
}

/* Copies the word at s; true if it may be a name: it has a digit and is no
 * noise. */
static bool take_word(const char *s, char *out, size_t size)
{
	size_t len;
	bool digit = false;

	s += strspn(s, " <[(");
	len = strcspn(s, " ,;>])\t\r\n");
	while (len > 0 && s[len - 1] == '.')
		len--;
	if (len < 5 || len >= size)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (isdigit((unsigned char)s[i]))
			digit = true;
		else if (!isalnum((unsigned char)s[i]) &&
			 !strchr("-_.@+=/$", s[i]))
			return false;
	}
	if (!digit)
		return false;
	memcpy(out, s, len);
	out[len] = '\0';
	return true;
}

/* "2.0.0 ", "2.6.0 ": an enhanced status code at the beginning. */
static const char *after_status(const char *s)
{
	size_t len = strspn(s, "0123456789.");

	if (strspn(s, "0123456789") == 3 && (s[3] == ' ' || s[3] == '-'))
		s += 4;		/* the reply code itself */
	len = strspn(s, "0123456789.");
	if (len >= 5 && s[len] == ' ' && memchr(s, '.', len))
		s += len + 1;
	return s;
}

bool ctl_story_queue_id(const char *reply, char *out, size_t size)
{
	/* What comes before the name, the most telling first. */
	static const char *const before[] = {
		"queued as ", " id=", "queueid=", "queue id ", "message id ",
		"queued mail ",
	};
	const char *words = after_status(reply);

	for (size_t i = 0; i < ARRAY_COUNT(before); i++) {
		const char *found = strcasestr(words, before[i]);

		if (found &&
		    take_word(found + strlen(before[i]), out, size))
			return true;
	}
	/* Sendmail, OpenSMTPD: "<name> Message accepted for delivery";
	 * Exchange: "<name@host> [InternalId=...]"; then "Ok <name>". */
	if (take_word(words, out, size))
		return true;
	if (strncasecmp(words, "ok", 2) == 0 &&
	    take_word(words + 2 + strspn(words + 2, ": "), out, size))
		return true;
	out[0] = '\0';
	return false;
}
