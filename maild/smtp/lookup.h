/* SPDX-License-Identifier: MIT */
/* A server's name to its addresses, in bounded time. */
#ifndef SMTP_LOOKUP_H
#define SMTP_LOOKUP_H

#include "base/compiler.h"
#include "base/fault.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define LOOKUP_MAX 16		/* addresses of one name; more are not used */

struct lookup_address {
	socklen_t len;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} at;
};

struct lookup_question {
	const char *host;	/* borrowed */
	int64_t port;
	int limit_ms;
};

struct lookup_result {
	size_t count;
	struct lookup_address list[LOOKUP_MAX];
};

/*
 * Looks the name up; a numeric address is taken as it is, at no cost.  The
 * resolver has no time-out of ours and cannot be interrupted, so it works in a
 * child that is killed after limit_ms.  The addresses come as the system
 * prefers them (RFC 6724), alternating between IPv6 and IPv4 (RFC 8305).  The
 * caller must not have a handler for SIGCHLD that reaps.
 *
 * Returns 0 with at least one address, or -1: FAULT_REJECT if there is no such
 * name, FAULT_RETRY for all else.
 */
int lookup(const struct lookup_question *q, struct lookup_result *out,
	   struct fault *why) MUST_USE;

/* Makes IPv6 and IPv4 alternate, starting with the family of the first. */
void lookup_interleave(struct lookup_result *result);

/* The address as people write it. */
const char *lookup_text(const struct lookup_address *address,
			char text[INET6_ADDRSTRLEN]);

#endif
