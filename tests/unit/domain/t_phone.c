/* SPDX-License-Identifier: MIT */
/* Which telephone numbers are taken, and by what they are found. */
#include "config.h"

#include "domain/phone.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

static void what_people_type_is_taken(void **state)
{
	static const struct {
		const char *typed;
		const char *back;
	} good[] = {
		{ "+33 6 12 34 56 78", "87654321633" },
		{ "+33 (0)6 12 34 56 78", "87654321633" },
		{ "06.12.34.56.78", "8765432160" },
		{ "06-12-34-56-78", "8765432160" },
		{ "06/12 34 56 78", "8765432160" },
		{ "06\u00a012\u202f34\u00a056\u00a078", "8765432160" },
		{ "(0)30 123456", "654321030" },
		{ "123456", "654321" },
		{ "+123456789012345", "543210987654321" },
	};
	char back[PHONE_DIGITS_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
		assert_true(phone_read(good[i].typed, back));
		assert_string_equal(back, good[i].back);
	}
}

static void what_can_be_none_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "+", "12345", "no", "call me", "06 12 34 56 7O",
		"1234567890123456", "+33+612345678", "0612345678 ext 3",
		"0612345678, 0612345679", "06 12 34\n56 78",
		"0 6 1 2 3 4 5 6 7 8 ( ( ( ( ( ( ( ( ( ( ( (",
		"\xd9\xa0\xd9\xa6\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4",
	};
	char back[PHONE_DIGITS_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		assert_false(phone_read(bad[i], back));
		assert_string_equal(back, "");
	}
}

static void numbers_are_found_with_and_without_a_prefix(void **state)
{
	static const char *const terms[] = {
		"+33 6 12 34 56 78", "0612345678", "612345678", "34 56 78",
		"5678", "0033612345678",
	};
	static const char *const numbers[] = {
		"+33 (0)6 12 34 56 78", "06 12 34 56 78", "0033 6 12345678",
	};
	char term[PHONE_DIGITS_MAX + 1];
	char back[PHONE_DIGITS_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(terms); i++)
		for (size_t j = 0; j < ARRAY_COUNT(numbers); j++) {
			assert_true(phone_term(terms[i], term));
			assert_true(phone_read(numbers[j], back));
			assert_true(str_starts_with(back, term));
		}
	assert_false(phone_term("678", term));
	assert_false(phone_term("Martin", term));
	assert_false(phone_term("0000", term));
	assert_false(phone_term("12345678901234567890", term));
}

static void a_link_dials_the_digits(void **state)
{
	static const char *const rows[][2] = {
		{ "+33 (0)6 12 34 56 78", "+33612345678" },
		{ "06 12.34-56/78", "0612345678" },
		{ "(030) 123456", "030123456" },
		{ "", "" },
	};
	char dial[4 * PHONE_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		phone_dial(rows[i][0], dial);
		assert_string_equal(dial, rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_people_type_is_taken),
		cmocka_unit_test(what_can_be_none_is_refused),
		cmocka_unit_test(a_link_dials_the_digits),
		cmocka_unit_test(numbers_are_found_with_and_without_a_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
