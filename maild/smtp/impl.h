/* SPDX-License-Identifier: MIT */
/* What the files of the sender share. */
#ifndef SMTP_IMPL_H
#define SMTP_IMPL_H

#include "settings/relayconf.h"
#include "smtp/dial.h"
#include "smtp/handover.h"
#include "smtp/sasl.h"
#include "smtp/sender.h"
#include "smtp/talk.h"
#include "smtp/tls.h"
#include "smtp/tunnel.h"
#include "smtp/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One relay as the sender keeps it. */
struct channel {
	const struct relay_conf *conf;	/* borrowed */
	struct dial *dial;
	struct sender_tls *tls;		/* made with the first session */
	struct sasl sasl;		/* mechanism NULL = the library's own */
};

struct sender {
	struct sender_opts opts;
	char *hello_name;
	struct channel *channels;	/* opts.relays->count */
};

/* One session with one of the relay's addresses, on sender_run()'s stack. */
struct session {
	struct sender *sender;
	struct channel *channel;
	const struct sender_ops *ops;
	smtp_session_t smtp;
	auth_context_t auth;		/* NULL = no log-in */

	struct sender_mail mail;	/* in hand */
	smtp_message_t message;
	smtp_recipient_t recipient;
	size_t offset;			/* bytes of it given to the library */
	bool eof;			/* its end was given */
	bool gated;			/* the gate was asked */
	bool fenced;			/* and refused */
	bool stalled;			/* given up: the body may have a hole */
	bool judged;			/* done() was called for it */
	int64_t piece_at_ms;		/* when the last piece was given */

	int taken;			/* mails so far */
	int64_t until_ms;		/* no new mail after this */
	struct wire wire;		/* the connection, until it is given to
					   the library or a tunnel */
	struct tunnel *tunnel;		/* NULL = the library has it itself */
	struct handover handover;
	int fd;				/* the library's, which closes it once
					   it has it; -1 = none yet */
	bool given;			/* it has it */
	size_t known;			/* bytes that it is still to read, and
					   that talk was told of before */
	bool greets;			/* its EHLO, which was said before, is
					   still to come */
	bool connected;
	char words[160];		/* why there is no session, "" = as talk
					   says */
	bool no_starttls;		/* the server offers none */
	bool unproven;			/* its certificate is not good */
	bool locked_out;		/* AUTH failed: no mail may go */
	bool no_thread;			/* this host has no thread for a
					   tunnel */
	bool second;			/* the one before said "again" */
	bool again;			/* another session may do better at
					   once */
	struct talk talk;
};

/* ---- a session's mail: message.c --------------------------------------- */

/* Adds the mail in s->mail to the session.  Returns 0, or -1. */
int session_add_message(struct session *s);

/* What the library reveals about the mail in hand. */
struct outcome_signs session_signs(const struct session *s);

/* Why no reply decided: what the session itself met. */
void session_explain(const struct session *s, char *text, size_t size);

/* Tells the verdict, once a mail. */
void session_judge(struct session *s, const struct outcome_signs *signs);

#endif
