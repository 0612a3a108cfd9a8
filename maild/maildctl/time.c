/* SPDX-License-Identifier: MIT */
/* Times as people write and read them. */
#include "config.h"

#include "maildctl/time.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SEC 1000LL
#define MIN (60 * SEC)
#define HOUR (60 * MIN)
#define DAY (24 * HOUR)

bool ctl_span_parse(const char *text, int64_t *out_ms)
{
	static const struct str_unit units[] = {
		{ "ms", 1 }, { "s", SEC }, { "min", MIN }, { "h", HOUR },
		{ "d", DAY }, { "w", 7 * DAY },
	};

	return str_to_quantity(text, units, ARRAY_COUNT(units), out_ms);
}

/* Reads the whole of text by one of the formats; *tm keeps today's date where
 * the format has none. */
static bool read_date(const char *text, struct tm *tm)
{
	static const char *const formats[] = {
		"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d", "%H:%M",
	};

	for (size_t i = 0; i < ARRAY_COUNT(formats); i++) {
		struct tm one = *tm;
		const char *end = strptime(text, formats[i], &one);

		if (end && *end == '\0') {
			*tm = one;
			return true;
		}
	}
	return false;
}

/* mktime() and timegm() move what does not exist (30 February, the hour left
 * out in spring) to another time: true if they did not. */
static bool is_same(const struct tm *a, const struct tm *b)
{
	return a->tm_year == b->tm_year && a->tm_mon == b->tm_mon &&
	       a->tm_mday == b->tm_mday && a->tm_hour == b->tm_hour &&
	       a->tm_min == b->tm_min;
}

int ctl_when_parse(const char *text, int64_t now_ms, int64_t *out_ms,
		   struct fault *why)
{
	time_t now = (time_t)(now_ms / SEC);
	size_t len = strlen(text);
	bool utc = len > 0 && text[len - 1] == 'Z';
	char date[32];
	struct tm tm;
	struct tm meant;
	int64_t span_ms;
	time_t at;

	if (ctl_span_parse(text, &span_ms)) {
		*out_ms = now_ms > span_ms ? now_ms - span_ms : 0;
		return 0;
	}
	if (!(utc ? gmtime_r(&now, &tm) : localtime_r(&now, &tm)) ||
	    len >= sizeof(date))
		goto wrong;
	memcpy(date, text, len + 1);
	if (utc)
		date[len - 1] = '\0';
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	if (!read_date(date, &tm))
		goto wrong;
	tm.tm_isdst = -1;
	meant = tm;
	at = utc ? timegm(&tm) : mktime(&tm);
	if (at < 0 || !is_same(&tm, &meant))
		goto wrong;
	*out_ms = (int64_t)at * SEC;
	return 0;
wrong:
	return fault_set(why, FAULT_REJECT,
			 "\"%.40s\" is no time: write 2h, 3d, 14:05, 2026-11-23"
			 " or 2026-11-23T14:05", text);
}

const char *ctl_age_text(char out[CTL_AGE_MAX], int64_t ms)
{
	static const struct {
		int64_t ms, below_ms;
		const char *name;
	} units[] = {
		{ SEC, 2 * MIN, "s" }, { MIN, 2 * HOUR, "min" },
		{ HOUR, 2 * DAY, "h" }, { DAY, INT64_MAX, "d" },
	};
	size_t i = 0;
	int64_t count;

	while (ms >= units[i].below_ms && i < ARRAY_COUNT(units) - 1)
		i++;
	count = ms > 0 ? ms / units[i].ms : 0;
	if (count > 99999999)
		count = 99999999;
	(void)snprintf(out, CTL_AGE_MAX, "%d %s", (int)count, units[i].name);
	return out;
}

const char *ctl_ago_text(char out[CTL_AGO_MAX], int64_t at_ms, int64_t now_ms)
{
	char age[CTL_AGE_MAX];

	out[0] = '\0';
	if (at_ms > now_ms)
		(void)snprintf(out, CTL_AGO_MAX, "in %s",
			       ctl_age_text(age, at_ms - now_ms));
	else if (at_ms)
		(void)snprintf(out, CTL_AGO_MAX, "%s ago",
			       ctl_age_text(age, now_ms - at_ms));
	return out;
}

const char *ctl_local_text(char out[CTL_LOCAL_MAX], int64_t at_ms)
{
	time_t at = (time_t)(at_ms / SEC);
	struct tm tm;

	if (at_ms <= 0 || !localtime_r(&at, &tm) ||
	    strftime(out, CTL_LOCAL_MAX, "%Y-%m-%d %H:%M:%S %Z", &tm) == 0)
		(void)snprintf(out, CTL_LOCAL_MAX, "-");
	return out;
}
