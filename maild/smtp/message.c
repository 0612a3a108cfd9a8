/* SPDX-License-Identifier: MIT */
/* The message of a session: its bytes, the dot gate, what is asked about it. */
#include "config.h"

#include "smtp/impl.h"

#include "base/ticks.h"

#include <errno.h>
#include <string.h>

#define PIECE_BYTES 16384	/* larger ones can be lost in a time-out */

/*
 * The dot gate.  libesmtp may ask for the end twice: the answer is kept.  With
 * errno set and no bytes it drops the connection before the dot.
 */
static const char *give_end(struct session *s, int *len)
{
	*len = 0;
	s->eof = !s->stalled && !s->locked_out;
	if (s->eof && !s->gated) {
		s->gated = true;
		stagewatch_end(&s->talk.watch, STAGE_BODY);
		s->fenced = s->ops->gate(s->user) == -1;
		if (!s->fenced)
			stagewatch_begin(&s->talk.watch, STAGE_DOT);
	}
	/* A stale errno would abort a good mail. */
	errno = s->fenced || s->stalled || s->locked_out ? ECANCELED : 0;
	return NULL;
}

static const char *give_message(void **ctx, int *len, void *arg)
{
	struct session *s = arg;
	int64_t now = ticks_ms();
	const char *piece;
	size_t left;

	(void)ctx;		/* freed by the library: never ours */
	if (!len) {		/* rewind */
		s->offset = 0;
		s->eof = false;
		s->piece_at_ms = 0;
		return NULL;
	}
	/* A write that timed out silently leaves a hole in the mail. */
	if (s->piece_at_ms != 0 &&
	    now - s->piece_at_ms >= s->sender->opts.transfer_ms * 9 / 10)
		s->stalled = true;
	s->piece_at_ms = now;
	left = s->mail.len - s->offset;
	if (left == 0 || s->stalled || s->locked_out)
		return give_end(s, len);
	piece = s->mail.bytes + s->offset;
	*len = left < PIECE_BYTES ? (int)left : PIECE_BYTES;
	s->offset += (size_t)*len;
	errno = 0;
	return piece;
}

/* Asks for reports on the mail's fate, which name it by its job. */
static int ask_for_reports(struct session *s)
{
	static const struct {
		const char *wish;
		int flags;
	} table[] = {
		{ "never", Notify_NEVER },
		{ "failure", Notify_FAILURE },
		{ "delay", Notify_FAILURE | Notify_DELAY },
		{ "all", Notify_SUCCESS | Notify_FAILURE | Notify_DELAY },
	};

	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		if (strcmp(s->channel->conf->dsn, table[i].wish) != 0)
			continue;
		/* Written only to a server that offers DSN. */
		return smtp_dsn_set_ret(s->message, Ret_HDRS) &&
		       smtp_dsn_set_envid(s->message, s->mail.envid) &&
		       smtp_dsn_set_notify(s->recipient, (enum notify_flags)
					   table[i].flags) ? 0 : -1;
	}
	return 0;
}

int session_add_message(struct session *s)
{
	s->message = smtp_add_message(s->smtp);
	if (!s->message)
		return -1;
	s->recipient = NULL;
	s->offset = 0;
	s->eof = s->gated = s->fenced = s->stalled = s->judged = false;
	s->piece_at_ms = 0;
	s->taken++;
	talk_forget(&s->talk);
	if (!smtp_set_reverse_path(s->message, s->mail.envelope_from) ||
	    !smtp_set_messagecb(s->message, give_message, s))
		return -1;
	s->recipient = smtp_add_recipient(s->message, s->mail.recipient);
	return s->recipient ? ask_for_reports(s) : -1;
}
