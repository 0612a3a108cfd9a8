/* SPDX-License-Identifier: MIT */
/*
 * Addresses of hosts, looked up by a process of their own and shared.
 *
 * getaddrinfo(3) knows no limit of ours: a name server that is silent holds its
 * caller for ten seconds and more.  So whoever answers requests only reads what
 * that process has found out: it looks a name up when somebody first asks for
 * it, again every half minute, and at once when somebody doubts it.  What was
 * good last stays while nothing better is known.
 *
 * No locks: an answer is written beside the last one and then made current, so
 * that a process may be killed at any step.
 */
#ifndef DAEMON_NAMES_H
#define DAEMON_NAMES_H

#include "base/compiler.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#define NAMES_HOST_MAX 255
#define NAMES_ADDRESSES 4	/* of one host; more are left out */

struct names;

struct names_found {
	size_t count;		/* 0 = no address was ever known */
	char address[NAMES_ADDRESSES][INET6_ADDRSTRLEN];
};

/* In the master, before it forks; names_free() there at the end. */
struct names *names_new(void) MUST_USE RETURNS_NONNULL;
void names_free(struct names *n);

/* Is it an address already, IPv4 or IPv6? */
bool names_is_address(const char *host);

/*
 * What is known of the host; one that is an address is its own answer.  The
 * first to ask for a name waits for its answer, at most 100 ms, and so do those
 * who ask in the next second; nobody else waits.
 */
void names_find(struct names *n, const char *host, struct names_found *out);

/* No connection could be made there: it is looked up once more, though not more
 * than once a second. */
void names_doubt(struct names *n, const char *host);

/* The body of the process that looks names up; ends at once when it is asked
 * to.  Returns its exit status. */
int names_run(struct names *n) MUST_USE;

#endif
