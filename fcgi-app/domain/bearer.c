/* SPDX-License-Identifier: MIT */
/* Draws and hashes secrets that open by themselves. */
#include "config.h"

#include "domain/bearer.h"

#include "base/fault.h"
#include "base/str.h"
#include "domain/sha.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <string.h>
#include <strings.h>

#define RANDOM_BYTES 32

void bearer_draw(char out[BEARER_LEN + 1])
{
	uint8_t random[RANDOM_BYTES];

	must(RAND_bytes(random, sizeof(random)) == 1);
	memcpy(out, BEARER_PREFIX, strlen(BEARER_PREFIX));
	str_base64url(out + strlen(BEARER_PREFIX), random, sizeof(random));
	must(strlen(out) == BEARER_LEN);
	OPENSSL_cleanse(random, sizeof(random));
}

bool bearer_hash(const char *text, uint8_t hash_out[BEARER_HASH_BYTES])
{
	if (strlen(text) != BEARER_LEN ||
	    !str_starts_with(text, BEARER_PREFIX) ||
	    !str_is_name(text, BEARER_LEN, BEARER_LEN) || strchr(text, '.'))
		return false;
	sha_digest(&(struct sha_piece){ text, BEARER_LEN }, 1, hash_out);
	return true;
}

bool bearer_hash_header(const char *header,
			uint8_t hash_out[BEARER_HASH_BYTES])
{
	static const char scheme[] = "Bearer ";

	/* RFC 9110 section 11.1: the scheme's case does not matter, and more
	 * than one blank may follow. */
	if (strncasecmp(header, scheme, strlen(scheme)) != 0)
		return false;
	header += strlen(scheme);
	header += strspn(header, " ");
	return bearer_hash(header, hash_out);
}

bool bearer_is_name(const char *name)
{
	return str_is_name(name, strlen(name), BEARER_NAME_MAX) &&
	       strchr("-._", name[0]) == NULL;
}
