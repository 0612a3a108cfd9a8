/* SPDX-License-Identifier: MIT */
/* Time zones: names, local times, and the hours that clocks skip or repeat. */
#include "config.h"

#include "domain/zone.h"


#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

static struct tm local_of(int year, int month, int day, int hour, int minute)
{
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	tm.tm_hour = hour;
	tm.tm_min = minute;
	return tm;
}

static void only_names_that_the_system_has_are_known(void **state)
{
	static const struct {
		const char *name;
		bool known;
	} rows[] = {
		{ "Europe/Paris", true },
		{ "UTC", true },
		{ "America/Argentina/Buenos_Aires", true },
		{ "Etc/GMT+3", true },
		{ "Europe/Pariss", false },
		{ "europe/paris", false },
		{ "Europe", false },	/* a directory */
		{ "", false },
		{ "/usr/share/zoneinfo/Europe/Paris", false },
		{ "../zoneinfo/Europe/Paris", false },
		{ "Europe/../Europe/Paris", false },
		{ "zone.tab", false },
		{ "localtime", false },
		{ "posix/Europe/Paris", false },
		{ "right/Europe/Paris", false },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", false },
		{ "Europe/Paris\n", false },
		{ "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/"
		  "aaaaaaaaaaaaaaaa", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (zone_is_known(rows[i].name) != rows[i].known)
			fail_msg("%s", rows[i].name);
}

static void an_instant_is_shown_in_the_zone_asked_for(void **state)
{
	struct tm tm;
	int offset_s;

	(void)state;
	/* 2025-12-03 13:30:00 UTC, three zones in turn and back */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(zone_local("Europe/Paris", 1764768600, &tm,
					    &offset_s), 0);
		assert_int_equal(tm.tm_hour, 14);
		assert_int_equal(tm.tm_wday, 3);
		assert_int_equal(offset_s, 3600);
		assert_int_equal(zone_local("Asia/Kolkata", 1764768600, &tm,
					    &offset_s), 0);
		assert_int_equal(tm.tm_hour, 19);
		assert_int_equal(tm.tm_min, 0);
		assert_int_equal(offset_s, 19800);
		assert_int_equal(zone_local("America/New_York", 1764768600,
					    &tm, NULL), 0);
		assert_int_equal(tm.tm_hour, 8);
	}
}

static void summer_time_moves_the_offset(void **state)
{
	struct tm tm;
	int offset_s;

	(void)state;
	assert_int_equal(zone_local("Europe/Paris", 1782907200, &tm,
				    &offset_s), 0);	/* 1 July 2026 */
	assert_int_equal(offset_s, 7200);
	assert_true(tm.tm_isdst > 0);
}

static void an_unknown_zone_is_said_and_gives_utc(void **state)
{
	struct tm tm;
	int offset_s = 7;

	(void)state;
	assert_int_equal(zone_local("Mars/Olympus", 1764768600, &tm,
				    &offset_s), -1);
	assert_int_equal(tm.tm_hour, 13);
	assert_int_equal(offset_s, 0);
}

static void what_clocks_show_is_an_instant_of_its_own(void **state)
{
	int64_t wall_s;

	(void)state;
	/* 13:30 UTC is 14:30 in Paris. */
	assert_true(zone_wall("Europe/Paris", 1764768600, &wall_s));
	assert_true(wall_s == 1764768600 + 3600);
	zone_reread();
	assert_true(zone_wall("Europe/Paris", 1764768600, &wall_s));
	assert_true(wall_s == 1764768600 + 3600);
	assert_false(zone_wall("Mars/Olympus", 1764768600, &wall_s));
	assert_string_equal(zone_said("Europe/Paris"), "Europe/Paris");
	assert_string_equal(zone_said("Mars/Olympus"), "UTC");
}

static void local_times_become_instants(void **state)
{
	static const struct {
		const char *label;
		const char *zone;
		int y, mo, d, h, mi;
		enum zone_answer answer;
		int64_t at_s;
	} rows[] = {
		{ "winter", "Europe/Paris", 2025, 12, 3, 14, 30, ZONE_OK,
		  1764768600 },
		{ "summer", "Europe/Paris", 2026, 7, 1, 14, 0, ZONE_OK,
		  1782907200 },
		{ "before the gap", "Europe/Paris", 2026, 3, 29, 1, 59,
		  ZONE_OK, 1774745940 },
		{ "in the gap", "Europe/Paris", 2026, 3, 29, 2, 30,
		  ZONE_NO_SUCH_TIME, 0 },
		{ "behind the gap", "Europe/Paris", 2026, 3, 29, 3, 0,
		  ZONE_OK, 1774746000 },
		{ "twice: the first", "Europe/Paris", 2026, 10, 25, 2, 30,
		  ZONE_OK, 1792888200 },
		{ "twice, and never summer: the first", "Europe/Moscow", 2014,
		  10, 26, 1, 30, ZONE_OK, 1414272600 },
		{ "gap of half an hour", "Australia/Lord_Howe", 2026, 10, 4,
		  2, 15, ZONE_NO_SUCH_TIME, 0 },
		{ "winter time is the special one", "Europe/Dublin", 2026, 1,
		  10, 12, 0, ZONE_OK, 1768046400 },
		{ "a day that was skipped", "Pacific/Apia", 2011, 12, 30, 12,
		  0, ZONE_NO_SUCH_TIME, 0 },
		{ "no such day", "Europe/Paris", 2026, 2, 31, 12, 0,
		  ZONE_NO_SUCH_TIME, 0 },
		{ "leap day", "UTC", 2028, 2, 29, 0, 0, ZONE_OK,
		  1835395200 },
		{ "unknown zone", "Europe/Pariss", 2026, 2, 1, 12, 0,
		  ZONE_UNKNOWN, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct tm local = local_of(rows[i].y, rows[i].mo, rows[i].d,
					   rows[i].h, rows[i].mi);
		int64_t at_s = 0;

		if (zone_instant(rows[i].zone, &local, &at_s) !=
		    rows[i].answer || at_s != rows[i].at_s)
			fail_msg("%s: %lld", rows[i].label, (long long)at_s);
	}
}

static void every_hour_of_a_year_comes_back_from_its_local_time(void **state)
{
	int64_t doubled = 0;

	(void)state;
	for (int64_t at_s = 1767225600; at_s < 1798761600; at_s += 3600) {
		struct tm tm;
		int64_t back = 0;

		assert_int_equal(zone_local("Europe/Paris", at_s, &tm, NULL),
				 0);
		assert_int_equal(zone_instant("Europe/Paris", &tm, &back),
				 ZONE_OK);
		if (back != at_s) {
			assert_int_equal(at_s - back, 3600);
			doubled++;
		}
	}
	assert_int_equal(doubled, 1);
}

static void offsets_are_written_with_sign_and_two_digits(void **state)
{
	static const struct {
		int offset_s;
		const char *text;
	} rows[] = {
		{ 0, "+00:00" }, { 3600, "+01:00" }, { -12600, "-03:30" },
		{ 20700, "+05:45" }, { -39600, "-11:00" },
	};
	char text[8];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		zone_offset_format(rows[i].offset_s, text);
		assert_string_equal(text, rows[i].text);
	}
}

static void a_date_is_read_or_refused(void **state)
{
	static const char *const bad[] = {
		"", "2025-12-3", "2025-13-01", "2025-00-01", "2025-12-32",
		"2025/12/03", "25-12-03", "2025-12-03x", "2025-1 -03",
		"-025-12-03", "2026-02-29", "2026-02-30", "2026-04-31",
	};
	struct tm tm;

	(void)state;
	assert_true(zone_date_read("2025-12-03", &tm));
	assert_int_equal(tm.tm_year, 125);
	assert_int_equal(tm.tm_mon, 11);
	assert_int_equal(tm.tm_mday, 3);
	assert_int_equal(tm.tm_hour, 0);
	assert_int_equal(tm.tm_wday, 3);
	assert_true(zone_date_read("2028-02-29", &tm));
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_false(zone_date_read(bad[i], &tm));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_names_that_the_system_has_are_known),
		cmocka_unit_test(an_instant_is_shown_in_the_zone_asked_for),
		cmocka_unit_test(summer_time_moves_the_offset),
		cmocka_unit_test(an_unknown_zone_is_said_and_gives_utc),
		cmocka_unit_test(what_clocks_show_is_an_instant_of_its_own),
		cmocka_unit_test(local_times_become_instants),
		cmocka_unit_test(
			every_hour_of_a_year_comes_back_from_its_local_time),
		cmocka_unit_test(offsets_are_written_with_sign_and_two_digits),
		cmocka_unit_test(a_date_is_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
