/* SPDX-License-Identifier: MIT */
/* What a mail server's refusal means. */
#include "config.h"

#include "answer.h"

#include "str.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool number_read(const char **at, int max, int *out)
{
	size_t len = strspn(*at, "0123456789");
	int value = 0;

	if (len == 0 || len > 3)
		return false;
	for (size_t i = 0; i < len; i++)
		value = value * 10 + ((*at)[i] - '0');
	if (value > max)
		return false;
	*out = value;
	*at += len;
	return true;
}

static bool enhanced_read(const char *at, struct answer_code *out)
{
	struct answer_code e = { .code = out->code };

	if (!number_read(&at, 5, &e.class) || e.class < 2 || e.class == 3 ||
	    *at++ != '.' || !number_read(&at, 999, &e.subject) ||
	    *at++ != '.' || !number_read(&at, 999, &e.detail) || *at == '.')
		return false;
	*out = e;
	return true;
}

struct answer_code answer_code_read(const char *reply)
{
	struct answer_code r = { 0 };

	while (*reply && !(isdigit((unsigned char)*reply) &&
			   strspn(reply, "0123456789") == 3)) {
		reply += strcspn(reply, " ");
		reply += strspn(reply, " ");
	}
	if (!number_read(&reply, 599, &r.code) || r.code < 200) {
		r.code = 0;
		return r;
	}
	for (; *reply; reply++)
		if (!isalnum((unsigned char)reply[0]) && reply[0] != '.' &&
		    isdigit((unsigned char)reply[1]) &&
		    enhanced_read(reply + 1, &r))
			break;
	return r;
}

struct answer answer_judge(const char *stage, const char *reply)
{
	struct answer_code c = answer_code_read(reply);

	if (c.code < 400)
		return (struct answer){ ANSWER_RELAY, "no-reply",
					ANSWER_MAILBOX_UNTOLD };
	if (str_contains_nocase(reply, "quota") &&
	    str_contains_nocase(reply, "daily"))
		return (struct answer){ ANSWER_QUOTA, "daily-limit",
					ANSWER_MAILBOX_UNTOLD };
	if (c.subject == 7 || c.code == 530 || c.code == 535)
		return (struct answer){ ANSWER_US, "sender-refused",
					ANSWER_MAILBOX_UNTOLD };
	if (c.code < 500)
		return (struct answer){ ANSWER_RECIPIENT_LATER, "temporary",
					ANSWER_MAILBOX_UNTOLD };
	if (stage && strcasecmp(stage, "dot") == 0)
		return (struct answer){ ANSWER_CONTENT, "refused-at-dot",
					ANSWER_MAILBOX_UNTOLD };
	return (struct answer){ ANSWER_RECIPIENT, "refused-before-dot",
				ANSWER_MAILBOX_NONE };
}

const char *answer_name(enum answer_verdict verdict)
{
	static const char *const names[] = {
		[ANSWER_RECIPIENT] = "recipient",
		[ANSWER_RECIPIENT_LATER] = "recipient-later",
		[ANSWER_CONTENT] = "content",
		[ANSWER_US] = "us",
		[ANSWER_QUOTA] = "quota",
		[ANSWER_TOO_FAST] = "too-fast",
		[ANSWER_RELAY] = "relay",
	};

	return names[verdict];
}

const char *answer_does(enum answer_verdict verdict)
{
	static const char *const does[] = {
		[ANSWER_RECIPIENT] = "ends this mail and tells who sent it",
		[ANSWER_RECIPIENT_LATER] =
			"tries this mail again later, one attempt less",
		[ANSWER_CONTENT] = "ends this mail, alerts if it repeats",
		[ANSWER_US] = "lets all mails of this relay wait, uncharged, "
			"and alerts",
		[ANSWER_QUOTA] = "lets the relay rest until it takes mail "
			"again, uncharged, and alerts",
		[ANSWER_TOO_FAST] = "sends slower, uncharged",
		[ANSWER_RELAY] = "leaves the relay alone for a while, "
			"uncharged",
	};

	return does[verdict];
}
