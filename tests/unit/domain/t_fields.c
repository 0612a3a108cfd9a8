/* SPDX-License-Identifier: MIT */
/* Fields of forms, queries and bodies, and what is wrong with each. */
#include "config.h"

#include "domain/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

static void form_of(struct form *f, const char *text)
{
	*f = (struct form){ .count = 0 };
	assert_int_equal(form_read_urlencoded(f, text, strlen(text)),
			 FORM_READ);
}

static const struct fields_range digit = { 1, 9, "number" };

static void a_list_with_eight_wrong_parameters_is_told_each(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f" };
	struct form form;
	struct fields f = { .form = &form };
	int64_t number = 5;
	struct tm day;

	(void)state;
	form_of(&form, "a=x&b=x&c=x&d=x&e=x&f=x&from=x&limit=201");
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		assert_false(fields_int(&f, names[i], digit, &number));
	assert_false(fields_day(&f, "from", "from_date", &day));
	assert_int_equal(fields_limit(&f), 50);
	assert_int_equal(number, 5);
	assert_int_equal(f.error_count, 8);
	assert_string_equal(fields_error(&f, "from")->code, "from_date");
	assert_string_equal(fields_error(&f, "limit")->code, "limit_range");
	form_release(&form);
}

static void of_a_field_the_first_error_is_told(void **state)
{
	struct form form;
	struct fields f = { .form = &form };
	int64_t number;

	(void)state;
	form_of(&form, "a=1&a=2");
	assert_string_equal(fields_sent(&f, "a"), "");
	assert_false(fields_int(&f, "a", digit, &number));
	assert_int_equal(f.error_count, 1);
	assert_string_equal(f.errors[0].code, "repeated");
	form_release(&form);
}

static void what_is_absent_is_not_wrong(void **state)
{
	struct form form;
	struct fields f = { .form = &form };
	struct tm day;

	(void)state;
	form_of(&form, "limit=200");
	assert_string_equal(fields_sent(&f, "text"), "");
	assert_false(fields_day(&f, "from", "from_date", &day));
	assert_int_equal(fields_limit(&f), 200);
	assert_int_equal(f.error_count, 0);
	form_release(&form);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_list_with_eight_wrong_parameters_is_told_each),
		cmocka_unit_test(of_a_field_the_first_error_is_told),
		cmocka_unit_test(what_is_absent_is_not_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
