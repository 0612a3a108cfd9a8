/* SPDX-License-Identifier: MIT */
/* References and capabilities of bookings. */
#include "config.h"

#include "domain/token.h"

#include "base/fault.h"
#include "base/str.h"
#include "domain/sha.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <string.h>

#define NUMBER_BITS 50
#define NUMBER_MIN (UINT64_C(1) << 32)
#define MAC_BYTES 16	/* of HMAC-SHA256's 32; 128 bits cannot be guessed */

/* Crockford's: no I, L, O, U, so that it can be read out on the telephone. */
static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

bool token_prefix_is_good(const char *prefix)
{
	size_t len = strlen(prefix);

	return len <= TOKEN_PREFIX_MAX && strspn(prefix, digits) == len;
}

static void ref_make(const char *prefix, char ref[TOKEN_REF_LEN + 1],
		     const uint8_t random[TOKEN_REF_LEN])
{
	size_t len = strlen(prefix);

	must(len <= TOKEN_PREFIX_MAX);
	memcpy(ref, prefix, len);
	for (size_t i = len; i < TOKEN_REF_LEN; i++)
		ref[i] = digits[random[i] % 32];
	ref[TOKEN_REF_LEN] = '\0';
}

void token_ref_draw(const char *prefix, char ref[TOKEN_REF_LEN + 1])
{
	uint8_t random[TOKEN_REF_LEN];

	must(RAND_bytes(random, sizeof(random)) == 1);
	ref_make(prefix, ref, random);
}

void token_ref_show(const char *ref, char out[TOKEN_REF_LEN + 2])
{
	size_t half = TOKEN_REF_LEN / 2;

	must(strlen(ref) == TOKEN_REF_LEN);
	memcpy(out, ref, half);
	out[half] = '-';
	memcpy(out + half + 1, ref + half, half + 1);
}

static char digit_of_typed(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'I' || c == 'L')
		return '1';
	if (c == 'O')
		return '0';
	return c && strchr(digits, c) ? c : '\0';
}

bool token_ref_parse(const char *text, char ref[TOKEN_REF_LEN + 1])
{
	size_t n = 0;

	for (; *text; text++) {
		if (*text == '-' || *text == ' ')
			continue;

		char digit = digit_of_typed(*text);

		if (!digit || n == TOKEN_REF_LEN)
			return false;
		ref[n++] = digit;
	}
	ref[n] = '\0';
	return n == TOKEN_REF_LEN;
}

/* The MAC of the nonce that was drawn for a row, or of its number.  A booking's
 * nonce never makes the capability of a place in line. */
static void mac_make(const struct token_key *key,
		     const struct token_seed *seed, bool drawn,
		     char mac[TOKEN_MAC_LEN + 1])
{
	uint8_t full[SHA_BYTES];
	char nonce[2 * TOKEN_NONCE_BYTES + 1];
	char number[STR_INT_SIZE];
	char version[STR_INT_SIZE];
	struct sha_piece pieces[4];

	str_hex(nonce, seed->nonce, TOKEN_NONCE_BYTES);
	(void)str_int(number, seed->id);
	(void)str_int(version, seed->version);
	if (drawn && seed->id < 0)
		pieces[0] = SHA_TEXT("reservoir capability 2:w:");
	else if (drawn)
		pieces[0] = SHA_TEXT("reservoir capability 2:b:");
	else
		pieces[0] = SHA_TEXT("reservoir capability 1:");
	pieces[1] = drawn ? SHA_TEXT(nonce) : SHA_TEXT(number);
	pieces[2] = SHA_TEXT(":");
	pieces[3] = SHA_TEXT(version);
	must(key->len >= TOKEN_KEY_MIN);
	sha_mac((struct sha_piece){ key->bytes, key->len }, pieces,
		ARRAY_COUNT(pieces), full);
	str_base64url(mac, full, MAC_BYTES);
	OPENSSL_cleanse(full, sizeof(full));
}

void token_row_draw(const char *prefix, char ref[TOKEN_REF_LEN + 1],
		    uint8_t nonce[TOKEN_NONCE_BYTES])
{
	uint8_t random[TOKEN_REF_LEN + TOKEN_NONCE_BYTES];

	must(RAND_bytes(random, sizeof(random)) == 1);
	ref_make(prefix, ref, random);
	memcpy(nonce, random + TOKEN_REF_LEN, TOKEN_NONCE_BYTES);
	OPENSSL_cleanse(random, sizeof(random));
}

void token_nonce_draw(uint8_t nonce[TOKEN_NONCE_BYTES])
{
	must(RAND_bytes(nonce, TOKEN_NONCE_BYTES) == 1);
}

void token_renew(struct token_seed *seed)
{
	seed->version++;
	seed->drawn = true;
	seed->old_link = false;
	token_nonce_draw(seed->nonce);
}

int64_t token_number_draw(void)
{
	uint64_t number;

	do {
		must(RAND_bytes((unsigned char *)&number, sizeof(number)) ==
		     1);
		number >>= 64 - NUMBER_BITS;
	} while (number < NUMBER_MIN);
	return (int64_t)number;
}

void token_format(const struct token_key *key, const char *ref,
		  const struct token_seed *seed, char out[TOKEN_LEN + 1])
{
	must(strlen(ref) == TOKEN_REF_LEN);
	memcpy(out, ref, TOKEN_REF_LEN);
	out[TOKEN_REF_LEN] = '.';
	mac_make(key, seed, seed->drawn, out + TOKEN_REF_LEN + 1);
}

bool token_parse(const char *text, char ref[TOKEN_REF_LEN + 1],
		 char mac[TOKEN_MAC_LEN + 1])
{
	static const char base64url[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-_";

	if (strlen(text) != TOKEN_LEN || text[TOKEN_REF_LEN] != '.' ||
	    strspn(text, digits) != TOKEN_REF_LEN ||
	    strspn(text + TOKEN_REF_LEN + 1, base64url) != TOKEN_MAC_LEN)
		return false;
	memcpy(ref, text, TOKEN_REF_LEN);
	ref[TOKEN_REF_LEN] = '\0';
	memcpy(mac, text + TOKEN_REF_LEN + 1, TOKEN_MAC_LEN + 1);
	return true;
}

bool token_is_genuine(const struct token_key *key,
		      const struct token_seed *seed,
		      const char mac[TOKEN_MAC_LEN + 1])
{
	char right[TOKEN_MAC_LEN + 1];
	char old[TOKEN_MAC_LEN + 1];

	/* Both, whatever the row is, so that its time tells nothing. */
	mac_make(key, seed, true, right);
	mac_make(key, seed, false, old);

	bool same = str_equal_secret(mac, right, TOKEN_MAC_LEN);
	bool same_old = str_equal_secret(mac, old, TOKEN_MAC_LEN);

	OPENSSL_cleanse(right, sizeof(right));
	OPENSSL_cleanse(old, sizeof(old));
	return (seed->drawn & same) | (seed->old_link & same_old);
}
