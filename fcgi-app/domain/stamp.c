/* SPDX-License-Identifier: MIT */
/* Proves that something was done a moment ago. */
#include "config.h"

#include "domain/stamp.h"

#include "base/fault.h"
#include "base/str.h"
#include "domain/sha.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAC_BYTES 16	/* as of a capability */
#define DIGITS_MAX 15

void stamp_make(const struct token_key *key, const char *what, int64_t now_s,
		char out[STAMP_SIZE])
{
	uint8_t full[SHA_BYTES];
	char time[STR_INT_SIZE];
	char mac[TOKEN_MAC_LEN + 1];

	(void)str_int(time, now_s);

	const struct sha_piece pieces[] = {
		SHA_TEXT("reservoir stamp 1:"), SHA_TEXT(time), SHA_TEXT(":"),
		SHA_TEXT(what),
	};

	must(key->len >= TOKEN_KEY_MIN);
	sha_mac((struct sha_piece){ key->bytes, key->len }, pieces,
		ARRAY_COUNT(pieces), full);
	str_base64url(mac, full, MAC_BYTES);
	(void)snprintf(out, STAMP_SIZE, "%s.%s", time, mac);
}

bool stamp_is_fresh(const struct token_key *key, const char *what,
		    const char *stamp, int64_t now_s)
{
	char time[DIGITS_MAX + 1];
	char right[STAMP_SIZE];
	size_t digits = strcspn(stamp, ".");
	int64_t at_s;

	if (digits > DIGITS_MAX)
		return false;
	memcpy(time, stamp, digits);
	time[digits] = '\0';
	if (!str_to_int(time, 0, INT64_MAX, &at_s) || at_s > now_s + 60 ||
	    now_s - at_s > STAMP_LIFE_S)
		return false;
	stamp_make(key, what, at_s, right);
	return strlen(stamp) == strlen(right) &&
	       str_equal_secret(stamp, right, strlen(right));
}
