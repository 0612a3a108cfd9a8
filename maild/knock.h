/* SPDX-License-Identifier: MIT */
/* Knocks at a mail server's door: does somebody answer? */
#ifndef KNOCK_H
#define KNOCK_H

#include "compiler.h"
#include "fault.h"

#include <stdint.h>

/*
 * Connects, to each of the host's addresses in turn for up to limit_ms; looking
 * them up has the resolver's own limits.  Nothing is said.  Returns the
 * connection, which the caller closes, or -1 with FAULT_RETRY.
 */
int knock_connect(const char *host, int64_t port, int limit_ms,
		  struct fault *why) MUST_USE;

/*
 * Connects, waits up to limit_ms for the server's greeting, and takes its
 * leave.  Returns 0 if it is one (220), or -1 with FAULT_RETRY.
 */
int knock(const char *host, int64_t port, int limit_ms, struct fault *why)
	MUST_USE;

#endif
