/* SPDX-License-Identifier: MIT */
/* Bounces that are written only for people, in no standard form. */
#include "config.h"

#include "bounce/notice.h"

#include "base/str.h"
#include "bounce/fields.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LINE_MAX_BYTES 512

/* Who sends bounces, as a part of From. */
static const char *const daemons[] = {
	"mailer-daemon", "mailer_daemon", "mailerdaemon", "mail-daemon",
	"maildaemon", "mdaemon@", "postmaster", "mail delivery",
	"delivery subsystem", "system administrator", "mail administrator",
	"mail system", "smtp_mail_service",
};

/* A server that is still trying says so in such words; it still has the
 * mail. */
static const char *const delays[] = {
	"delivery delayed", "delayed mail", "message delayed", "(delay)",
	"delay notification", "is delayed", "been delayed", "delivery delay",
	"warning: could not send message",
	"this is a warning message only", "not yet been delivered",
	"not been delivered yet", "could not be delivered for the last",
	"will continue to be", "will be retried", "will keep trying",
	"still being retried", "still trying", "do not need to resend",
	"postponed", "continue to try", "attempts will continue",
	"don't need to resend", "n'a pas encore", "retard de remise",
	"verz\xc3\xb6gert",
};

/* ... unless it also says that it has given up. */
static const char *const ends[] = {
	"giving up", "gave up", "given up", "not going to try again",
	"will not be retried", "no further attempts", "permanent",
	"returned to sender", "returning message to sender",
};

/* A mail that came back, in a subject or a text. */
static const char *const returns[] = {
	"undeliver", "nondeliver", "non-deliver", "not deliver",
	"failure notice", "failure delivery", "delivery failure",
	"delivery failed", "delivery problem", "delivery error",
	"delivery has failed", "delivery status notification",
	"returned mail", "returning message to sender", "returned to sender",
	"mail failed", "failed mail", "failed to deliver", "mail error",
	"could not be delivered", "couldn't be delivered",
	"cannot be delivered", "can't be delivered", "can not be delivered",
	"could not deliver", "couldn't deliver", "unable to deliver",
	"was not delivered", "not been delivered", "did not reach",
	"couldn't reach", "wasn't able to deliver", "processing error",
	"rejected mail", "message could not be", "unknown user",
	"user unknown", "no such user", "user not found", "not a valid user",
	"no such mailbox", "mailbox is full", "over quota", "quota exceeded",
	"address(es) failed", "addresses had permanent fatal errors",
	"pas \xc3\xa9t\xc3\xa9 remis", "pas pu \xc3\xaatre remis",
	"pas pu \xc3\xaatre distribu\xc3\xa9", "non remis",
	"chec de la remise", "unzustellbar", "nicht zugestellt",
	"zustellung fehlgeschlagen", "no se ha podido entregar",
	"mancata consegna",
};

/* How subjects begin where a program answers in a person's place. */
static const char *const absences[] = {
	"automatic reply", "auto reply", "autoreply", "auto-reply", "auto:",
	"auto response", "autoresponse", "out of office", "out of the office",
	"r\xc3\xa9ponse automatique", "absence du bureau", "message d'absence",
	"abwesenheit", "automatische antwort", "vacation",
};

static bool has_one(const char *text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_contains_nocase(text, words[i]))
			return true;
	return false;
}
#define HAS_ONE(text, words) has_one((text), (words), ARRAY_COUNT(words))

static bool is_absence(const struct notice *n)
{
	for (size_t i = 0; i < ARRAY_COUNT(absences); i++)
		if (strncasecmp(n->subject, absences[i],
				strlen(absences[i])) == 0)
			return true;
	return false;
}

bool notice_is_reply(const struct notice *n)
{
	static const char *const lots[] = { "bulk", "junk", "auto_reply",
					    "list" };

	if (*n->auto_submitted && strncasecmp(n->auto_submitted, "no", 2) != 0)
		return true;
	for (size_t i = 0; i < ARRAY_COUNT(lots); i++)
		if (strcasecmp(n->precedence, lots[i]) == 0)
			return true;
	return n->is_marked || is_absence(n);
}

/* Bounces and absence notes both come from the empty address, so that they
 * never loop, and say that a program wrote them: what counts then is that the
 * sender is not a person. */
static bool is_from_a_system(const struct notice *n)
{
	if (n->names_failed || n->is_report)
		return true;
	if (is_absence(n))
		return false;
	if (strcmp(n->from, "<>") == 0 || HAS_ONE(n->from, daemons))
		return true;
	return !notice_is_reply(n) && (strcmp(n->return_path, "<>") == 0 ||
				       HAS_ONE(n->subject, returns));
}

/* "550 5.1.1 ...", or "550 ..." in the usual place of a reply: at the
 * beginning, or after ":" or "<<<". */
static bool is_reply_code(const char *line, const char *s)
{
	const char *before = s;

	if (!isdigit((unsigned char)s[1]) || !isdigit((unsigned char)s[2]) ||
	    (s[3] != ' ' && s[3] != '-'))
		return false;
	while (before > line && before[-1] == ' ')
		before--;
	return before == line || strchr(":<", before[-1]) ||
	       status_class(s + 4);
}

/* Where a reply or status of 4 or 5 begins in a line, or NULL. */
static const char *code_find(const char *line)
{
	for (const char *s = line; *s; s++)
		if ((*s == '4' || *s == '5') &&
		    (s == line || strchr(" \t:(<#", s[-1])) &&
		    (is_reply_code(line, s) || status_class(s)))
			return s;
	return NULL;
}

/* Copies the first such line from its code on; "" if there is none. */
static void words_find(const char *text, char *words, size_t size)
{
	words[0] = '\0';
	while (*text && !words[0]) {
		size_t len = strcspn(text, "\r\n");
		char line[LINE_MAX_BYTES];
		const char *code;

		(void)snprintf(line, sizeof(line), "%.*s", (int)len, text);
		code = code_find(str_trim(line));
		if (code)
			(void)snprintf(words, size, "%s", code);
		text += len;
		text += strspn(text, "\r\n");
	}
}

enum queue_fate notice_judge(const struct notice *n, char *words, size_t size)
{
	bool returned = n->names_failed || HAS_ONE(n->subject, returns) ||
			HAS_ONE(n->text, returns);
	bool delayed = HAS_ONE(n->subject, delays) || HAS_ONE(n->text, delays);

	words[0] = '\0';
	if (!is_from_a_system(n))
		return QUEUE_FATE_NONE;
	words_find(n->text, words, size);
	if (!returned && !delayed)
		return words[0] == '5' ? QUEUE_FATE_RETURNED : QUEUE_FATE_NONE;
	return delayed && !n->names_failed && !HAS_ONE(n->text, ends)
	       ? QUEUE_FATE_DELAYED : QUEUE_FATE_RETURNED;
}
