/* SPDX-License-Identifier: MIT */
/* The verdict on the mail of a session, and the words that go with it. */
#include "config.h"

#include "sender_impl.h"

#include "str.h"

#include <stdio.h>
#include <string.h>

/* The reply that decided on the mail, if the library has kept its text. */
static const smtp_status_t *find_status(const struct session *s,
					const struct outcome_signs *signs)
{
	int code = outcome_code(signs);
	const char *stage = outcome_stage(signs);
	const smtp_status_t *status;

	if (code == 0)
		return NULL;
	/* Not by the code: a refused RCPT and the DATA that was sent behind it
	 * may be refused by the same one. */
	if (strcmp(stage, "MAIL") == 0)
		status = smtp_reverse_path_status(s->message);
	else if (strcmp(stage, "RCPT") == 0)
		status = smtp_recipient_status(s->recipient);
	else
		status = smtp_message_transfer_status(s->message);
	return status->text && status->code == code ? status : NULL;
}

static void quote(const smtp_status_t *status, char *text, size_t size)
{
	char first[160];

	(void)snprintf(first, sizeof(first), "%s", status->text);
	first[strcspn(first, "\r\n")] = '\0';
	str_printable(first, sizeof(first), first);
	if (status->enh_class > 0)	/* RFC 3463 */
		(void)snprintf(text, size, "%d %d.%d.%d %.130s", status->code,
			       status->enh_class, status->enh_subject,
			       status->enh_detail, first);
	else
		(void)snprintf(text, size, "%d %.150s", status->code, first);
}

void session_explain(const struct session *s, char *text, size_t size)
{
	const struct talk *talk = &s->talk;
	char buffer[160];

	if (s->no_starttls)
		(void)str_copy(text, size, "the server offers no STARTTLS");
	else if (talk->stage == TALK_TLS && s->channel->tls)
		sender_tls_explain(s->channel->tls, text, size);
	else if (s->locked_out && talk->auth_code == 0)
		(void)str_copy(text, size, "the server offers neither AUTH "
			       "PLAIN nor AUTH LOGIN");
	else if (talk->code >= 400)
		(void)str_copy(text, size, talk->last);
	else if (talk->stage != TALK_CONNECT && talk->last[0] &&
		 talk->code == 0)
		(void)snprintf(text, size, "no SMTP reply: %.140s",
			       talk->last);
	else if (talk->stage != TALK_CONNECT)
		(void)snprintf(text, size, "no answer at %s",
			       talk_stage_name(talk->stage));
	else if (s->unreached[0])
		(void)str_copy(text, size, s->unreached);
	else if (smtp_strerror(smtp_errno(), buffer, sizeof(buffer)))
		(void)snprintf(text, size, "libesmtp got no connection: %.120s",
			       buffer);
	else
		(void)str_copy(text, size, "no connection");
}

struct outcome_signs session_signs(const struct session *s)
{
	struct outcome_signs signs = {
		.eof = s->eof, .fenced = s->fenced,
		.locked_out = s->locked_out &&
			      (s->talk.auth_code == 0 ||
			       sender_auth_is_refusal(s->talk.auth_code)),
	};

	if (!s->recipient)
		return signs;
	signs.mail = smtp_reverse_path_status(s->message)->code;
	signs.rcpt = smtp_recipient_status(s->recipient)->code;
	signs.message = smtp_message_transfer_status(s->message)->code;
	signs.complete = smtp_recipient_check_complete(s->recipient) != 0;
	return signs;
}

void session_judge(struct session *s, const struct outcome_signs *signs)
{
	struct sender_result result = {
		.outcome = outcome_classify(signs),
		.code = outcome_code(signs),
		.stage = outcome_stage(signs),
	};
	const smtp_status_t *status = find_status(s, signs);
	bool first = s->taken <= 1;

	if (s->judged)
		return;
	s->judged = true;
	if (signs->mail == 0 && s->talk.code >= 400)
		result.code = s->talk.code;
	if (signs->mail == 0) {
		result.stage = s->no_starttls ? "STARTTLS" :
			       s->locked_out ? "AUTH" :
			       talk_stage_name(s->talk.stage);
		result.too_many = first && result.code / 100 == 4 &&
				  s->talk.stage <= TALK_EHLO;
	}
	result.over = !first && result.outcome == OUTCOME_SITE &&
		      (signs->mail == 0 || signs->mail == 421);
	if (result.outcome == OUTCOME_UNCERTAIN)
		(void)str_copy(result.text, sizeof(result.text),
			       "no answer to the final dot");
	else if (status)
		quote(status, result.text, sizeof(result.text));
	else
		session_explain(s, result.text, sizeof(result.text));
	s->ops->done(s->user, &result);
}
