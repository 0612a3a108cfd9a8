/* SPDX-License-Identifier: MIT */
/*
 * What is said to a relay before libesmtp: greeting, EHLO, STARTTLS, the
 * handshake, EHLO once more (RFC 3207), and the log-in with a token.
 *
 * libesmtp can do neither TLS from the first byte (RFC 8314), nor TLS 1.3 in
 * which a server may speak at any time, nor a log-in of more than 1.5 KB.
 */
#ifndef SMTP_PRELUDE_H
#define SMTP_PRELUDE_H

#include "base/buf.h"
#include "base/compiler.h"
#include "smtp/sasl.h"
#include "smtp/sender.h"
#include "smtp/talk.h"
#include "smtp/tls.h"
#include "smtp/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct prelude_opts {		/* all borrowed */
	struct talk *talk;	/* told of each line; connected already */
	const struct sender_tls *tls;	/* NULL = in clear */
	bool implicit;		/* TLS from the first byte, no STARTTLS */
	const char *hello_name;
	int64_t step_ms;	/* for each step, from question to answer */

	struct sasl sasl;	/* mechanism NULL = the library logs in */
	const struct sender_tokens *tokens;
	size_t relay;		/* its place, for the tokens */
};

enum prelude_end {
	PRELUDE_GOOD,		/* it is the library's turn */
	PRELUDE_REFUSED,	/* by the server's words, or by its silence:
				   talk knows which and where */
	PRELUDE_UNSECURED,	/* no TLS came of it */
	PRELUDE_UNPROVEN,	/* its certificate is not good */
	PRELUDE_NO_STARTTLS,
	PRELUDE_NO_LOGIN,	/* there is no token, or the server offers no
				   such way to log in */
	PRELUDE_AGAIN,		/* it refused the token and hung up; there is
				   another one now */
};

/* What the library is to read first: a greeting and the answer to its EHLO, and
 * behind them what talk was not told of yet. */
struct prelude_heard {
	struct buf text;	/* the caller's */
	size_t known;		/* bytes that talk was told of */
};

/*
 * Talks to the server.  PRELUDE_GOOD: heard is filled.  Otherwise words say why
 * where talk does not, else they are "".
 */
enum prelude_end prelude_run(struct wire *wire, const struct prelude_opts *opts,
			     struct prelude_heard *heard, char words[160])
	MUST_USE;

/* The first of it alone: a handshake, if that comes first, and the greeting. */
enum prelude_end prelude_greet(struct wire *wire,
			       const struct prelude_opts *opts, char words[160])
	MUST_USE;

#endif
