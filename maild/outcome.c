/* SPDX-License-Identifier: MIT */
/* What the SMTP replies to one mail mean. */
#include "config.h"

#include "outcome.h"

static bool is_good(int code)
{
	return code >= 200 && code < 300;
}

static bool is_refusal(int code)
{
	return code >= 400 && code < 600;
}

/* 421 speaks of the connection, not of the mail (RFC 5321 section 3.8). */
static bool is_closing(int code)
{
	return code == 421;
}

static enum outcome of_recipient(int code)
{
	if (is_closing(code))
		return OUTCOME_SITE;
	return code < 500 ? OUTCOME_TEMPORARY : OUTCOME_PERMANENT;
}

/*
 * The library's return value and any single code lie in some cases (a refused
 * DATA behind a refused RCPT, a shifted reply stream): the order below is that
 * of the measured table, row by row in tests/unit/t_outcome.c.
 */
enum outcome outcome_classify(const struct outcome_signs *s)
{
	if (s->complete && is_good(s->message) && s->eof)
		return OUTCOME_SENT;
	if (s->fenced)
		return OUTCOME_FENCED;
	if (s->locked_out)
		return OUTCOME_CONFIG;
	if (s->mail == 0)
		return OUTCOME_SITE;
	if (is_refusal(s->mail))
		return s->mail < 500 ? OUTCOME_SITE : OUTCOME_CONFIG;
	if (is_refusal(s->rcpt))
		return of_recipient(s->rcpt);
	if (is_refusal(s->message))
		return of_recipient(s->message);
	if (!s->eof)
		return OUTCOME_SITE;
	return OUTCOME_UNCERTAIN;
}

const char *outcome_stage(const struct outcome_signs *s)
{
	if (s->mail == 0)
		return "connect";
	if (!is_good(s->mail))
		return "MAIL";
	if (!is_good(s->rcpt))
		return "RCPT";
	return s->eof ? "dot" : "DATA";
}

int outcome_code(const struct outcome_signs *s)
{
	if (!is_good(s->mail))
		return s->mail;
	if (!is_good(s->rcpt))
		return s->rcpt;
	return s->message;
}

const char *outcome_name(enum outcome outcome)
{
	static const char *const names[] = {
		[OUTCOME_SENT] = "sent",
		[OUTCOME_SITE] = "site",
		[OUTCOME_CONFIG] = "config",
		[OUTCOME_TEMPORARY] = "temporary",
		[OUTCOME_PERMANENT] = "permanent",
		[OUTCOME_UNCERTAIN] = "uncertain",
		[OUTCOME_FENCED] = "fenced",
	};

	return names[outcome];
}
