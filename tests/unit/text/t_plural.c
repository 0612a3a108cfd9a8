/* SPDX-License-Identifier: MIT */
/* Tests which form of a text a number takes. */
#include "config.h"

#include "text/plural.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

/* What CLDR says, of whole numbers. */
static void numbers_take_their_forms(void **state)
{
	static const struct {
		const char *rule;
		const char *form;
		int64_t numbers[8];
		size_t count;
	} rows[] = {
		{ "none", "other", { 0, 1, 2, 21 }, 4 },
		{ "n==1", "one", { 1, -1 }, 2 },
		{ "n==1", "other", { 0, 2, 21, 101 }, 4 },
		{ "n<2", "one", { 0, 1, -1 }, 3 },
		{ "n<2", "other", { 2, 21, INT64_MAX, INT64_MIN }, 4 },
		{ "czech", "one", { 1 }, 1 },
		{ "czech", "few", { 2, 3, 4 }, 3 },
		{ "czech", "other", { 0, 5, 11, 22, 101, 102 }, 6 },
		{ "polish", "one", { 1 }, 1 },
		{ "polish", "few", { 2, 4, 22, 34, 102 }, 5 },
		{ "polish", "other", { 0, 5, 12, 14, 21, 25, 112, 101 }, 8 },
		{ "russian", "one", { 1, 21, 101, 1001 }, 4 },
		{ "russian", "few", { 2, 4, 22, 104 }, 4 },
		{ "russian", "other", { 0, 5, 11, 12, 14, 111, 112, 20 }, 8 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		for (size_t j = 0; j < rows[i].count; j++)
			assert_string_equal(plural_form(rows[i].rule,
							rows[i].numbers[j]),
					    rows[i].form);
}

static void rules_name_their_forms(void **state)
{
	(void)state;
	assert_true(plural_is_rule("polish"));
	assert_false(plural_is_rule("n>1"));
	assert_false(plural_is_rule(""));
	assert_null(plural_form_at("none", 0));
	assert_string_equal(plural_form_at("n<2", 0), "one");
	assert_null(plural_form_at("n<2", 1));
	assert_string_equal(plural_form_at("russian", 1), "few");
	assert_null(plural_form_at("russian", 2));
	assert_true(plural_is_form("few"));
	assert_false(plural_is_form("many"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_take_their_forms),
		cmocka_unit_test(rules_name_their_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
