/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 and HMAC-SHA256 (RFC 2104).  The library looks an algorithm up by
 * its name each time that it is asked for one, which takes longer than all the
 * rest; here a process does so once, and remembers the key that it used last.
 */
#ifndef DOMAIN_SHA_H
#define DOMAIN_SHA_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SHA_BYTES 32

struct sha_piece {
	const void *data;	/* borrowed */
	size_t len;
};
#define SHA_TEXT(text) ((struct sha_piece){ (text), strlen(text) })

/* The digest of pieces, one behind the other. */
void sha_digest(const struct sha_piece *pieces, size_t count,
		uint8_t out[SHA_BYTES]);

/* The authentication code of pieces, one behind the other, with that key. */
void sha_mac(struct sha_piece key, const struct sha_piece *pieces,
	     size_t count, uint8_t out[SHA_BYTES]);

#endif
