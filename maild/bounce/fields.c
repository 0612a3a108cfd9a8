/* SPDX-License-Identifier: MIT */
/* The machine-readable parts of reports: header fields in blocks. */
#include "config.h"

#include "bounce/fields.h"

#include "base/str.h"
#include "bounce/trace.h"
#include "smtpreply/answer.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- fields -------------------------------------------------------------- */

/* Cuts the next line off, without its end. */
static size_t line_next(const char **text, const char **line)
{
	const char *end = strchr(*text, '\n');
	size_t len = end ? (size_t)(end - *text) : strlen(*text);

	*line = *text;
	*text += len + (end != NULL);
	if (len > 0 && (*line)[len - 1] == '\r')
		len--;
	return len;
}

/* A row of blanks becomes one, those at the ends go. */
static void value_add(struct field *f, const char *s, size_t len)
{
	size_t used = strlen(f->value);

	for (; len > 0 && used < sizeof(f->value) - 1; s++, len--) {
		bool blank = isspace((unsigned char)*s);

		if (!blank)
			f->value[used++] = *s;
		else if (used > 0 && f->value[used - 1] != ' ')
			f->value[used++] = ' ';
	}
	f->value[used] = '\0';
}

/* "Name: value" of a line; false if it is none. */
static bool field_begin(const char *line, size_t len, struct field *f)
{
	const char *colon = memchr(line, ':', len);
	size_t name = colon ? (size_t)(colon - line) : 0;

	while (name > 0 && line[name - 1] == ' ')
		name--;
	if (name == 0 || name >= sizeof(f->name))
		return false;
	for (size_t i = 0; i < name; i++) {
		if (!isgraph((unsigned char)line[i]))
			return false;
		f->name[i] = (char)tolower((unsigned char)line[i]);
	}
	f->name[name] = '\0';
	f->value[0] = '\0';
	value_add(f, colon + 1, len - (size_t)(colon + 1 - line));
	return true;
}

bool field_next(const char **text, struct field *f)
{
	const char *line;
	size_t len;

	do {
		if (!**text)
			return false;
		len = line_next(text, &line);
		f->name[0] = '\0';
		f->value[0] = '\0';
		if (len == 0)
			return true;
	} while (!field_begin(line, len, f));
	while (**text == ' ' || **text == '\t') {
		len = line_next(text, &line);
		value_add(f, line, len);
	}
	len = strlen(f->value);
	if (len > 0 && f->value[len - 1] == ' ')
		f->value[len - 1] = '\0';
	return true;
}

/* ---- delivery status ----------------------------------------------------- */

int status_class(const char *text)
{
	const char *s = text + 1;

	if (!text[0] || !strchr("245", text[0]))
		return 0;
	for (int i = 0; i < 2; i++) {
		size_t digits = *s == '.' ? strspn(s + 1, "0123456789") : 0;

		if (digits < 1 || digits > 3)
			return 0;
		s += 1 + digits;
	}
	/* Not a network address, nor a date or a name. */
	return isalnum((unsigned char)*s) || *s == '-' ||
	       (*s == '.' && isalnum((unsigned char)s[1])) ? 0 : text[0] - '0';
}

/* What was read of one recipient. */
struct block {
	char action[16];
	char status[16];
	char words[FIELD_MAX];
};

static bool action_fate(const char *action, enum queue_fate *out)
{
	static const struct {
		const char *word;
		enum queue_fate fate;
	} rows[] = {
		{ "failed", QUEUE_FATE_RETURNED },
		{ "failure", QUEUE_FATE_RETURNED },
		{ "expired", QUEUE_FATE_RETURNED },
		{ "delayed", QUEUE_FATE_DELAYED },
		{ "delivered", QUEUE_FATE_DELIVERED },
		{ "relayed", QUEUE_FATE_NONE },
		{ "expanded", QUEUE_FATE_NONE },
	};
	size_t len = strspn(action, "abcdefghijklmnopqrstuvwxyz");

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (strlen(rows[i].word) == len &&
		    strncmp(action, rows[i].word, len) == 0) {
			*out = rows[i].fate;
			return true;
		}
	return false;
}

/* The action counts: a mail that was given up after days of 4.4.1 has come
 * back.  Only if there is none must the status do. */
static bool block_fate(const struct block *b, enum queue_fate *out)
{
	if (action_fate(b->action, out))
		return true;
	switch (status_class(b->status)) {
	case 2:
		*out = QUEUE_FATE_DELIVERED;
		return true;
	case 4:
		*out = QUEUE_FATE_DELAYED;
		return true;
	case 5:
		*out = QUEUE_FATE_RETURNED;
		return true;
	default:
		return false;
	}
}

/* The reply in "smtp; 550 5.1.1 no such user", and in what Postfix writes about
 * another server: "x-postfix; host mx.example said: 550 ...". */
static const char *words_of(const char *diagnostic)
{
	size_t type = strcspn(diagnostic, "; ");
	const char *said = strstr(diagnostic, " said: ");

	if (said && isdigit((unsigned char)said[7]))
		return said + 7;
	if (diagnostic[type] != ';')
		return diagnostic;
	diagnostic += type + 1;
	return diagnostic + strspn(diagnostic, " ");
}

static void block_text(const struct block *b, char *out, size_t size)
{
	const char *words = words_of(b->words);

	/* Next to a reply without a status, one is only the reporter's guess,
	 * but better than no number at all. */
	if (answer_code_read(words).code || status_class(words) ||
	    !b->status[0])
		(void)snprintf(out, size, "%s", words);
	else
		(void)snprintf(out, size, "%s%s%s", b->status,
			       *words ? " " : "", words);
}

/* A recipient's block has ended. */
static void block_end(struct block *b, struct said *out)
{
	enum queue_fate fate;

	if (block_fate(b, &fate)) {
		if (!out->understood ||
		    queue_fate_weight(fate, true) >
		    queue_fate_weight(out->fate, true)) {
			out->fate = fate;
			block_text(b, out->text, sizeof(out->text));
		}
		out->understood = true;
	}
	*b = (struct block){ .action = "" };
}

/* The first word in small letters; the rest is a comment. */
static void word_copy(char *out, size_t size, const char *value)
{
	size_t i = 0;

	for (; value[i] && value[i] != ' ' && i < size - 1; i++)
		out[i] = (char)tolower((unsigned char)value[i]);
	out[i] = '\0';
}

void fields_status_read(const char *text, struct said *out)
{
	struct block b = { .action = "" };
	struct field f;

	*out = (struct said){ .fate = QUEUE_FATE_NONE };
	while (field_next(&text, &f)) {
		if (f.name[0] == '\0')
			block_end(&b, out);
		else if (strcmp(f.name, "action") == 0)
			word_copy(b.action, sizeof(b.action), f.value);
		else if (strcmp(f.name, "status") == 0)
			word_copy(b.status, sizeof(b.status), f.value);
		else if (strcmp(f.name, "diagnostic-code") == 0)
			(void)str_copy(b.words, sizeof(b.words), f.value);
		else if (strcmp(f.name, "original-envelope-id") == 0)
			trace_envid_read(f.value, out->envid);
	}
	block_end(&b, out);
}

/* ---- complaints ---------------------------------------------------------- */

void fields_feedback_read(const char *text, struct said *out)
{
	/* RFC 5965, 7.3; opt-out was registered before, and is still sent. */
	static const char *const complaints[] = {
		"abuse", "fraud", "virus", "other", "opt-out", "opt-out-list",
		"miscategorized",
	};
	struct field f;

	*out = (struct said){ .fate = QUEUE_FATE_NONE };
	while (field_next(&text, &f)) {
		if (strcmp(f.name, "original-envelope-id") == 0)
			trace_envid_read(f.value, out->envid);
		if (strcmp(f.name, "feedback-type") != 0)
			continue;
		out->understood = true;
		for (size_t i = 0; i < ARRAY_COUNT(complaints); i++)
			if (strcasecmp(f.value, complaints[i]) == 0)
				out->fate = QUEUE_FATE_COMPLAINED;
	}
}
