/* SPDX-License-Identifier: MIT */
/*
 * SMTP sessions: the only file that knows libesmtp.
 *
 * One call is one session.  It stays open from mail to mail by adding the next
 * message inside the event that follows the 250 (the only keep-alive that the
 * library has); nothing is prefetched, one mail is in flight.
 */
#ifndef SENDER_H
#define SENDER_H

#include "compiler.h"
#include "fault.h"
#include "outcome.h"

#include <stddef.h>
#include <stdint.h>

struct sender;

struct sender_opts {		/* copied by sender_new() */
	const char *host;
	int port;
	const char *hello_name;	/* what EHLO says, "" = this host's name */
	int64_t connect_ms;	/* connect() and DNS: only the master's
				   deadline ends these */
	int64_t greeting_ms;	/* wait for the 220, and for EHLO's answer */
	int64_t envelope_ms;	/* for MAIL, RCPT and DATA */
	int64_t transfer_ms;	/* between two pieces of the body */
	int64_t final_ms;	/* for the answer to the dot; RFC 5321 section
				   4.5.3.2.6 asks for 10 minutes */
	int session_mails;	/* mails in one session */
	int64_t session_ms;	/* age after which a session takes no more */
};

/* One mail; all borrowed until its verdict. */
struct sender_mail {
	const char *envelope_from;
	const char *recipient;	/* fit for SMTP: envelope_address_is_plain() */
	const char *bytes;	/* complete message, CRLF only */
	size_t len;
};

struct sender_result {
	enum outcome outcome;
	int code;		/* the reply code that decided, 0 = none */
	const char *stage;	/* see outcome_stage() */
	char text[160];		/* the server's words, or the library's;
				   printable */
};

struct sender_ops {
	/* Right before the body's end (I5: nothing final is on the wire yet).
	 * 0 = send the dot, -1 = abort the connection before it. */
	int (*gate)(void *user);
	/* The verdict on the mail in hand: inside the event of the 250, before
	 * QUIT or the next mail; for all else when the session has ended. */
	void (*done)(void *user, const struct sender_result *result);
	/* After a 250: the next mail for the same session.  1 with *mail
	 * filled, 0 = none. */
	int (*next)(void *user, struct sender_mail *mail);
	/* The connection stands; the mail in hand now has limit_ms. */
	void (*progress)(void *user, int64_t limit_ms);
};

/* Returns the sender, or NULL with FAULT_CONFIG.  Make it after fork. */
struct sender *sender_new(const struct sender_opts *opts, struct fault *why)
	MUST_USE;
void sender_free(struct sender *s);

/* The longest that one mail may take once the connection stands. */
int64_t sender_mail_limit_ms(const struct sender_opts *opts);

/* Runs one session, beginning with *first; every mail gets exactly one
 * verdict.  Returns how many mails it took up. */
int sender_run(struct sender *s, const struct sender_mail *first,
	       const struct sender_ops *ops, void *user);

#endif
