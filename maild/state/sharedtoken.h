/* SPDX-License-Identifier: MIT */
/*
 * A relay's access token as the master shares it with the workers.
 *
 * The master alone writes it, and keeps what it wrote: a broken worker may
 * overwrite it.  A token is taken whole or not at all.
 */
#ifndef STATE_SHAREDTOKEN_H
#define STATE_SHAREDTOKEN_H

#include "base/compiler.h"
#include "smtp/sender.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define TOKEN_TROUBLE_MAX 200

/* Lives in shared memory; all zero = there is none. */
struct shared_token {
	atomic_uint version;		/* odd while the master writes it */
	atomic_int wanted;		/* the relay's log-in needs one */
	_Atomic int64_t good_until_ms;	/* ticks_ms(); INT64_MAX = not known,
					   0 = there is none */
	_Atomic uint64_t hash;		/* of the text: what it must be */
	_Atomic uint64_t refused;	/* of the one that a server refused
					   last; the workers write it */
	char text[SENDER_TOKEN_MAX];
	/* Why there is none, or no newer one; printable, "" = all is well. */
	char trouble[TOKEN_TROUBLE_MAX];
};

/* What the master has; all borrowed. */
struct token_news {
	bool wanted;
	const char *text;		/* "" = none */
	int64_t good_until_ms;
	const char *trouble;
};

/* Shares this and wipes what was there.  Returns the version: while that stays
 * the same, nobody has overwritten the token by accident. */
unsigned shared_token_set(struct shared_token *t,
			  const struct token_news *news);

/* Is there one that is good by the clock and that no server has refused? */
bool shared_token_is_good(const struct shared_token *t, int64_t now_ms);

/* Copies it, if it is good.  Returns whether; the caller wipes it. */
bool shared_token_copy(const struct shared_token *t, int64_t now_ms,
		       char text[SENDER_TOKEN_MAX]) MUST_USE;

/* In a worker: a server refused this one. */
void shared_token_refuse(struct shared_token *t, const char *text);

/* In the master: was it the one that is shared? */
bool shared_token_is_refused(const struct shared_token *t);

/* Why there is none; for people, printable whatever was written. */
void shared_token_explain(const struct shared_token *t,
			  char trouble[TOKEN_TROUBLE_MAX]);

#endif
