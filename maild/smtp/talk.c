/* SPDX-License-Identifier: MIT */
/* Follows what the two sides of an SMTP session say. */
#include "config.h"

#include "smtp/talk.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void talk_connected(struct talk *t, enum stage first)
{
	*t = (struct talk){
		.stage = first, .show = t->show,
		.show_arg = t->show_arg, .watch = t->watch,
	};
	stagewatch_end(&t->watch, STAGE_CONNECT);
	stagewatch_begin(&t->watch, first);
}

void talk_secured(struct talk *t)
{
	stagewatch_end(&t->watch, STAGE_TLS);
	if (t->last[0])		/* it greeted before STARTTLS */
		return;
	t->stage = STAGE_GREETING;
	stagewatch_begin(&t->watch, STAGE_GREETING);
}

void talk_forget(struct talk *t)
{
	t->code = 0;
	t->last[0] = t->reply[0] = '\0';
	t->begun = false;
}

static void show(const struct talk *t, const char *who, const char *line)
{
	char whole[TALK_LINE_MAX + 8];
	char clean[TALK_LINE_MAX + 8];

	if (!t->show)
		return;
	(void)snprintf(whole, sizeof(whole), "%s%s", who, line);
	t->show(t->show_arg, str_printable(clean, sizeof(clean), whole));
}

static int code_of(const char *line)
{
	int code = 0;

	for (int i = 0; i < 3; i++) {
		if (line[i] < '0' || line[i] > '9')
			return 0;
		code = code * 10 + (line[i] - '0');
	}
	return code;
}

/* A whole answer came: whose is it, and what begins with it? */
static void time_answer(struct talk *t)
{
	int stage;

	/* Half of a log-in: the question goes on. */
	if (t->logging_in && t->code / 100 == 3)
		return;
	stage = stagewatch_answer(&t->watch);
	if (stage == STAGE_STARTTLS && t->code == 220)
		stagewatch_begin(&t->watch, STAGE_TLS);
	else if (stage == STAGE_DATA && t->code == 354)
		stagewatch_begin(&t->watch, STAGE_BODY);
}

/* Adds the line to what was said: the telling words are often not in the last
 * one. */
static void keep(struct talk *t)
{
	size_t len = t->begun ? strlen(t->reply) : 0;
	char clean[TALK_LINE_MAX];

	(void)snprintf(t->reply + len, sizeof(t->reply) - len, "%s%s",
		       len > 0 ? "\n" : "",
		       str_printable(clean, sizeof(clean), t->line));
}

/* EHLO's answer says how to log in (RFC 4954 section 4). */
static void keep_ways(struct talk *t)
{
	const char *at = t->line + sizeof("250-AUTH ") - 1;
	size_t len = 0;

	/* Behind a bare "250" is what was left of an earlier line. */
	if (t->stage != STAGE_EHLO || strncmp(t->line, "250", 3) != 0 ||
	    t->line[3] == '\0' || strncasecmp(t->line + 4, "AUTH ", 5) != 0)
		return;
	t->ways[0] = '\0';
	while (len < sizeof(t->ways)) {
		size_t n;

		at += strspn(at, " ");
		n = strcspn(at, " ");
		if (n == 0)
			break;
		len += (size_t)snprintf(t->ways + len, sizeof(t->ways) - len,
					"%s%.*s", len > 0 ? ", " : "", (int)n,
					at);
		at += n;
	}
	str_printable(t->ways, sizeof(t->ways), t->ways);
}

/* A whole line of the server. */
static void heard(struct talk *t)
{
	int code = code_of(t->line);

	show(t, "S: ", t->line);
	if (t->quitting)
		return;
	str_printable(t->last, sizeof(t->last), t->line);
	keep(t);
	keep_ways(t);
	t->begun = code == 0 || t->line[3] == '-';
	if (t->begun)
		return;		/* more lines follow */
	t->code = code;
	time_answer(t);
	if (t->stage == STAGE_STARTTLS && code == 220)
		t->stage = STAGE_TLS;
	if (t->logging_in && code >= 400) {
		t->logging_in = false;
		t->auth_code = code;
	} else if (t->logging_in && code < 300) {
		t->logging_in = false;
		t->logged_in = true;
		t->auth_code = 0;
	}
}

/*
 * bytes[end] ends the line; its beginning may have come in an earlier piece.
 * If all of the keyword did, it is too late, and the mail goes in chunks.
 */
static void hide_chunking(struct talk *t, char *bytes, size_t end)
{
	static const char offer[] = "CHUNKING";
	const size_t code = sizeof("250-") - 1;
	size_t earlier;

	if (t->stage != STAGE_EHLO || t->len < code + sizeof(offer) - 1 ||
	    strncasecmp(t->line + code, offer, sizeof(offer) - 1) != 0)
		return;
	earlier = t->len > end ? t->len - end : 0;
	if (earlier < code)
		bytes[end - t->len + code] = 'X';
	else if (end > 0)
		bytes[0] = 'X';
}

void talk_read(struct talk *t, char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] != '\n') {
			/* A NUL would hide what follows from people. */
			if (t->len < sizeof(t->line) - 1)
				t->line[t->len++] = bytes[i] ? bytes[i] : '?';
			continue;
		}
		hide_chunking(t, bytes, i);
		if (t->len > 0 && t->line[t->len - 1] == '\r')
			t->len--;
		t->line[t->len] = '\0';
		heard(t);
		t->len = 0;
	}
}

static bool is_command(const char *line, const char *verb)
{
	return strncasecmp(line, verb, strlen(verb)) == 0;
}

static void time_question(struct talk *t, const char *line)
{
	static const struct {
		const char *verb;
		int stage;
	} table[] = {
		{ "EHLO", STAGE_EHLO }, { "HELO", STAGE_EHLO },
		{ "STARTTLS", STAGE_STARTTLS }, { "AUTH ", STAGE_AUTH },
		{ "MAIL FROM:", STAGE_MAIL }, { "RCPT TO:", STAGE_RCPT },
		{ "DATA", STAGE_DATA }, { "RSET", STAGEWATCH_OTHER },
	};

	stagewatch_end(&t->watch, STAGE_TLS);
	/* A mail in chunks: what follows may be lines of the mail. */
	if (is_command(line, "BDAT "))
		stagewatch_forget(&t->watch);
	for (size_t i = 0; i < ARRAY_COUNT(table); i++)
		if (is_command(line, table[i].verb))
			stagewatch_begin(&t->watch, table[i].stage);
}

/* A whole line of ours. */
static void said(struct talk *t, const char *line)
{
	char shown[64];

	if (t->logging_in) {
		show(t, "C: ", "[redacted]");
		return;
	}
	time_question(t, line);
	/* After the first MAIL a line may also be part of a mail (BDAT). */
	if (t->stage != STAGE_MAIL && is_command(line, "AUTH ")) {
		t->stage = STAGE_AUTH;
		t->logging_in = true;
		(void)snprintf(shown, sizeof(shown), "AUTH %.*s [redacted]",
			       (int)strcspn(line + 5, " "), line + 5);
		show(t, "C: ", shown);
		return;
	}
	show(t, "C: ", line);
	if (is_command(line, "QUIT"))
		t->quitting = true;
	else if (t->stage == STAGE_MAIL)
		return;
	else if (is_command(line, "EHLO") || is_command(line, "HELO"))
		t->stage = STAGE_EHLO;
	else if (is_command(line, "STARTTLS"))
		t->stage = STAGE_STARTTLS;
	else if (is_command(line, "MAIL FROM:"))
		t->stage = STAGE_MAIL;
}

/* Takes the next line off the bytes; one that is too long is cut. */
static void next_line(const char **bytes, size_t *len, char line[TALK_LINE_MAX])
{
	const char *end = memchr(*bytes, '\n', *len);
	size_t n = end ? (size_t)(end - *bytes) + 1 : *len;
	size_t keep = n;

	while (keep > 0 && ((*bytes)[keep - 1] == '\n' ||
			    (*bytes)[keep - 1] == '\r'))
		keep--;
	if (keep >= TALK_LINE_MAX)
		keep = TALK_LINE_MAX - 1;
	memcpy(line, *bytes, keep);
	line[keep] = '\0';
	*bytes += n;
	*len -= n;
}

bool talk_is_mail(const char *bytes, size_t len)
{
	char line[TALK_LINE_MAX];

	while (len > 0) {
		next_line(&bytes, &len, line);
		if (is_command(line, "MAIL FROM:"))
			return true;
	}
	return false;
}

void talk_wrote(struct talk *t, const char *bytes, size_t len)
{
	char line[TALK_LINE_MAX];

	while (len > 0) {
		next_line(&bytes, &len, line);
		said(t, line);
	}
}
