/* SPDX-License-Identifier: MIT */
/*
 * References and capabilities of bookings.
 *
 * A capability is "{ref}.{mac}": whoever has it may see and change the booking.
 * Nothing secret is stored: mac is HMAC-SHA256(server key, nonce, version), and
 * raising the version revokes it.  The nonce was drawn for this row alone: the
 * row's number is given to another one after a restore, and its version begins
 * at 0 again.
 */
#ifndef DOMAIN_TOKEN_H
#define DOMAIN_TOKEN_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOKEN_REF_LEN 8		/* Crockford base32, 40 bits */
#define TOKEN_MAC_LEN 22	/* base64url of 128 bits */
#define TOKEN_LEN (TOKEN_REF_LEN + 1 + TOKEN_MAC_LEN)
#define TOKEN_NONCE_BYTES 16
#define TOKEN_KEY_MIN 32	/* bytes a server key must have at least */

struct token_key {
	const void *bytes;	/* borrowed */
	size_t len;
};

/*
 * Several sites behind one address may each have a prefix, by which a reference
 * tells whose it is: its first digits, instead of drawn ones.  Each costs 5 of
 * the 40 bits.
 */
#define TOKEN_PREFIX_MAX 2

/* Is that one?  "" is: none. */
bool token_prefix_is_good(const char *prefix);

/* Draws a new reference that begins with the prefix.  Aborts when the system
 * has no randomness. */
void token_ref_draw(const char *prefix, char ref[TOKEN_REF_LEN + 1]);

/* "RK7F3M2Q" as people read it: "RK7F-3M2Q". */
void token_ref_show(const char *ref, char out[TOKEN_REF_LEN + 2]);

/*
 * Reads a reference as people type it: either case, with or without hyphen and
 * blanks, I and L for 1, O for 0.  False if it is not one.
 */
bool token_ref_parse(const char *text, char ref[TOKEN_REF_LEN + 1]);

/* What a row keeps of its capability. */
struct token_seed {
	int64_t id;	/* a booking's; a place in line's is negated */
	int version;
	bool drawn;	/* it has a nonce */
	uint8_t nonce[TOKEN_NONCE_BYTES];
	/* Made by a program that signed the number: such a link opens it, too,
	 * and is its only one until it has a nonce. */
	bool old_link;
};

/* Draws a nonce.  Aborts when the system has no randomness. */
void token_nonce_draw(uint8_t nonce[TOKEN_NONCE_BYTES]);

/* Draws both for a new row: randomness costs by the call. */
void token_row_draw(const char *prefix, char ref[TOKEN_REF_LEN + 1],
		    uint8_t nonce[TOKEN_NONCE_BYTES]);

/* Makes the seed of a new capability for the row; the old ones are revoked,
 * even when a restore brings this version back. */
void token_renew(struct token_seed *seed);

/*
 * Draws a number that names a row outside the database: from 2^32, so that it
 * is none of those that were counted up before, to below 2^50, where counters
 * begin after a restore (store/names.h), and which every reader of JSON keeps
 * exactly.  Of 10,000 that are lost and 10,000 drawn anew, two are the same
 * once in ten million times.
 */
int64_t token_number_draw(void);

/* Writes the capability of a row. */
void token_format(const struct token_key *key, const char *ref,
		  const struct token_seed *seed, char out[TOKEN_LEN + 1]);

/*
 * Splits a capability; only its one canonical form is taken.  False if it has
 * not that form.  Says nothing about whether it is genuine.
 */
bool token_parse(const char *text, char ref[TOKEN_REF_LEN + 1],
		 char mac[TOKEN_MAC_LEN + 1]);

/* Does mac fit this row and version?  Takes the same time either way. */
bool token_is_genuine(const struct token_key *key,
		      const struct token_seed *seed,
		      const char mac[TOKEN_MAC_LEN + 1]);

#endif
