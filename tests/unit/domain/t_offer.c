/* SPDX-License-Identifier: MIT */
/* How long a place is kept: from the mail on, but not through the night. */
#include "config.h"

#include "domain/offer.h"

#include <time.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#define HOUR_MS INT64_C(3600000)
#define NIGHT { 22 * 60, 7 * 60 }

/* 2025-12-03 at that hour of Paris, which is an hour ahead; minutes may be
 * more than 59. */
static int64_t at_ms(int day, int hour, int minute)
{
	struct tm tm = { .tm_year = 125, .tm_mon = 11, .tm_mday = day,
			 .tm_hour = hour - 1, .tm_min = minute };

	return (int64_t)timegm(&tm) * 1000;
}

static struct offer_clock paris(int64_t told_ms, int64_t minutes)
{
	return (struct offer_clock){
		.made_at_ms = at_ms(3, 9, 0),
		.told_at_ms = told_ms,
		.minutes = minutes,
		.starts_at_ms = at_ms(20, 14, 0),
		.zone = "Europe/Paris",
		.quiet = NIGHT,
	};
}

static void its_time_runs_from_the_mail(void **state)
{
	struct offer_clock c = paris(at_ms(3, 10, 30), 120);

	(void)state;
	assert_int_equal(offer_until_ms(&c), at_ms(3, 12, 30));
	c.told_at_ms += 30;
	assert_int_equal(offer_until_ms(&c), at_ms(3, 12, 30) + 30);
}

static void without_a_mail_it_ends_after_half_a_day(void **state)
{
	struct offer_clock c = paris(0, 5);

	(void)state;
	assert_int_equal(offer_until_ms(&c), at_ms(3, 21, 0));
	c.starts_at_ms = at_ms(3, 10, 0);
	assert_int_equal(offer_until_ms(&c), at_ms(3, 10, 0));
}

static void the_night_does_not_count(void **state)
{
	static const struct {
		const char *label;
		int hour, minute, minutes;
		int day, until_hour, until_minute;
	} rows[] = {
		{ "ends as it begins", 20, 0, 120, 3, 22, 0 },
		{ "a minute is left", 20, 1, 120, 4, 7, 1 },
		{ "most is left", 21, 30, 120, 4, 8, 30 },
		{ "told at its beginning", 22, 0, 120, 4, 9, 0 },
		{ "told before midnight", 23, 59, 60, 4, 8, 0 },
		{ "told after midnight", 27, 0, 60, 4, 8, 0 },
		{ "told at its end", 31, 0, 60, 4, 8, 0 },
		{ "two nights", 21, 0, 17 * 60, 5, 8, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct offer_clock c = paris(
			at_ms(3, rows[i].hour, rows[i].minute),
			rows[i].minutes);
		int64_t until = offer_until_ms(&c);

		if (until != at_ms(rows[i].day, rows[i].until_hour,
				   rows[i].until_minute))
			fail_msg("%s: %lld", rows[i].label,
				 (long long)(until - at_ms(3, 0, 0)) / 60000);
	}
}

static void a_quiet_part_of_the_day_need_not_hold_midnight(void **state)
{
	struct offer_clock c = paris(at_ms(3, 11, 30), 60);

	(void)state;
	c.quiet = (struct quiet_hours){ 12 * 60, 14 * 60 };
	assert_int_equal(offer_until_ms(&c), at_ms(3, 14, 30));
	c.quiet = (struct quiet_hours){ 12 * 60, 12 * 60 };
	assert_int_equal(offer_until_ms(&c), at_ms(3, 12, 30));
}

static void no_place_is_kept_when_it_has_begun(void **state)
{
	struct offer_clock c = paris(at_ms(3, 21, 0), 1440);

	(void)state;
	c.starts_at_ms = at_ms(4, 6, 0);
	assert_int_equal(offer_until_ms(&c), at_ms(4, 6, 0));
	c.quiet = (struct quiet_hours){ 0, 0 };
	assert_int_equal(offer_until_ms(&c), at_ms(4, 6, 0));
}

static void a_lost_zone_has_the_night_of_utc(void **state)
{
	struct offer_clock c = paris(at_ms(3, 23, 30), 120);

	(void)state;
	c.zone = "Europe/Nowhere";
	/* 22:30 UTC: quiet until 7:00 UTC. */
	assert_int_equal(offer_until_ms(&c), at_ms(4, 10, 0));
}

static void nobody_waits_longer_than_an_hour_more_as_clocks_change(
	void **state)
{
	/* The nights before 30 March and 26 October 2025, in CET and CEST. */
	static const int64_t nights_s[] = { 1743282000, 1761422400 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct offer_clock c = {
			.told_at_ms = nights_s[i] * 1000,
			.minutes = 60,
			.starts_at_ms = (nights_s[i] + 864000) * 1000,
			.zone = "Europe/Paris",
			.quiet = NIGHT,
		};
		int64_t least = c.told_at_ms + 9 * HOUR_MS;
		int64_t until = offer_until_ms(&c);

		assert_true(until >= least - HOUR_MS);
		assert_true(until <= least + 2 * HOUR_MS);
	}
}

static void a_length_is_said_if_all_of_it_comes_before_the_slot(void **state)
{
	struct offer_clock c = paris(0, 120);

	(void)state;
	assert_true(offer_is_whole(&c));
	c.starts_at_ms = at_ms(3, 11, 0);
	assert_false(offer_is_whole(&c));
	c.starts_at_ms += 1;
	assert_true(offer_is_whole(&c));
}

static void quiet_hours_are_read_or_refused(void **state)
{
	static const char *const bad[] = {
		"22:00", "22:00-7:00", "24:00-07:00", "22:60-07:00", "-", " ",
		"22.00-07:00", "22:00-07:00 ", "22:00/07:00", "aa:bb-cc:dd",
		"2200-0700xx",
	};
	struct quiet_hours q;

	(void)state;
	assert_true(quiet_hours_read("22:05-07:00", &q));
	assert_int_equal(q.from_min, 22 * 60 + 5);
	assert_int_equal(q.until_min, 7 * 60);
	assert_true(quiet_hours_read("", &q));
	assert_int_equal(q.from_min, q.until_min);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (quiet_hours_read(bad[i], &q))
			fail_msg("taken: %s", bad[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_time_runs_from_the_mail),
		cmocka_unit_test(without_a_mail_it_ends_after_half_a_day),
		cmocka_unit_test(the_night_does_not_count),
		cmocka_unit_test(
			a_quiet_part_of_the_day_need_not_hold_midnight),
		cmocka_unit_test(no_place_is_kept_when_it_has_begun),
		cmocka_unit_test(a_lost_zone_has_the_night_of_utc),
		cmocka_unit_test(
		    nobody_waits_longer_than_an_hour_more_as_clocks_change),
		cmocka_unit_test(
			a_length_is_said_if_all_of_it_comes_before_the_slot),
		cmocka_unit_test(quiet_hours_are_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
