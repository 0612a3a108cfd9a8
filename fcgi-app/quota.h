/* SPDX-License-Identifier: MIT */
/*
 * How many mails one address and one client may cause.
 *
 * Counted in Redis, by keyed hashes: no address stands there.  When Redis is
 * away nothing is counted and all is allowed: a booking never waits for it.
 */
#ifndef QUOTA_H
#define QUOTA_H

#include "compiler.h"
#include "fault.h"
#include "rconn.h"
#include "token.h"

#include <stdbool.h>
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

/*
 * Counts one more mail to the address, asked for by the client (its IP address,
 * of IPv6 its /64 network; "" = unknown).  Returns whether both are within
 * their limits.
 */
bool quota_allow(struct quota *l, const char *email, const char *client)
	MUST_USE;

#endif
