/* SPDX-License-Identifier: MIT */
/* Counts the days and weeks of a month. */
#include "config.h"

#include "domain/month.h"

#include "domain/zone.h"

#include <stdio.h>
#include <string.h>

struct tm month_after(const struct tm *date, int n)
{
	const struct tm first = {
		.tm_year = date->tm_year,
		.tm_mon = date->tm_mon + n,
		.tm_mday = 1,
	};

	return zone_date_after(&first, 0);
}

struct month month_of(const struct tm *date, int week_begins)
{
	struct tm after = month_after(date, 1);
	struct tm last = zone_date_after(&after, -1);
	struct month m = { .first = month_after(date, 0),
			   .days = last.tm_mday };

	m.lead = (m.first.tm_wday - week_begins + WEEK_DAYS) % WEEK_DAYS;
	return m;
}

bool month_is_before(const struct tm *a, const struct tm *b)
{
	return a->tm_year != b->tm_year ? a->tm_year < b->tm_year :
					  a->tm_mon < b->tm_mon;
}

bool month_read(const char *text, struct tm *first_out)
{
	char day[sizeof("2025-12-01")];

	if (strlen(text) != strlen("2025-12"))
		return false;
	(void)snprintf(day, sizeof(day), "%s-01", text);
	return zone_date_read(day, first_out);
}
