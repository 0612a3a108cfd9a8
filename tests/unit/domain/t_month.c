/* SPDX-License-Identifier: MIT */
/* Months as tables of weeks. */
#include "config.h"

#include "base/compiler.h"
#include "domain/month.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

static void weeks_begin_where_the_language_says(void **state)
{
	static const struct {
		int year;
		int month;
		int begins;
		int days;
		int lead;
	} rows[] = {
		{ 2025, 12, 1, 31, 0 },		/* begins on a Monday */
		{ 2025, 12, 0, 31, 1 },
		{ 2025, 12, 6, 31, 2 },
		{ 2026, 2, 1, 28, 6 },		/* on a Sunday */
		{ 2026, 2, 0, 28, 0 },
		{ 2028, 2, 1, 29, 1 },
		{ 2100, 2, 1, 28, 0 },
		{ 2000, 2, 1, 29, 1 },
		{ 2026, 4, 1, 30, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct tm date = {
			.tm_year = rows[i].year - 1900,
			.tm_mon = rows[i].month - 1,
			.tm_mday = 17,
		};
		struct month m = month_of(&date, rows[i].begins);

		print_message("%d-%02d\n", rows[i].year, rows[i].month);
		assert_int_equal(m.days, rows[i].days);
		assert_int_equal(m.lead, rows[i].lead);
		assert_int_equal(m.first.tm_mday, 1);
		assert_int_equal(m.first.tm_mon, rows[i].month - 1);
	}
}

static void months_go_on_over_the_end_of_a_year(void **state)
{
	const struct tm date = { .tm_year = 125, .tm_mon = 11, .tm_mday = 31 };
	struct tm after = month_after(&date, 1);
	struct tm before = month_after(&date, -12);

	(void)state;
	assert_int_equal(after.tm_year, 126);
	assert_int_equal(after.tm_mon, 0);
	assert_int_equal(after.tm_mday, 1);
	assert_int_equal(before.tm_year, 124);
	assert_int_equal(before.tm_mon, 11);
	assert_true(month_is_before(&before, &date));
	assert_true(month_is_before(&date, &after));
	assert_false(month_is_before(&after, &after));
}

static void only_a_month_is_read_as_one(void **state)
{
	static const char *const wrong[] = {
		"", "2025", "2025-1", "2025-00", "2025-13", "2025-12-01",
		"1969-12", "20251-2", "2025/12", "2025-1 ", " 2025-1",
		"2025-12\n", "-025-12",
	};
	struct tm first;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		print_message("%s\n", wrong[i]);
		assert_false(month_read(wrong[i], &first));
	}
	assert_true(month_read("2025-12", &first));
	assert_int_equal(first.tm_year, 125);
	assert_int_equal(first.tm_mon, 11);
	assert_int_equal(first.tm_mday, 1);
	assert_true(month_read("9999-12", &first));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weeks_begin_where_the_language_says),
		cmocka_unit_test(months_go_on_over_the_end_of_a_year),
		cmocka_unit_test(only_a_month_is_read_as_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
