/* SPDX-License-Identifier: MIT */
/* A month of the calendar, as a table of weeks.  Pure; no zone. */
#ifndef DOMAIN_MONTH_H
#define DOMAIN_MONTH_H

#include <stdbool.h>
#include <time.h>

#define MONTH_DAYS_MAX 31
#define WEEK_DAYS 7

struct month {
	struct tm first;	/* its first day, at midnight */
	int days;		/* 28 to 31 */
	int lead;		/* empty cells before it in its week, 0 to 6 */
};

/* The month of a date; its weeks begin with that day, 0 is Sunday. */
struct month month_of(const struct tm *date, int week_begins);

/* The first day of the month that is n months after that of date. */
struct tm month_after(const struct tm *date, int n);

/* Is a's month before b's? */
bool month_is_before(const struct tm *a, const struct tm *b);

/* Reads "2025-12" as the first day of that month; false if it is none. */
bool month_read(const char *text, struct tm *first_out);

#endif
