/* SPDX-License-Identifier: MIT */
/* Secrets that open by themselves. */
#include "config.h"

#include "base/str.h"
#include "domain/bearer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <string.h>

/* 43 digits of base64url behind the beginning. */
#define RIGHT "rsv_AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZa"

static void each_one_is_new_and_hashes_to_something_else(void **state)
{
	char one[BEARER_LEN + 1];
	char other[BEARER_LEN + 1];
	uint8_t hash[BEARER_HASH_BYTES];
	uint8_t other_hash[BEARER_HASH_BYTES];

	(void)state;
	bearer_draw(one);
	bearer_draw(other);
	assert_string_not_equal(one, other);
	assert_true(bearer_hash(one, hash));
	assert_true(bearer_hash(other, other_hash));
	assert_memory_not_equal(hash, other_hash, sizeof(hash));
}

/* As sha256sum says: what is stored must not change with a release. */
static void the_hash_is_sha256_of_all_of_it(void **state)
{
	uint8_t hash[BEARER_HASH_BYTES];
	char hex[2 * BEARER_HASH_BYTES + 1];

	(void)state;
	assert_true(bearer_hash(RIGHT, hash));
	str_hex(hex, hash, sizeof(hash));
	assert_string_equal(hex, "1ed181c6761ce3c2203fc3c481a4083e8aa6a5cf51ce0bea06cb3132cadd9388");
}

static void what_cannot_be_one_is_not_looked_up(void **state)
{
	static const char *const rows[] = {
		"", "rsv_", "x", RIGHT "a", "RSV_AZaz09-_AZaz09-_AZaz09-_"
		"AZaz09-_AZaz09-_AZa", "rsv_AZaz09-_AZaz09-_AZaz09-_AZaz09-_"
		"AZaz09-_AZ ", "rsv_AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZ",
		"rsv_AZaz09+/AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZa",
	};
	uint8_t hash[BEARER_HASH_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (bearer_hash(rows[i], hash))
			fail_msg("taken: \"%s\"", rows[i]);
}

static void a_header_names_the_scheme_in_any_case(void **state)
{
	static const struct {
		const char *header;
		bool taken;
	} rows[] = {
		{ "Bearer " RIGHT, true },
		{ "bearer " RIGHT, true },
		{ "BEARER  " RIGHT, true },
		{ RIGHT, false },
		{ "Bearer", false },
		{ "Bearer ", false },
		{ "Bearer\t" RIGHT, false },
		{ "Bearer" RIGHT, false },
		{ "Bearer " RIGHT " ", false },
		{ "Bearer " RIGHT ", Bearer " RIGHT, false },
		{ "Basic " RIGHT, false },
		{ "", false },
	};
	uint8_t hash[BEARER_HASH_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (bearer_hash_header(rows[i].header, hash) != rows[i].taken)
			fail_msg("header \"%s\"", rows[i].header);
}

static void a_name_stays_one_word_in_the_history(void **state)
{
	static const char *const right[] = {
		"website", "Intranet-2", "a", "7.x_y",
		"0123456789012345678901234567890123456789",
	};
	static const char *const wrong[] = {
		"", "-x", ".x", "_x", "a b", "a:b", "é", "a\nb", "a/b", "a=b",
		"01234567890123456789012345678901234567890",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(right); i++)
		if (!bearer_is_name(right[i]))
			fail_msg("refused: \"%s\"", right[i]);
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		if (bearer_is_name(wrong[i]))
			fail_msg("taken: \"%s\"", wrong[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_one_is_new_and_hashes_to_something_else),
		cmocka_unit_test(the_hash_is_sha256_of_all_of_it),
		cmocka_unit_test(what_cannot_be_one_is_not_looked_up),
		cmocka_unit_test(a_header_names_the_scheme_in_any_case),
		cmocka_unit_test(a_name_stays_one_word_in_the_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
