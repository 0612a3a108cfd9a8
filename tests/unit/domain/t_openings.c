/* SPDX-License-Identifier: MIT */
/* Opening hours as people write them. */
#include "config.h"

#include "domain/openings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

/* "540 570" for a day, of slots of half an hour. */
static void assert_starts(const struct openings *o, const char *day_text,
			  const char *wanted)
{
	int starts[OPENINGS_MINUTES];
	char found[512] = "";
	int64_t day;

	assert_true(openings_day(day_text, &day));
	for (size_t i = 0, n = openings_starts(o, day, 30, starts); i < n; i++) {
		size_t len = strlen(found);

		(void)snprintf(found + len, sizeof(found) - len, "%s%d",
			       len ? " " : "", starts[i]);
	}
	assert_string_equal(found, wanted);
}

static void hours_are_cut_into_slots_that_fit_whole(void **state)
{
	struct openings o = { .span_count = 0 };
	struct fault why;

	(void)state;
	assert_int_equal(openings_read(
		&o, "mon-fri 09:00-10:15 14:00-15:00; sat,sun 23:00-24:00",
		&why), 0);
	assert_starts(&o, "2025-12-03", "540 570 840 870");	/* Wednesday */
	assert_starts(&o, "2025-12-06", "1380 1410");		/* Saturday */
	assert_starts(&o, "2025-12-07", "1380 1410");		/* Sunday */
}

static void days_may_go_over_the_end_of_a_week_and_overlap(void **state)
{
	struct openings o = { .span_count = 0 };
	struct fault why;

	(void)state;
	assert_int_equal(openings_read(&o, "fri-mon 09:00-10:00;"
				       "mon 09:00-10:30", &why), 0);
	assert_starts(&o, "2025-12-08", "540 570 600");		/* Monday */
	assert_starts(&o, "2025-12-09", "");
	assert_starts(&o, "2025-12-12", "540 570");		/* Friday */
}

static void nothing_begins_on_a_closed_day(void **state)
{
	struct openings o = { .span_count = 0 };
	struct fault why;

	(void)state;
	assert_int_equal(openings_read(&o, "mon-sun 09:00-10:00", &why), 0);
	assert_int_equal(openings_close(
		&o, "2025-12-24..2026-01-02, 2026-05-01", &why), 0);
	assert_starts(&o, "2025-12-23", "540 570");
	assert_starts(&o, "2025-12-24", "");
	assert_starts(&o, "2025-12-31", "");
	assert_starts(&o, "2026-01-02", "");
	assert_starts(&o, "2026-01-03", "540 570");
	assert_starts(&o, "2026-05-01", "");
}

static void hours_may_be_written_as_people_do(void **state)
{
	struct openings o = { .span_count = 0 };
	struct fault why;

	(void)state;
	assert_int_equal(openings_read_day(&o, 3, " 9h-10h, 14:00 – 15H00\n",
					   &why), 0);
	assert_int_equal(openings_read_day(&o, 4, "", &why), 0);
	assert_starts(&o, "2025-12-03", "540 570 840 870");	/* Wednesday */
	assert_starts(&o, "2025-12-04", "");
	assert_int_equal(openings_read_day(&o, 4, "9h3-10h", &why), 0);
	assert_starts(&o, "2025-12-04", "543");
	assert_int_equal(openings_read_day(&o, 4, "9h60-10h", &why), -1);
	assert_int_equal(openings_read_day(&o, 4, "9h-10h11h-12h", &why), -1);
	assert_int_equal(openings_read_day(&o, 4, "9h-", &why), -1);
	assert_int_equal(openings_read_day(&o, 4, "009h-10h", &why), -1);
	assert_int_equal(openings_read_day(&o, 4, "mon 9h-10h", &why), -1);
}

static void hours_have_a_limit(void **state)
{
	struct openings o = { .span_count = OPENINGS_SPANS_MAX - 1 };
	struct fault why;

	(void)state;
	assert_int_equal(openings_read_day(&o, 1, "9h-10h", &why), 0);
	assert_int_equal(openings_read_day(&o, 1, "10h-11h", &why), -1);
	assert_non_null(strstr(why.text, "64"));
}

static void what_is_no_opening_hour_is_refused(void **state)
{
	static const char *const hours[] = {
		"", ";", "mon", "09:00-10:00", "mon 9-10", "mon 09:00",
		"mon 10:00-09:00", "mon 09:00-09:00", "mon 09:00-24:01",
		"mon 09:60-10:00", "mon 25:00-26:00", "moon 09:00-10:00",
		"mon- 09:00-10:00", "mon 09:00-10:00 tue",
		"mon-tue-wed 09:00-10:00", "mon 09:00-10:00x",
		"mon -1:00-10:00",
	};
	static const char *const closed[] = {
		"2025-02-29", "2025-13-01", "25-01-01", "x",
		"2025-01-02..2025-01-01", "2025-01-01..", "2025-1-1",
		"1969-12-31",
	};
	struct fault why;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(hours); i++) {
		struct openings o = { .span_count = 0 };

		print_message("%s\n", hours[i]);
		assert_int_equal(openings_read(&o, hours[i], &why), -1);
	}
	for (size_t i = 0; i < ARRAY_COUNT(closed); i++) {
		struct openings o = { .span_count = 0 };

		print_message("%s\n", closed[i]);
		assert_int_equal(openings_close(&o, closed[i], &why), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours_are_cut_into_slots_that_fit_whole),
		cmocka_unit_test(days_may_go_over_the_end_of_a_week_and_overlap),
		cmocka_unit_test(nothing_begins_on_a_closed_day),
		cmocka_unit_test(hours_may_be_written_as_people_do),
		cmocka_unit_test(hours_have_a_limit),
		cmocka_unit_test(what_is_no_opening_hour_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
