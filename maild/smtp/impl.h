/* SPDX-License-Identifier: MIT */
/* What the files of the sender share. */
#ifndef SMTP_IMPL_H
#define SMTP_IMPL_H

#include "settings/relayconf.h"
#include "smtp/dial.h"
#include "smtp/handover.h"
#include "smtp/sender.h"
#include "smtp/talk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One relay as the sender keeps it. */
struct channel {
	const struct relay_conf *conf;	/* borrowed */
	struct dial *dial;
	struct sender_tls *tls;		/* made with the first session */
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
	struct handover handover;
	int fd;				/* the connection; the library closes it
					   once it is connected */
	bool connected;
	char unreached[160];		/* why there is no connection */
	bool no_starttls;		/* the server offers none */
	bool locked_out;		/* AUTH failed: no mail may go */
	struct talk talk;
};

/* ---- a session's mail: message.c --------------------------------------- */

/* Adds the mail in s->mail to the session.  Returns 0, or -1. */
int session_add_message(struct session *s);

/* What the library shows of the mail in hand. */
struct outcome_signs session_signs(const struct session *s);

/* Why no reply decided: what the session itself met. */
void session_explain(const struct session *s, char *text, size_t size);

/* Tells the verdict, once a mail. */
void session_judge(struct session *s, const struct outcome_signs *signs);

/* ---- TLS: tls.c -------------------------------------------------------- */

/* How one relay's certificates are judged; one for each relay of a process. */
struct sender_tls;

/* Returns NULL with FAULT_CONFIG if the certificates cannot be read. */
struct sender_tls *sender_tls_new(const struct relay_conf *relay,
				  struct fault *why) MUST_USE;
void sender_tls_free(struct sender_tls *tls);

/* Hands the SSL_CTX to the session, which must not outlive it.  talk is
 * that of the session: what it saw decides, too.  0, or -1. */
int sender_tls_use(struct sender_tls *tls, smtp_session_t smtp,
		   const struct talk *talk);

/* The library matches names against DNS's canonical one; ours was checked in
 * the handshake.  ssl is an SSL *.  Is that certificate good? */
bool sender_tls_is_good(const struct sender_tls *tls, void *ssl);

/* What went wrong in the last handshake. */
void sender_tls_explain(const struct sender_tls *tls, char *text, size_t size);

#endif
