/* SPDX-License-Identifier: MIT */
/* References and capabilities of bookings. */
#include "config.h"

#include "token.h"

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
		token_ref_draw(ref);
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
	token_ref_draw(a);
	token_ref_draw(b);
	assert_string_not_equal(a, b);
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

/* The value was made with openssl dgst -sha256 -hmac and basenc. */
static void a_capability_is_the_first_half_of_an_hmac(void **state)
{
	char cap[TOKEN_LEN + 1];

	(void)state;
	token_format(&key, "RK7F3M2Q", 42, 0, cap);
	assert_string_equal(cap, "RK7F3M2Q.72Am1cWZFxl-Pg5G13m9Xw");
}

static void a_capability_opens_its_own_booking_and_no_other(void **state)
{
	char cap[TOKEN_LEN + 1];
	char ref[TOKEN_REF_LEN + 1];
	char mac[TOKEN_MAC_LEN + 1];

	(void)state;
	token_format(&key, "RK7F3M2Q", 42, 3, cap);
	assert_true(token_parse(cap, ref, mac));
	assert_string_equal(ref, "RK7F3M2Q");
	assert_true(token_is_genuine(&key, 42, 3, mac));
	assert_false(token_is_genuine(&key, 43, 3, mac));
	assert_false(token_is_genuine(&other_key, 42, 3, mac));
}

static void raising_the_version_revokes_a_capability(void **state)
{
	char cap[TOKEN_LEN + 1];
	char ref[TOKEN_REF_LEN + 1];
	char mac[TOKEN_MAC_LEN + 1];

	(void)state;
	token_format(&key, "RK7F3M2Q", 42, 0, cap);
	assert_true(token_parse(cap, ref, mac));
	assert_false(token_is_genuine(&key, 42, 1, mac));
}

static void a_changed_character_anywhere_in_the_mac_is_noticed(void **state)
{
	char cap[TOKEN_LEN + 1];
	char ref[TOKEN_REF_LEN + 1];
	char mac[TOKEN_MAC_LEN + 1];

	(void)state;
	token_format(&key, "RK7F3M2Q", 42, 0, cap);
	assert_true(token_parse(cap, ref, mac));
	for (size_t i = 0; i < TOKEN_MAC_LEN; i++) {
		char was = mac[i];

		mac[i] = was == 'A' ? 'B' : 'A';
		assert_false(token_is_genuine(&key, 42, 0, mac));
		mac[i] = was;
	}
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
		cmocka_unit_test(a_reference_is_shown_in_two_halves),
		cmocka_unit_test(typed_references_are_read_as_they_are_meant),
		cmocka_unit_test(a_capability_is_the_first_half_of_an_hmac),
		cmocka_unit_test(
			a_capability_opens_its_own_booking_and_no_other),
		cmocka_unit_test(raising_the_version_revokes_a_capability),
		cmocka_unit_test(
			a_changed_character_anywhere_in_the_mac_is_noticed),
		cmocka_unit_test(
			only_the_canonical_form_of_a_capability_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
