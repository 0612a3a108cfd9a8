/* SPDX-License-Identifier: MIT */
/*
 * References and capabilities of bookings.
 *
 * A capability is "{ref}.{mac}": whoever has it may see and change the booking.
 * Nothing secret is stored: mac is HMAC-SHA256(server key, booking id,
 * version), and raising the version revokes it.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include "compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOKEN_REF_LEN 8		/* Crockford base32, 40 random bits */
#define TOKEN_MAC_LEN 22	/* base64url of 128 bits */
#define TOKEN_LEN (TOKEN_REF_LEN + 1 + TOKEN_MAC_LEN)
#define TOKEN_KEY_MIN 32	/* bytes a server key must have at least */

struct token_key {
	const void *bytes;	/* borrowed */
	size_t len;
};

/* Draws a new reference.  Aborts when the system has no randomness. */
void token_ref_draw(char ref[TOKEN_REF_LEN + 1]);

/* "RK7F3M2Q" as people read it: "RK7F-3M2Q". */
void token_ref_show(const char *ref, char out[TOKEN_REF_LEN + 2]);

/*
 * Reads a reference as people type it: either case, with or without hyphen and
 * blanks, I and L for 1, O for 0.  False if it is not one.
 */
bool token_ref_parse(const char *text, char ref[TOKEN_REF_LEN + 1]);

/* Writes the capability of a booking. */
void token_format(const struct token_key *key, const char *ref,
		  int64_t booking_id, int version, char out[TOKEN_LEN + 1]);

/*
 * Splits a capability; only its one canonical form is taken.  False if it has
 * not that form.  Says nothing about whether it is genuine.
 */
bool token_parse(const char *text, char ref[TOKEN_REF_LEN + 1],
		 char mac[TOKEN_MAC_LEN + 1]);

/* Is mac that of this booking and version?  Takes the same time either way. */
bool token_is_genuine(const struct token_key *key, int64_t booking_id,
		      int version, const char mac[TOKEN_MAC_LEN + 1]);

#endif
