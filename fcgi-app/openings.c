/* SPDX-License-Identifier: MIT */
/* Reads opening hours and cuts them into slots. */
#include "config.h"

#include "openings.h"

#include "alloc.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_S 86400
#define WEEK 7

static int refuse(struct fault *why, const char *word)
{
	return fault_set(why, FAULT_REJECT,
			 "\"%s\" is none of: days (mon-fri), a span "
			 "(09:00-12:00), a day (2025-12-03), days "
			 "(2025-12-24..2026-01-02)", word);
}

/* ---- days of the week and spans ------------------------------------------- */

static int weekday(const char *name, size_t len)
{
	static const char *const names[WEEK] = {
		"sun", "mon", "tue", "wed", "thu", "fri", "sat",
	};

	for (int i = 0; i < WEEK; i++)
		if (len == 3 && strncmp(names[i], name, len) == 0)
			return i;
	return -1;
}

/* "mon-fri,sun". */
static bool days_read(const char *word, unsigned *days)
{
	while (*word != '\0') {
		size_t len = strcspn(word, "-,");
		int first = weekday(word, len);
		int last = first;

		word += len;
		if (*word == '-') {
			len = strcspn(++word, "-,");
			last = weekday(word, len);
			word += len;
		}
		if (first < 0 || last < 0 || (*word != '\0' && *word != ','))
			return false;
		word += *word == ',';
		/* Sat-mon goes over the end of the week. */
		for (int i = first; ; i = (i + 1) % WEEK) {
			*days |= 1u << i;
			if (i == last)
				break;
		}
	}
	return true;
}

static bool clock_read(const char *text, int *min_out)
{
	char number[3] = { 0 };
	int64_t hour;
	int64_t min;

	if (strlen(text) < 5 || text[2] != ':')
		return false;
	memcpy(number, text, 2);
	if (!str_to_int(number, 0, 24, &hour))
		return false;
	memcpy(number, text + 3, 2);
	if (!str_to_int(number, 0, 59, &min))
		return false;
	*min_out = (int)(hour * 60 + min);
	return *min_out <= OPENINGS_MINUTES;
}

/* "09:00-12:00". */
static bool span_read(const char *word, struct opening_span *span)
{
	return strlen(word) == 11 && word[5] == '-' &&
	       clock_read(word, &span->from_min) &&
	       clock_read(word + 6, &span->until_min) &&
	       span->from_min < span->until_min;
}

static int group_read(struct openings *o, char *group, struct fault *why)
{
	unsigned days = 0;
	size_t before = o->span_count;
	char *word;

	while ((word = strsep(&group, " \t")) != NULL) {
		struct opening_span span = { .days = 0 };

		if (*word == '\0')
			continue;
		if (!strchr(word, ':')) {
			if (o->span_count > before || !days_read(word, &days))
				return refuse(why, word);
			continue;
		}
		if (days == 0 || o->span_count == OPENINGS_SPANS_MAX ||
		    !span_read(word, &span))
			return refuse(why, word);
		span.days = days;
		o->spans[o->span_count++] = span;
	}
	if (days != 0 && o->span_count == before)
		return fault_set(why, FAULT_REJECT, "days without hours");
	return 0;
}

int openings_read(struct openings *o, const char *text, struct fault *why)
{
	char *copy = alloc_text(text);
	char *rest = copy;
	char *group;
	int r = 0;

	while (r == 0 && (group = strsep(&rest, ";")) != NULL)
		r = group_read(o, group, why);
	free(copy);
	if (r == 0 && o->span_count == 0)
		r = fault_set(why, FAULT_REJECT, "there are no hours");
	return r;
}

/* ---- days ------------------------------------------------------------------- */

bool openings_day(const char *text, int64_t *day_out)
{
	struct tm tm;
	const char *end;
	time_t at;
	int mday;

	memset(&tm, 0, sizeof(tm));
	if (strlen(text) != 10)
		return false;
	end = strptime(text, "%Y-%m-%d", &tm);
	if (!end || *end != '\0')
		return false;
	mday = tm.tm_mday;
	at = timegm(&tm);
	/* 31 February has become a day of March. */
	if (at < 0 || tm.tm_mday != mday)
		return false;
	*day_out = (int64_t)at / DAY_S;
	return true;
}

int openings_close(struct openings *o, const char *text, struct fault *why)
{
	char *copy = alloc_text(text);
	char *rest = copy;
	char *word;
	int r = 0;

	while (r == 0 && (word = strsep(&rest, " ,\t")) != NULL) {
		char *dots = strstr(word, "..");
		int64_t from;
		int64_t until;

		if (*word == '\0')
			continue;
		if (dots)
			*dots = '\0';
		if (o->closed_count == OPENINGS_CLOSED_MAX ||
		    !openings_day(word, &from) ||
		    !openings_day(dots ? dots + 2 : word, &until) ||
		    until < from) {
			r = refuse(why, word);
			continue;
		}
		o->closed[o->closed_count].from = from;
		o->closed[o->closed_count++].until = until;
	}
	free(copy);
	return r;
}

size_t openings_starts(const struct openings *o, int64_t day, int length_min,
		       int *starts)
{
	bool taken[OPENINGS_MINUTES] = { false };
	/* 1970-01-01 was a Thursday. */
	unsigned bit = 1u << ((day + 4) % WEEK);
	size_t count = 0;

	for (size_t i = 0; i < o->closed_count; i++)
		if (day >= o->closed[i].from && day <= o->closed[i].until)
			return 0;
	for (size_t i = 0; i < o->span_count; i++) {
		const struct opening_span *s = &o->spans[i];

		if (!(s->days & bit))
			continue;
		for (int min = s->from_min; min + length_min <= s->until_min;
		     min += length_min)
			taken[min] = true;
	}
	for (int min = 0; min < OPENINGS_MINUTES; min++)
		if (taken[min])
			starts[count++] = min;
	return count;
}
