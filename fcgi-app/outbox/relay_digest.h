/* SPDX-License-Identifier: MIT */
/* The relay's part in the operators' daily mail. */
#ifndef OUTBOX_RELAY_DIGEST_H
#define OUTBOX_RELAY_DIGEST_H

#include "base/compiler.h"
#include "base/fault.h"
#include "outbox/relay.h"

/*
 * Puts the digest that is due into the outbox; *last_ms is the one that was
 * put there last by this process, 0 at its start.  It has the day in its id,
 * so that it is there once however often it is put.  0, or -1.
 */
int relay_digest_tend(const struct relay_opts *opts, int64_t *last_ms,
		      struct fault *why) MUST_USE;

/* Makes and pushes the mail of that row.  1, 0 if nobody is to get one any more,
 * -1. */
int relay_digest_publish(const struct relay_opts *opts,
			 const struct notification *row, struct fault *why)
	MUST_USE;

#endif
