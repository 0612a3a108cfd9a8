/* SPDX-License-Identifier: MIT */
/*
 * Stamps of pages that say what was done, where nothing is left that could tell
 * whether it was: without a stamp anybody's link would make them say so.
 */
#ifndef DOMAIN_STAMP_H
#define DOMAIN_STAMP_H

#include "domain/token.h"

#define STAMP_SIZE (20 + 1 + TOKEN_MAC_LEN + 1)
#define STAMP_LIFE_S 600	/* so long it says so */

/* Writes "TIME.MAC": that at now_s what was done. */
void stamp_make(const struct token_key *key, const char *what, int64_t now_s,
		char out[STAMP_SIZE]);

/* Is it such a stamp, and not older than STAMP_LIFE_S? */
bool stamp_is_fresh(const struct token_key *key, const char *what,
		    const char *stamp, int64_t now_s);

#endif
