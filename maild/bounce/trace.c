/* SPDX-License-Identifier: MIT */
/* Which of our mails a report is about: what in it leads back to one. */
#include "config.h"

#include "bounce/trace.h"

#include "base/fault.h"
#include "base/str.h"
#include "bounce/returnpath.h"

#include <string.h>
#include <strings.h>

#define ID_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789_.-"
#define PROOFS_MAX 64		/* addresses looked at; each costs a MAC */

/* ---- pieces of text ------------------------------------------------------ */

/* Copies the id at s if it is followed by one of ends, or by nothing; else
 * "". */
static bool id_copy(const char *s, const char *ends,
		    char id[ENVELOPE_ID_MAX + 1])
{
	size_t len = strspn(s, ID_CHARS);

	id[0] = '\0';
	if (len < 1 || len > ENVELOPE_ID_MAX ||
	    (s[len] && !strchr(ends, s[len])))
		return false;
	memcpy(id, s, len);
	id[len] = '\0';
	return true;
}

void trace_envid_read(const char *xtext, char id[ENVELOPE_ID_MAX + 1])
{
	char plain[ENVELOPE_ID_MAX + 1];
	size_t len = 0;

	id[0] = '\0';
	for (; *xtext && len < ENVELOPE_ID_MAX; xtext++) {
		uint8_t byte = (uint8_t)*xtext;

		if (byte == '+') {
			char hex[3] = { xtext[1], xtext[1] ? xtext[2] : '\0' };

			if (!str_unhex(&byte, 1, hex))
				return;
			xtext += 2;
		}
		plain[len++] = (char)byte;
	}
	plain[len] = '\0';
	if (!*xtext && strlen(plain) == len)
		(void)id_copy(plain, "", id);
}

/* Where the line after s begins; the end of the text if there is none. */
static const char *line_after(const char *s)
{
	const char *end = strchr(s, '\n');

	return end ? end + 1 : s + strlen(s);
}

/* What follows the header of the mail itself. */
static const char *body_of(const char *mail)
{
	while (*mail && *mail != '\n' && strncmp(mail, "\r\n", 2) != 0)
		mail = line_after(mail);
	return mail;
}

/*
 * The value of the first line of that name from s on, before end (NULL: of the
 * text), whatever quotes or indents it; NULL if there is none.  A value that
 * begins on the next line is found, too.
 */
static const char *line_find(const char *s, const char *end, const char *name)
{
	size_t len = strlen(name);
	const char *fold;

	for (; *s && (!end || s < end); s = line_after(s)) {
		const char *at = s + strspn(s, "> \t");

		if (strncasecmp(at, name, len) != 0 || at[len] != ':')
			continue;
		at += len + 1;
		at += strspn(at, " \t");
		fold = at + strspn(at, "\r\n");
		return *fold == ' ' || *fold == '\t'
		       ? fold + strspn(fold, " \t") : at;
	}
	return NULL;
}

/* ---- proofs -------------------------------------------------------------- */

static bool proof_find(const struct mailconf *conf, const char *mail,
		       char id[ENVELOPE_ID_MAX + 1])
{
	char name[256];
	size_t len = strcspn(conf->bounce_to, "@");
	int left = PROOFS_MAX;

	if (len == 0 || len + 2 > sizeof(name))
		return false;
	memcpy(name, conf->bounce_to, len);
	name[len++] = conf->bounce_delimiter[0];
	name[len] = '\0';
	while (left-- > 0 && (mail = strcasestr(mail, name))) {
		char address[RETURNPATH_MAX];
		size_t whole = strspn(mail + len, ID_CHARS "=");

		if (len + whole < sizeof(address)) {
			memcpy(address, mail, len + whole);
			address[len + whole] = '\0';
			if (returnpath_read(conf, address, id))
				return true;
		}
		mail += len;
	}
	return false;
}

/* ---- what anybody may have written --------------------------------------- */

/* "<id@domain>": 1 with our domain, 0 with another one, -1 if it has another
 * form. */
static int message_id_read(const char *value, const char *domain,
			   char id[ENVELOPE_ID_MAX + 1])
{
	size_t len = strlen(domain);
	const char *at;

	if (*value != '<' || !id_copy(value + 1, "@", id))
		return -1;
	at = value + 1 + strlen(id);
	if (*at != '@')
		return -1;
	return strncasecmp(at + 1, domain, len) == 0 && at[1 + len] == '>';
}

/* Looks at each line of that name.  The first id of ours goes into id ("" =
 * none); true if one is `claimed` with another domain. */
static bool message_ids_find(const struct mailconf *conf, const char *body,
			     const char *claimed, char id[ENVELOPE_ID_MAX + 1])
{
	bool foreign = false;
	char one[ENVELOPE_ID_MAX + 1];

	id[0] = '\0';
	while ((body = line_find(body, NULL, "Message-ID"))) {
		int ours = message_id_read(body, conf->message_domain, one);

		if (ours == 1 && !id[0])
			memcpy(id, one, sizeof(one));
		if (ours == 0 && strcmp(one, claimed) == 0)
			foreign = true;
		body = line_after(body);
	}
	return foreign;
}

/* What the report answers to. */
static void answered_find(const struct mailconf *conf, const char *mail,
			  const char *body, char id[ENVELOPE_ID_MAX + 1])
{
	static const char *const names[] = { "In-Reply-To", "References" };

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		const char *value = line_find(mail, body, names[i]);

		if (value && message_id_read(value, conf->message_domain,
					     id) == 1)
			return;
	}
	id[0] = '\0';
}

void trace_find(const struct mailconf *conf, const struct trace_clues *clues,
		struct trace *out)
{
	const char *mail = clues->mail;
	const char *envid = clues->envid;
	const char *body = body_of(mail);
	const char *header = line_find(body, NULL, "X-Reservoir-Id");
	char claimed[ENVELOPE_ID_MAX + 1] = "";
	char message_id[ENVELOPE_ID_MAX + 1];
	char answered[ENVELOPE_ID_MAX + 1];
	const struct {
		const char *by;
		const char *id;
	} rows[] = {
		{ "envelope-id", envid }, { "x-reservoir-id", claimed },
		{ "message-id", message_id }, { "in-reply-to", answered },
	};

	*out = (struct trace){ .by = "" };
	if (returnpath_read(conf, clues->recipient, out->id) ||
	    proof_find(conf, mail, out->id)) {
		out->by = "return-path";
		out->sure = true;
		return;
	}
	if (header)
		(void)id_copy(header, " \t\r\n", claimed);
	if (message_ids_find(conf, body, envid[0] ? envid : claimed,
			     message_id))
		return;
	answered_find(conf, mail, body, answered);
	for (size_t i = 0; i < ARRAY_COUNT(rows) && !out->id[0]; i++) {
		must(str_copy(out->id, sizeof(out->id), rows[i].id));
		out->by = out->id[0] ? rows[i].by : "";
	}
}
