/* SPDX-License-Identifier: MIT */
/*
 * Connects to a relay: the only way that this program has to one.
 *
 * A relay's name may have several addresses, of which some are dead.  They are
 * tried in the spirit of RFC 8305: one after the other, the next at once after
 * a refusal and after a short wait while there is only silence; who answers
 * first gets the session.  An address that failed comes last from then on
 * (marks.h).  A numeric address costs nothing but its connection; a name is
 * looked up about once a minute, so that changes are noticed.
 */
#ifndef SMTP_DIAL_H
#define SMTP_DIAL_H

#include "base/compiler.h"
#include "base/fault.h"
#include "smtp/marks.h"

#include <stdbool.h>
#include <stdint.h>

struct dial;

struct dial_opts {
	const char *host;	/* a name or an IPv4 address; copied */
	int64_t port;
	int64_t limit_ms;	/* for a connection, its look-up included, which
				   may take three quarters of it */
	struct marks *marks;	/* shared by all who dial this relay; NULL =
				   known only to this one */
	const char *relay;	/* its name, for log lines; borrowed; NULL = log
				   nothing */
	/* NULL = lookup() itself: tests have names of their own. */
	int (*lookup)(const struct lookup_question *q,
		      struct lookup_result *out, struct fault *why);
};

/* Opens nothing yet. */
struct dial *dial_new(const struct dial_opts *opts) MUST_USE;
void dial_free(struct dial *d);

/* A new session: all addresses may be tried again. */
void dial_begin(struct dial *d);

/*
 * Connects to the next address that answers, waiting up to limit_ms.  Each
 * address is tried once from dial_begin() on.  Returns the socket, which is
 * non-blocking and closed on exec, and which the caller closes; or -1 with
 * every address and what became of it:
 * "connect mx.example.net (192.0.2.1): no answer within 3 s; (192.0.2.2):
 * refused".
 */
int dial_next(struct dial *d, struct fault *why) MUST_USE;

/* The connected address does not serve: no greeting comes, for one.  why is in
 * the server's words, or ours. */
void dial_refuse(struct dial *d, const char *why);

/* The connected address serves. */
void dial_accept(struct dial *d);

/* Is there an address that was not tried since dial_begin()? */
bool dial_has_more(const struct dial *d);

/* Which addresses failed since dial_begin(), worded as in dial_next(); "" =
 * none.  Valid until the next call. */
const char *dial_trouble(const struct dial *d);

#endif
