/* SPDX-License-Identifier: MIT */
/*
 * IANA time zones by the system's tz database.
 *
 * Works through TZ and tzset(), so only in a single-threaded process; the zone
 * last used stays set, which makes a run of calls for one zone cheap.
 */
#ifndef DOMAIN_ZONE_H
#define DOMAIN_ZONE_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct json_object;

#define ZONE_NAME_MAX 64

/* Where the zones are looked for: TZDIR, else the system's directory.
 * Borrowed until the environment changes. */
const char *zone_dir(void);

/* Does the system know this zone?  glibc takes an unknown one for UTC in
 * silence, so the file itself is looked at. */
bool zone_is_known(const char *name);

/* This machine's zone, by /etc/timezone or else /etc/localtime; "" if neither
 * names one that is known. */
void zone_of_host(char out[ZONE_NAME_MAX + 1]);

/* Calls each with a zone of each country, in the order of their names; nothing
 * if the system has no list of them (zone.tab). */
void zone_each(void (*each)(void *arg, const char *zone), void *arg);

/* The zone in which times are shown: that one, or "UTC" if it is not known.
 * Borrowed from zone. */
const char *zone_said(const char *zone);

/*
 * What clocks in zone show at the instant at_s (Unix time).  offset_s_out (may
 * be NULL) gets the seconds east of UTC.  Returns 0, or -1 (unknown zone, or no
 * such year): *out is then UTC and the offset 0.  The first unknown zone that a
 * process meets is told to the log.
 */
int zone_local(const char *zone, int64_t at_s, struct tm *out,
	       int *offset_s_out);

/* The same, as if those clocks showed UTC; false if the zone is not known. */
bool zone_wall(const char *zone, int64_t at_s, int64_t *wall_s_out);

/* Has zones read anew from their files: a process that runs for weeks sees a
 * new version of them. */
void zone_reread(void);

enum zone_answer {
	ZONE_OK,
	ZONE_UNKNOWN,
	ZONE_NO_SUCH_TIME,	/* skipped by the clocks, or 31 February */
};

/*
 * The instant at which clocks in zone show local (tm_year .. tm_sec are read).
 * A time that occurs twice, when clocks go back, is its first occurrence.
 */
enum zone_answer zone_instant(const char *zone, const struct tm *local,
			      int64_t *at_s_out);

/* "+01:00"; seconds of an offset (none is in use since 1972) are dropped. */
void zone_offset_format(int offset_s, char out[8]);

/* An instant as clocks in zone show it: "2025-12-03T14:30:00+01:00"; "" for
 * 0. */
#define ZONE_ISO_SIZE 32
void zone_iso(const char *zone, int64_t at_ms, char out[ZONE_ISO_SIZE]);

/* Adds it to a JSON object. */
void zone_put(struct json_object *to, const char *name, const char *zone,
	      int64_t at_ms);

/* The same in UTC, as calendars want it: "2025-12-03T13:30:00Z". */
void zone_utc(int64_t at_s, char out[ZONE_ISO_SIZE]);

/*
 * Days as clocks in a zone show them have 23, 24 or 25 hours as a rule, and
 * none where clocks leave out a whole day.
 *
 * The first instant at which clocks in zone show that date (tm_year, tm_mon,
 * tm_mday), or, if they leave it out, a later one.  So what lies between here
 * and the next date's is that day, and nothing if there was no such day.  In a
 * zone that is not known: UTC's.
 */
int64_t zone_day_begin(const char *zone, const struct tm *date);

/* Reads "2025-12-03" as zone_date_after() gives a day; false, and *out is
 * nothing, if the calendar has no such day. */
bool zone_date_read(const char *text, struct tm *out);

/* The date n days after another one, by the calendar alone; at midnight. */
struct tm zone_date_after(const struct tm *date, int n);

/* The day that clocks in zone show at the instant at_s, in days since
 * 1970-01-01. */
int64_t zone_today(const char *zone, int64_t at_s);

#endif
