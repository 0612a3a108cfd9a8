/* SPDX-License-Identifier: MIT */
/* References and capabilities of bookings. */
#include "config.h"

#include "domain/token.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

static const struct token_key key = {
	"0123456789abcdef0123456789abcdef", 32,
};
static const struct token_key other_key = {
	"0123456789abcdef0123456789abcdeF", 32,
};

static void a_drawn_reference_reads_back_as_itself(void **state)
{
	char ref[TOKEN_REF_LEN + 1];
	char back[TOKEN_REF_LEN + 1];
	char shown[TOKEN_REF_LEN + 2];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		token_ref_draw("", ref);
		assert_int_equal(strlen(ref), TOKEN_REF_LEN);
		assert_int_equal(strspn(ref, "0123456789"
					     "ABCDEFGHJKMNPQRSTVWXYZ"),
				 TOKEN_REF_LEN);
		token_ref_show(ref, shown);
		assert_true(token_ref_parse(shown, back));
		assert_string_equal(back, ref);
	}
}

static void two_drawn_references_differ(void **state)
{
	char a[TOKEN_REF_LEN + 1];
	char b[TOKEN_REF_LEN + 1];

	(void)state;
	token_ref_draw("", a);
	token_ref_draw("", b);
	assert_string_not_equal(a, b);
}

static void a_drawn_reference_begins_with_the_prefix(void **state)
{
	static const char *const prefixes[] = { "A", "7", "ZB" };
	char ref[TOKEN_REF_LEN + 1];
	char again[TOKEN_REF_LEN + 1];
	uint8_t nonce[TOKEN_NONCE_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		size_t len = strlen(prefixes[i]);

		token_ref_draw(prefixes[i], ref);
		token_row_draw(prefixes[i], again, nonce);
		assert_int_equal(strlen(ref), TOKEN_REF_LEN);
		assert_memory_equal(ref, prefixes[i], len);
		assert_memory_equal(again, prefixes[i], len);
		assert_string_not_equal(ref, again);
	}
}

static void a_prefix_is_made_of_what_references_are(void **state)
{
	static const char *const bad[] = { "a", "I", "L", "O", "U", "-", "ABC",
					   "A-", " ", "é" };

	(void)state;
	assert_true(token_prefix_is_good(""));
	assert_true(token_prefix_is_good("A"));
	assert_true(token_prefix_is_good("0Z"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (token_prefix_is_good(bad[i]))
			fail_msg("taken: %s", bad[i]);
}

static void a_reference_is_shown_in_two_halves(void **state)
{
	char shown[TOKEN_REF_LEN + 2];

	(void)state;
	token_ref_show("RK7F3M2Q", shown);
	assert_string_equal(shown, "RK7F-3M2Q");
}

static void typed_references_are_read_as_they_are_meant(void **state)
{
	static const struct {
		const char *typed;
		const char *ref;	/* NULL = refused */
	} rows[] = {
		{ "RK7F3M2Q", "RK7F3M2Q" },
		{ "rk7f-3m2q", "RK7F3M2Q" },
		{ " RK7F 3M2Q ", "RK7F3M2Q" },
		{ "oiLo-0000", "01100000" },
		{ "", NULL },
		{ "RK7F3M2", NULL },
		{ "RK7F3M2QQ", NULL },
		{ "RK7F3M2U", NULL },	/* no U in the alphabet */
		{ "RK7F3M2.", NULL },
		{ "RK7F3M2\xc3", NULL },
	};
	char ref[TOKEN_REF_LEN + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		bool good = token_ref_parse(rows[i].typed, ref);

		if (good != !!rows[i].ref)
			fail_msg("\"%s\"", rows[i].typed);
		if (good)
			assert_string_equal(ref, rows[i].ref);
	}
}

/* A row that has been drawn for, and one of a program that signed numbers. */
static const struct token_seed drawn = {
	.id = 42,
	.drawn = true,
	.nonce = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
		   0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff },
};
static const struct token_seed of_before = { .id = 42, .old_link = true };

static bool opens(const struct token_key *with, const struct token_seed *row,
		  const char *cap)
{
	char ref[TOKEN_REF_LEN + 1];
	char mac[TOKEN_MAC_LEN + 1];

	assert_true(token_parse(cap, ref, mac));
	assert_string_equal(ref, "RK7F3M2Q");
	return token_is_genuine(with, row, mac);
}

/* The values were made with openssl dgst -sha256 -hmac and basenc. */
static void a_capability_is_the_first_half_of_an_hmac(void **state)
{
	char cap[TOKEN_LEN + 1];

	(void)state;
	token_format(&key, "RK7F3M2Q", &drawn, cap);
	assert_string_equal(cap, "RK7F3M2Q.DLAVQraw_8QSbpc2q2-Izw");
	token_format(&key, "RK7F3M2Q", &of_before, cap);
	assert_string_equal(cap, "RK7F3M2Q.72Am1cWZFxl-Pg5G13m9Xw");
}

static void a_capability_opens_its_own_row_and_no_other(void **state)
{
	struct token_seed other = drawn;
	struct token_seed place = drawn;
	char cap[TOKEN_LEN + 1];

	(void)state;
	token_format(&key, "RK7F3M2Q", &drawn, cap);
	assert_true(opens(&key, &drawn, cap));
	assert_false(opens(&other_key, &drawn, cap));
	other.nonce[15] ^= 1;
	assert_false(opens(&key, &other, cap));
	place.id = -42;
	assert_false(opens(&key, &place, cap));
}

static void the_number_of_a_row_is_no_name(void **state)
{
	struct token_seed same_number = drawn;
	struct token_seed same_row = drawn;
	char cap[TOKEN_LEN + 1];
	char old[TOKEN_LEN + 1];

	(void)state;
	token_format(&key, "RK7F3M2Q", &drawn, cap);
	token_format(&key, "RK7F3M2Q", &of_before, old);
	token_nonce_draw(same_number.nonce);
	assert_false(opens(&key, &same_number, cap));
	assert_false(opens(&key, &same_number, old));
	same_row.id = 43;
	assert_true(opens(&key, &same_row, cap));
}

static void an_old_link_opens_rows_of_before_only(void **state)
{
	struct token_seed both = drawn;
	char cap[TOKEN_LEN + 1];
	char old[TOKEN_LEN + 1];

	(void)state;
	token_format(&key, "RK7F3M2Q", &of_before, old);
	assert_true(opens(&key, &of_before, old));
	assert_false(opens(&key, &drawn, old));
	both.old_link = true;
	assert_true(opens(&key, &both, old));
	/* What is sent from now on is of the new sort. */
	token_format(&key, "RK7F3M2Q", &both, cap);
	assert_string_not_equal(cap, old);
	assert_true(opens(&key, &both, cap));
	both.version++;
	assert_false(opens(&key, &both, old));
}

/* Else all rows that have none would have the same link. */
static void nothing_drawn_is_no_nonce(void **state)
{
	struct token_seed zeros = { .id = 42, .drawn = true };
	char cap[TOKEN_LEN + 1];

	(void)state;
	token_format(&key, "RK7F3M2Q", &zeros, cap);
	assert_false(opens(&key, &of_before, cap));
}

static void raising_the_version_revokes_a_capability(void **state)
{
	struct token_seed later = drawn;
	char cap[TOKEN_LEN + 1];

	(void)state;
	token_format(&key, "RK7F3M2Q", &drawn, cap);
	later.version = 1;
	assert_false(opens(&key, &later, cap));
	/* After a restore a version is reached twice. */
	later = drawn;
	token_renew(&later);
	token_format(&key, "RK7F3M2Q", &later, cap);
	assert_true(opens(&key, &later, cap));
	later = drawn;
	token_renew(&later);
	assert_false(opens(&key, &later, cap));
}

static void a_changed_character_anywhere_in_the_mac_is_noticed(void **state)
{
	struct token_seed both = drawn;
	char cap[TOKEN_LEN + 1];

	(void)state;
	both.old_link = true;
	token_format(&key, "RK7F3M2Q", &both, cap);
	for (size_t i = TOKEN_REF_LEN + 1; i < TOKEN_LEN; i++) {
		char was = cap[i];

		cap[i] = was == 'A' ? 'B' : 'A';
		assert_false(opens(&key, &both, cap));
		cap[i] = was;
	}
}

static void drawn_numbers_are_none_that_were_counted(void **state)
{
	int64_t all = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t number = token_number_draw();

		assert_true(number >= INT64_C(1) << 32);
		assert_true(number < INT64_C(1) << 50);
		assert_int_not_equal(number, token_number_draw());
		all |= number;
	}
	/* Every bit is drawn: 2^-1000 that one never comes up. */
	assert_int_equal(all, (INT64_C(1) << 50) - 1);
}

static void only_the_canonical_form_of_a_capability_is_taken(void **state)
{
	static const char *const bad[] = {
		"",
		".",
		"RK7F3M2Q",
		"RK7F3M2Q.",
		"RK7F3M2Q.0123456789abcdefghijk",	/* one too few */
		"RK7F3M2Q.0123456789abcdefghijkl0",	/* one too many */
		"RK7F-3M2.0123456789abcdefghijkl",
		"rk7f3m2q.0123456789abcdefghijkl",
		"RK7F3M2QA0123456789abcdefghijkl",
		"RK7F3M2Q.0123456789abcdefghij=l",
		"RK7F3M2Q.0123456789abcdefghij/l",
		"RK7F3M2U.0123456789abcdefghijkl",
	};
	char ref[TOKEN_REF_LEN + 1];
	char mac[TOKEN_MAC_LEN + 1];

	(void)state;
	assert_true(token_parse("RK7F3M2Q.0123456789abcdefghij_-", ref, mac));
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		if (token_parse(bad[i], ref, mac))
			fail_msg("taken: \"%s\"", bad[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_drawn_reference_reads_back_as_itself),
		cmocka_unit_test(two_drawn_references_differ),
		cmocka_unit_test(a_drawn_reference_begins_with_the_prefix),
		cmocka_unit_test(a_prefix_is_made_of_what_references_are),
		cmocka_unit_test(a_reference_is_shown_in_two_halves),
		cmocka_unit_test(typed_references_are_read_as_they_are_meant),
		cmocka_unit_test(a_capability_is_the_first_half_of_an_hmac),
		cmocka_unit_test(a_capability_opens_its_own_row_and_no_other),
		cmocka_unit_test(the_number_of_a_row_is_no_name),
		cmocka_unit_test(an_old_link_opens_rows_of_before_only),
		cmocka_unit_test(nothing_drawn_is_no_nonce),
		cmocka_unit_test(raising_the_version_revokes_a_capability),
		cmocka_unit_test(
			a_changed_character_anywhere_in_the_mac_is_noticed),
		cmocka_unit_test(drawn_numbers_are_none_that_were_counted),
		cmocka_unit_test(
			only_the_canonical_form_of_a_capability_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
