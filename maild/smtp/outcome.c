/* SPDX-License-Identifier: MIT */
/* What the SMTP replies to one mail mean. */
#include "config.h"

#include "smtp/outcome.h"

#include "smtpreply/answer.h"

#include <stdio.h>
#include <string.h>

static bool is_good(int code)
{
	return code >= 200 && code < 300;
}

static bool is_refusal(int code)
{
	return code >= 400 && code < 600;
}

static enum outcome outcome_of(enum answer_verdict verdict)
{
	static const enum outcome outcomes[ANSWER_COUNT] = {
		[ANSWER_RECIPIENT] = OUTCOME_RECIPIENT,
		[ANSWER_RECIPIENT_LATER] = OUTCOME_RECIPIENT_LATER,
		[ANSWER_CONTENT] = OUTCOME_CONTENT,
		[ANSWER_US] = OUTCOME_US,
		[ANSWER_QUOTA] = OUTCOME_QUOTA,
		[ANSWER_TOO_FAST] = OUTCOME_TOO_FAST,
		[ANSWER_RELAY] = OUTCOME_RELAY,
	};

	return outcomes[verdict];
}

/*
 * No recipient has been named yet, and before MAIL there is no message either:
 * what sounds like a verdict on one is about the session.  So is 421, unless
 * the words say otherwise (RFC 5321, 3.8).
 */
static enum outcome of_session(enum outcome outcome, const char *stage,
			       int code)
{
	bool mail = strcmp(stage, "MAIL") == 0;
	bool ours = mail || strcmp(stage, "AUTH") == 0;

	switch (outcome) {
	case OUTCOME_RECIPIENT:
		return ours && code >= 500 ? OUTCOME_US : OUTCOME_RELAY;
	case OUTCOME_CONTENT:
		return mail ? OUTCOME_CONTENT :
		       ours && code >= 500 ? OUTCOME_US : OUTCOME_RELAY;
	case OUTCOME_RECIPIENT_LATER:
		return OUTCOME_RELAY;
	default:
		return outcome;
	}
}

static struct outcome_verdict of_answer(const struct outcome_signs *s)
{
	const char *stage = outcome_stage(s);
	const char *reply = s->reply;
	int code = outcome_code(s);
	char bare[16];
	struct answer answer;
	struct outcome_verdict v;

	if (!reply || reply[0] == '\0') {
		(void)snprintf(bare, sizeof(bare), "%d", code);
		reply = bare;
	}
	answer = answer_judge(stage, reply, s->recipient);
	v = (struct outcome_verdict){
		.outcome = outcome_of(answer.verdict), .rule = answer.rule,
		.guessed = answer.guessed,
	};
	if (strcmp(stage, "RCPT") != 0 && strcmp(stage, "DATA") != 0 &&
	    strcmp(stage, "dot") != 0)
		v.outcome = of_session(v.outcome, stage, code);
	if (code == 421 && v.guessed && v.outcome == OUTCOME_RECIPIENT_LATER)
		v.outcome = OUTCOME_RELAY;
	return v;
}

static struct outcome_verdict plain(enum outcome outcome)
{
	return (struct outcome_verdict){ .outcome = outcome, .rule = "" };
}

/*
 * The library's return value, and any single code, are wrong in some cases (a
 * refused DATA after a refused RCPT, replies that are off by one): the order
 * below is that of the measured table, row by row in
 * tests/unit/smtp/t_outcome.c.
 */
struct outcome_verdict outcome_judge(const struct outcome_signs *s)
{
	if (s->complete && is_good(s->message) && s->eof)
		return plain(OUTCOME_SENT);
	if (s->fenced)
		return plain(OUTCOME_FENCED);
	if (s->locked_out)
		return plain(OUTCOME_US);
	if (s->mail == 0)
		return s->reply && s->reply[0] ? of_answer(s)
					       : plain(OUTCOME_RELAY);
	if (is_refusal(s->mail) || is_refusal(s->rcpt) ||
	    is_refusal(s->message))
		return of_answer(s);
	if (!s->eof)
		return plain(OUTCOME_RELAY);
	return plain(OUTCOME_UNCERTAIN);
}

const char *outcome_stage(const struct outcome_signs *s)
{
	if (s->mail == 0)
		return s->stage ? s->stage : "connect";
	if (!is_good(s->mail))
		return "MAIL";
	if (!is_good(s->rcpt))
		return "RCPT";
	return s->eof ? "dot" : "DATA";
}

int outcome_code(const struct outcome_signs *s)
{
	if (s->mail == 0 && s->reply)
		return answer_code_read(s->reply).code;
	if (!is_good(s->mail))
		return s->mail;
	if (!is_good(s->rcpt))
		return s->rcpt;
	return s->message;
}

const char *outcome_name(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_SENT:
		return "sent";
	case OUTCOME_UNCERTAIN:
		return "uncertain";
	case OUTCOME_FENCED:
		return "fenced";
	default:
		break;
	}
	for (int i = 0; i < ANSWER_COUNT; i++)
		if (outcome_of((enum answer_verdict)i) == outcome)
			return answer_name((enum answer_verdict)i);
	return "?";
}
