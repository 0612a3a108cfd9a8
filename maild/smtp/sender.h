/* SPDX-License-Identifier: MIT */
/*
 * SMTP sessions: libesmtp conducts them, over connections that we make, and
 * secure where that is wanted (prelude.h, tunnel.h).
 *
 * One call is one session, with the first of the relay's addresses that
 * serves.  It stays open from mail to mail by adding the next message inside
 * the event that follows the 250 (the only keep-alive that the library has);
 * nothing is prefetched, one mail is in flight.
 */
#ifndef SMTP_SENDER_H
#define SMTP_SENDER_H

#include "base/compiler.h"
#include "base/fault.h"
#include "conf/conf.h"
#include "settings/mailconf.h"
#include "smtp/marks.h"
#include "smtp/outcome.h"
#include "smtp/stages.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sender;

#define SENDER_TOKEN_MAX 8192	/* an OAuth access token with its NUL */

/* Where a relay's access token comes from; both NULL = no relay needs one. */
struct sender_tokens {
	/* Copies the relay's token.  0, or -1 with *why (none now: nothing is
	 * charged). */
	int (*get)(void *arg, size_t relay, char token[SENDER_TOKEN_MAX],
		   struct fault *why);
	/* The server refused this one.  The session asks once more, and tries
	 * another if it gets another. */
	void (*refused)(void *arg, size_t relay, const char *token);
	void *arg;
};

struct sender_opts {
	const struct conf_list *relays;	/* of struct relay_conf; borrowed */
	/* For each of the relays what all workers know of its addresses; NULL =
	 * there are no others. */
	struct marks *const *marks;
	const char *hello_name;	/* what EHLO says, "" = this host's name */
	int64_t connect_ms;	/* for the connection, DNS included */
	int64_t greeting_ms;	/* for the 220, EHLO's answer, each step of
				   STARTTLS and AUTH */
	int64_t envelope_ms;	/* for MAIL, RCPT and DATA */
	int64_t transfer_ms;	/* between two pieces of the body */
	int64_t final_ms;	/* for the answer to the dot; RFC 5321 section
				   4.5.3.2.6 asks for 10 minutes */
	int64_t session_ms;	/* age after which a session takes no more */
	struct sender_tokens tokens;

	/* If not NULL: sees each line of the dialogue, "C: ..." or "S: ...",
	 * printable and without credentials. */
	void (*show)(void *arg, const char *line);
	void *show_arg;
};

/* As the settings have it; borrowed from them. */
struct sender_opts sender_opts_of(const struct mailconf *conf);

/* One mail; all borrowed until its verdict. */
struct sender_mail {
	const char *envelope_from;
	const char *recipient;	/* fit for SMTP: envelope_address_is_plain() */
	const char *envid;	/* the job's id: names the mail in reports */
	const char *bytes;	/* complete message, CRLF only */
	size_t len;
};

struct sender_result {
	enum outcome outcome;
	int code;		/* the decisive reply code, 0 = none */
	const char *stage;	/* "connect", "greeting", "EHLO", "STARTTLS",
				   "TLS", "AUTH", "MAIL", "RCPT", "DATA",
				   "dot" */
	bool over;		/* not the session's first mail, and the relay
				   ended the session before this one: no
				   fault */
	bool too_many;		/* the relay refused the connection for now:
				   it has too many, or is busy */
	const char *rule;	/* which rule judged its words, "" = none;
				   static */
	bool guessed;		/* it judged by stage and code alone */
	char text[160];		/* the server's words, or ours; printable */
};

enum sender_step { SENDER_CONNECTS, SENDER_TALKS };

struct sender_ops {
	void *user;		/* handed to each of these; borrowed */
	/* If not NULL: the last bytes of the mail are being written, and gate()
	 * follows as a rule. */
	void (*ahead)(void *user);
	/* Right before the body's end: nothing final is on the wire yet
	 * (invariant 9).  0 = send the dot, -1 = abort the connection before
	 * it. */
	int (*gate)(void *user);
	/* The verdict on the mail in hand: inside the event of the 250, before
	 * QUIT or the next mail; for all else when the session has ended. */
	void (*done)(void *user, const struct sender_result *result);
	/* If not NULL: after a 250, the next mail for the same session.  1 with
	 * *mail filled, 0 = none. */
	int (*next)(void *user, struct sender_mail *mail);
	/* A connection is being made, or is open; the mail in hand now has
	 * limit_ms. */
	void (*progress)(void *user, enum sender_step step, int64_t limit_ms);
	/* If not NULL: the session waits for this from now on. */
	void (*waits)(void *user, enum stage stage);
	/* If not NULL: a step took `us` microseconds, or, if that is negative,
	 * ended without an answer. */
	void (*took)(void *user, enum stage stage, int64_t us);
};

/* Returns the sender, or NULL with FAULT_CONFIG.  Make it after fork. */
struct sender *sender_new(const struct sender_opts *opts, struct fault *why)
	MUST_USE;
void sender_free(struct sender *s);

/*
 * What EHLO says: the setting, or this host's name.  Returns 0 with name
 * filled, or -1 with FAULT_CONFIG.
 */
#define SENDER_HELLO_MAX 256
int sender_hello_name(const char *setting, char name[SENDER_HELLO_MAX],
		      struct fault *why) MUST_USE;

/* Can each relay's certificates be read?  For -t.  0, or -1 with *why. */
int sender_check(const struct conf_list *relays, struct fault *why) MUST_USE;

/* The longest that one mail may take once there is a connection; the first
 * one's time includes all that precedes it. */
int64_t sender_mail_limit_ms(const struct sender_opts *opts);

/* Runs one session with the relay (its place in the list), beginning with
 * *first; every mail gets exactly one verdict.  Returns how many mails it took
 * up. */
int sender_run(struct sender *s, size_t relay, const struct sender_mail *first,
	       const struct sender_ops *ops);

#endif
