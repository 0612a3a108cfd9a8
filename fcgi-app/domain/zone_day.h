/* SPDX-License-Identifier: MIT */
/*
 * Days as clocks in a zone show them: of 23, 24 or 25 hours as a rule, of none
 * where clocks leave out a whole day.
 */
#ifndef DOMAIN_ZONE_DAY_H
#define DOMAIN_ZONE_DAY_H

#include "base/compiler.h"

#include <stdint.h>
#include <time.h>

/*
 * The first instant at which clocks in zone show that date (tm_year, tm_mon,
 * tm_mday), or, if they leave it out, a later one.  So what lies between here
 * and the next date's is that day, and nothing if there was no such day.  In a
 * zone that is not known: UTC's.
 */
int64_t zone_day_begin(const char *zone, const struct tm *date);

/* The date n days after another one, by the calendar alone; at midnight. */
struct tm zone_date_after(const struct tm *date, int n);

/* The day that clocks in zone show at the instant at_s, in days since
 * 1970-01-01. */
int64_t zone_today(const char *zone, int64_t at_s);

#endif
