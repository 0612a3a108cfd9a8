/* SPDX-License-Identifier: MIT */
/*
 * Secrets that open by themselves: keys of the admin interface, addresses of
 * calendar feeds.
 *
 * Each is 256 random bits, shown once when it is made.  What is kept is its
 * SHA-256, and it is looked up by that: who watches how long a look-up takes
 * learns about a hash that they cannot choose.  No salt and no slow hash: there
 * is nothing to guess.
 */
#ifndef DOMAIN_BEARER_H
#define DOMAIN_BEARER_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

#define BEARER_HASH_BYTES 32
#define BEARER_NAME_MAX 40	/* bytes of a name for people */

/* "rsv_" and 256 bits in base64url: scanners for lost keys know it by its
 * beginning. */
#define BEARER_PREFIX "rsv_"
#define BEARER_LEN (4 + 43)

/* Draws a new one.  Aborts when the system has no randomness.  The caller wipes
 * it. */
void bearer_draw(char out[BEARER_LEN + 1]);

/*
 * The hash of a secret.  False (hash_out is untouched) if text cannot be one;
 * says nothing about whether there is such a secret.
 */
bool bearer_hash(const char *text, uint8_t hash_out[BEARER_HASH_BYTES]);

/* The same for an Authorization header, "Bearer rsv_...". */
bool bearer_hash_header(const char *header,
			uint8_t hash_out[BEARER_HASH_BYTES]);

/* Is that a name: 1 to BEARER_NAME_MAX letters, digits, dots, underscores and
 * hyphens of ASCII, the first a letter or digit? */
bool bearer_is_name(const char *name);

#endif
