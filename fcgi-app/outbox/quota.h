/* SPDX-License-Identifier: MIT */
/*
 * How many mails one address and one client may cause.
 *
 * Counted in Redis, by keyed hashes: no address is stored.  An address is
 * counted for each client's network by itself, so that nobody can use up what
 * somebody else may have.  When Redis is away nothing is counted and all is
 * allowed: a booking never waits for it.
 */
#ifndef OUTBOX_QUOTA_H
#define OUTBOX_QUOTA_H

#include "base/compiler.h"
#include "base/fault.h"
#include "domain/token.h"
#include "redis/rconn.h"

#include <stddef.h>
#include <stdint.h>

struct quota;

struct quota_opts {		/* texts are copied, the key is borrowed */
	struct rconn_opts redis;
	const char *prefix;	/* of all keys */
	struct token_key key;
	int64_t address_a_day;	/* 0 = no limit */
	int64_t client_an_hour;	/* 0 = no limit */
};

/* Makes one without connecting.  Returns it, or NULL with FAULT_CONFIG. */
struct quota *quota_new(const struct quota_opts *opts, struct fault *why)
	MUST_USE;
void quota_free(struct quota *l);

/* An act that mails; all borrowed. */
struct quota_act {
	const char *email;	/* who gets the mail */
	const char *client;	/* who asks for it: an IP address, counted by
				   its /64 if IPv6; "" = unknown */
	const void *once;	/* the same bytes: the same request; NULL = each
				   is one of its own */
	size_t once_bytes;
};

enum quota_said {
	QUOTA_COUNTED,		/* allowed */
	QUOTA_REPEATED,		/* allowed: counted within a day before.  If it
				   leads to a mail, quota_adjust() */
	QUOTA_UNCOUNTED,	/* allowed: there is no limit, or no Redis */
	QUOTA_OVER,		/* not allowed; nothing was counted */
};

/* Counts the act if both limits allow it. */
enum quota_said quota_count(struct quota *l, const struct quota_act *act)
	MUST_USE;

/* Takes back what was QUOTA_COUNTED: no mail came of it, and it may be tried
 * again as if it had never been. */
void quota_return(struct quota *l, const struct quota_act *act);

/* Counts one mail more or fewer (by is 1 or -1), whatever the limits are: of
 * two equal requests the other one had it. */
void quota_adjust(struct quota *l, const struct quota_act *act, int by);

#endif
