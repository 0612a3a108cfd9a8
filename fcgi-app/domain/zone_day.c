/* SPDX-License-Identifier: MIT */
/* Where a zone's days begin. */
#include "config.h"

#include "domain/zone_day.h"

#include "domain/zone.h"

#define HOUR_S 3600
/* No clock was ever further from UTC than 16 hours, and none leaves out more
 * than a day. */
#define REACH_S (INT64_C(48) * HOUR_S)
#define DAY_S 86400

static bool is_before(const struct tm *a, const struct tm *b)
{
	if (a->tm_year != b->tm_year)
		return a->tm_year < b->tm_year;
	if (a->tm_mon != b->tm_mon)
		return a->tm_mon < b->tm_mon;
	return a->tm_mday < b->tm_mday;
}

struct tm zone_date_after(const struct tm *date, int n)
{
	struct tm after = {
		.tm_year = date->tm_year,
		.tm_mon = date->tm_mon,
		.tm_mday = date->tm_mday + n,
	};

	(void)timegm(&after); /* brings its members into their bounds */
	return after;
}

int64_t zone_day_begin(const char *zone, const struct tm *date)
{
	struct tm midnight = zone_date_after(date, 0);
	int64_t utc_s = (int64_t)timegm(&midnight);
	int64_t before_s = utc_s - REACH_S;
	int64_t at_s;

	if (zone_instant(zone, &midnight, &at_s) == ZONE_OK)
		return at_s;
	/* Clocks jump over that midnight: to where? */
	at_s = utc_s + REACH_S;
	while (at_s - before_s > 1) {
		int64_t middle_s = before_s + (at_s - before_s) / 2;
		struct tm local;

		(void)zone_local(zone, middle_s, &local, NULL);
		if (is_before(&local, &midnight))
			before_s = middle_s;
		else
			at_s = middle_s;
	}
	return at_s;
}

int64_t zone_today(const char *zone, int64_t at_s)
{
	struct tm local;

	(void)zone_local(zone, at_s, &local, NULL);
	local = zone_date_after(&local, 0);
	return (int64_t)timegm(&local) / DAY_S;
}
