/* SPDX-License-Identifier: MIT */
/* IANA time zones by way of the C library. */
#include "config.h"

#include "domain/zone.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "base/logger.h"
#include "base/str.h"
#include "json/put.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZONE_DIR "/usr/share/zoneinfo"

/* Clocks are at most 16 hours away from UTC, and show an offset for more than
 * four hours. */
#define LOOK_S (4 * 3600)
#define LOOK_STEPS 4

static bool name_is_plain(const char *name)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789_+-/";
	size_t len = strlen(name);

	if (!len || len > ZONE_NAME_MAX || name[0] == '/' || name[0] == '-')
		return false;
	if (strspn(name, letters) != len)	/* no dot, so no ".." */
		return false;
	/* In the directory, but no places: the machine's own zone, and the
	 * same ones with and without leap seconds. */
	return strcmp(name, "localtime") != 0 &&
	       strcmp(name, "posixrules") != 0 &&
	       strncmp(name, "posix/", 6) != 0 &&
	       strncmp(name, "right/", 6) != 0;
}

const char *zone_dir(void)
{
	const char *dir = getenv("TZDIR");	/* as the C library does */

	return dir && *dir ? dir : ZONE_DIR;
}

bool zone_is_known(const char *name)
{
	char path[512];
	char magic[4];
	int len;

	if (!name_is_plain(name))
		return false;
	len = snprintf(path, sizeof(path), "%s/%s", zone_dir(), name);
	if (len < 0 || (size_t)len >= sizeof(path))
		return false;

	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return false;

	ssize_t n = read(fd, magic, sizeof(magic));	/* -1 on a directory */

	(void)close(fd); /* was only read */
	return n == 4 && !memcmp(magic, "TZif", 4);
}

static bool name_take(const char *name, char out[ZONE_NAME_MAX + 1])
{
	return zone_is_known(name) && str_copy(out, ZONE_NAME_MAX + 1, name);
}

void zone_of_host(char out[ZONE_NAME_MAX + 1])
{
	FILE *file = fopen("/etc/timezone", "re");
	char text[512];
	char *name;
	ssize_t len;
	bool found = false;

	if (file) {
		if (fgets(text, sizeof(text), file))
			found = name_take(str_trim(text), out);
		(void)fclose(file);	/* was only read */
	}
	if (found)
		return;
	out[0] = '\0';
	len = readlink("/etc/localtime", text, sizeof(text) - 1);
	if (len < 0)
		return;
	text[len] = '\0';
	name = strstr(text, "/zoneinfo/");
	if (name && !name_take(name + strlen("/zoneinfo/"), out))
		out[0] = '\0';
}

#define ZONES_MAX 1000

static int name_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Its lines are "FR\t+4852+00220\tEurope/Paris", with a comment behind. */
static size_t names_read(FILE *file, char **names)
{
	size_t count = 0;
	char line[512];

	while (count < ZONES_MAX && fgets(line, sizeof(line), file)) {
		char *rest = line;

		(void)strsep(&rest, "\t");
		(void)strsep(&rest, "\t");
		if (line[0] == '#' || !rest)
			continue;
		rest[strcspn(rest, "\t\r\n")] = '\0';
		if (name_is_plain(rest))
			names[count++] = alloc_text(rest);
	}
	return count;
}

void zone_each(void (*each)(void *arg, const char *zone), void *arg)
{
	char *names[ZONES_MAX];
	char path[512];
	size_t count;
	int len = snprintf(path, sizeof(path), "%s/zone.tab", zone_dir());
	FILE *file = len > 0 && (size_t)len < sizeof(path) ?
		fopen(path, "re") : NULL;

	if (!file)
		return;
	count = names_read(file, names);
	(void)fclose(file);	/* was only read */
	qsort(names, count, sizeof(names[0]), name_order);
	for (size_t i = 0; i < count; i++) {
		each(arg, names[i]);
		free(names[i]);
	}
}

/* The zone that this process has set; "" if none. */
static char zone_in_use[ZONE_NAME_MAX + 1];

/* Sets the zone unless it is set already; what is set is known to be good. */
static bool zone_use(const char *zone)
{
	char tz[ZONE_NAME_MAX + 2] = ":";

	if (*zone != '\0' && strcmp(zone, zone_in_use) == 0)
		return true;
	if (!zone_is_known(zone) || !str_copy(tz + 1, sizeof(tz) - 1, zone) ||
	    setenv("TZ", tz, 1) < 0)
		return false;
	must(str_copy(zone_in_use, sizeof(zone_in_use), zone));
	tzset();
	return true;
}

const char *zone_said(const char *zone)
{
	return zone_use(zone) ? zone : "UTC";
}

/* A zone was known when it was stored: tzdata is gone, or has lost a name. */
static void tell_unknown(const char *zone)
{
	static bool is_told;	/* a line for each time on a page is no help */

	if (is_told)
		return;
	is_told = true;
	log_error("unknown time zone=%s in %s: its times are shown in UTC",
		  zone, zone_dir());
}

int zone_local(const char *zone, int64_t at_s, struct tm *out,
	       int *offset_s_out)
{
	time_t at = at_s;
	bool is_set = zone_use(zone);

	if (!is_set)
		tell_unknown(zone);
	if (is_set && localtime_r(&at, out)) {
		if (offset_s_out)
			*offset_s_out = (int)out->tm_gmtoff;
		return 0;
	}
	if (offset_s_out)
		*offset_s_out = 0;
	if (!gmtime_r(&at, out))
		memset(out, 0, sizeof(*out));
	return -1;
}

bool zone_wall(const char *zone, int64_t at_s, int64_t *wall_s_out)
{
	struct tm tm;

	if (zone_local(zone, at_s, &tm, NULL) < 0)
		return false;
	*wall_s_out = (int64_t)timegm(&tm);
	return true;
}

void zone_reread(void)
{
	/* The C library reads a zone when TZ becomes another one. */
	zone_in_use[0] = '\0';
	(void)unsetenv("TZ");
	tzset();
}

/* Do clocks show local at that instant? */
static bool is_shown(time_t at, const struct tm *local)
{
	struct tm tm;

	return localtime_r(&at, &tm) &&
	       tm.tm_year == local->tm_year && tm.tm_mon == local->tm_mon &&
	       tm.tm_mday == local->tm_mday && tm.tm_hour == local->tm_hour &&
	       tm.tm_min == local->tm_min && tm.tm_sec == local->tm_sec;
}

/*
 * mktime() cannot be asked for the first of two occurrences when neither is
 * summer time.  So each offset from UTC that is in force around that time is
 * tried: the instant, if there is one, is that many seconds away from UTC's.
 */
enum zone_answer zone_instant(const char *zone, const struct tm *local,
			      int64_t *at_s_out)
{
	struct tm utc = {
		.tm_year = local->tm_year,
		.tm_mon = local->tm_mon,
		.tm_mday = local->tm_mday,
		.tm_hour = local->tm_hour,
		.tm_min = local->tm_min,
		.tm_sec = local->tm_sec,
	};
	bool found = false;

	if (!zone_use(zone))
		return ZONE_UNKNOWN;

	time_t utc_s = timegm(&utc);

	for (int step = -LOOK_STEPS; step <= LOOK_STEPS; step++) {
		time_t near = utc_s + step * LOOK_S;
		struct tm tm;

		if (!localtime_r(&near, &tm))
			continue;

		time_t at = utc_s - tm.tm_gmtoff;

		if ((!found || at < *at_s_out) && is_shown(at, local)) {
			*at_s_out = at;
			found = true;
		}
	}
	return found ? ZONE_OK : ZONE_NO_SUCH_TIME;
}

void zone_offset_format(int offset_s, char out[8])
{
	int minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;

	*out++ = offset_s < 0 ? '-' : '+';
	out = str_digits(out, minutes / 60, 2);
	*out++ = ':';
	*str_digits(out, minutes % 60, 2) = '\0';
}

#define LOCAL_LEN 19

/* Writes "2025-12-03T14:30:00", and returns where it ends. */
static char *put_local(char out[LOCAL_LEN], const struct tm *tm)
{
	out = str_digits(out, tm->tm_year + 1900, 4);
	*out++ = '-';
	out = str_digits(out, tm->tm_mon + 1, 2);
	*out++ = '-';
	out = str_digits(out, tm->tm_mday, 2);
	*out++ = 'T';
	out = str_digits(out, tm->tm_hour, 2);
	*out++ = ':';
	out = str_digits(out, tm->tm_min, 2);
	*out++ = ':';
	return str_digits(out, tm->tm_sec, 2);
}

void zone_iso(const char *zone, int64_t at_ms, char out[ZONE_ISO_SIZE])
{
	struct tm tm;
	int offset_s;

	out[0] = '\0';
	if (at_ms == 0)
		return;
	/* A zone that is gone is shown as UTC, and says so. */
	(void)zone_local(zone, at_ms / 1000, &tm, &offset_s);
	zone_offset_format(offset_s, put_local(out, &tm));
}

void zone_put(struct json_object *to, const char *name, const char *zone,
	      int64_t at_ms)
{
	char text[ZONE_ISO_SIZE];

	zone_iso(zone, at_ms, text);
	put_text(to, name, text);
}

void zone_utc(int64_t at_s, char out[ZONE_ISO_SIZE])
{
	time_t at = at_s;
	struct tm tm;

	must(gmtime_r(&at, &tm));
	memcpy(put_local(out, &tm), "Z", 2);
}

/* ---- days --------------------------------------------------------------- */

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

/* The number of exactly len digits, -1 if it is none within these bounds. */
static int digits(const char *text, size_t len, int min, int max)
{
	int value = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value >= min && value <= max ? value : -1;
}

bool zone_date_read(const char *text, struct tm *out)
{
	int year;
	int month;
	int day;

	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
		return false;
	year = digits(text, 4, 1970, 9999);
	month = digits(text + 5, 2, 1, 12);
	day = digits(text + 8, 2, 1, 31);
	if (year < 0 || month < 0 || day < 0)
		return false;
	*out = zone_date_after(&(struct tm){
		.tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = day,
	}, 0);
	/* 31 February would be a day of March. */
	return out->tm_mday == day;
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
