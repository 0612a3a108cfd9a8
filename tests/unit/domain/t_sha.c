/* SPDX-License-Identifier: MIT */
/* Tests digests and codes beside those of the library, and of the RFCs. */
#include "config.h"

#include "domain/sha.h"

#include "base/str.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_digest_is_that_of_its_pieces_in_a_row(void **state)
{
	static const struct sha_piece pieces[] = {
		{ "a", 1 }, { "", 0 }, { "bc", 2 },
	};
	uint8_t digest[SHA_BYTES];
	char hex[2 * SHA_BYTES + 1];

	(void)state;
	sha_digest(pieces, ARRAY_COUNT(pieces), digest);
	str_hex(hex, digest, sizeof(digest));
	/* FIPS 180-4, appendix B.1 */
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
				 "b00361a396177a9cb410ff61f20015ad");
}

static void a_code_is_that_of_the_standard(void **state)
{
	static const struct sha_piece pieces[] = {
		{ "what do ya want ", 16 }, { "for nothing?", 12 },
	};
	uint8_t code[SHA_BYTES];
	char hex[2 * SHA_BYTES + 1];

	(void)state;
	/* RFC 4231, test case 2 */
	sha_mac(SHA_TEXT("Jefe"), pieces, ARRAY_COUNT(pieces), code);
	str_hex(hex, code, sizeof(code));
	assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c7"
				 "5a003f089d2739839dec58b964ec3843");
}

static void codes_are_the_librarys_for_keys_that_take_turns(void **state)
{
	static const size_t key_lens[] = { 1, 32, 63, 64, 65, 200, 32, 32 };
	uint8_t bytes[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + 1);
	for (size_t len = 0; len < 200; len++)
		for (size_t k = 0; k < ARRAY_COUNT(key_lens); k++) {
			/* Two of one length that differ. */
			const uint8_t *key = bytes + (k == 7);
			uint8_t code[SHA_BYTES];
			uint8_t right[EVP_MAX_MD_SIZE];

			sha_mac((struct sha_piece){ key, key_lens[k] },
				&(struct sha_piece){ bytes + 9, len }, 1,
				code);
			assert_non_null(HMAC(EVP_sha256(), key,
					     (int)key_lens[k], bytes + 9, len,
					     right, NULL));
			assert_memory_equal(code, right, sizeof(code));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_digest_is_that_of_its_pieces_in_a_row),
		cmocka_unit_test(a_code_is_that_of_the_standard),
		cmocka_unit_test(
			codes_are_the_librarys_for_keys_that_take_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
