/* SPDX-License-Identifier: MIT */
/* Reads opening hours and cuts them into slots. */
#include "config.h"

#include "domain/openings.h"

#include "base/alloc.h"
#include "base/str.h"
#include "domain/zone.h"

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

/* ---- days of the week and spans --------------------------------------- */

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

static const char *blanks_skip(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

/* One or two digits at *s, which moves behind them; -1 if there are none. */
static int digits_read(const char **s)
{
	size_t len = strspn(*s, "0123456789");
	int n = 0;

	if (len == 0 || len > 2)
		return -1;
	for (; len > 0; len--)
		n = n * 10 + *(*s)++ - '0';
	return n;
}

/* "09:00", "9:00", "9h", "9h30" at *s, which moves behind it. */
static bool clock_read(const char **s, int *min_out)
{
	int hour = digits_read(s);
	bool colon = **s == ':';
	int min = 0;

	if (hour < 0 || (!colon && **s != 'h' && **s != 'H'))
		return false;
	(*s)++;
	if (colon || (**s >= '0' && **s <= '9'))
		min = digits_read(s);
	*min_out = hour * 60 + min;
	return min >= 0 && min <= 59 && *min_out <= OPENINGS_MINUTES;
}

/* "09:00-12:00"; the dash may be the longer one that word processors make. */
static bool span_read(const char **s, struct opening_span *span)
{
	if (!clock_read(s, &span->from_min))
		return false;
	*s = blanks_skip(*s);
	if (str_starts_with(*s, "–"))
		*s += strlen("–");
	else if (**s == '-')
		(*s)++;
	else
		return false;
	*s = blanks_skip(*s);
	return clock_read(s, &span->until_min) &&
	       span->from_min < span->until_min;
}

/* "09:00-12:00 14:00-17:00", blanks or commas between them. */
static int spans_read(struct openings *o, unsigned days, const char *text,
		      struct fault *why)
{
	const char *s = blanks_skip(text);

	while (*s != '\0') {
		struct opening_span span = { .days = days };
		const char *word = s;

		if (!span_read(&s, &span) ||
		    (*s != '\0' && strchr(" ,\t\r\n", *s) == NULL))
			return refuse(why, word);
		if (o->span_count == OPENINGS_SPANS_MAX)
			return fault_set(why, FAULT_REJECT,
					 "more than %d spans of hours",
					 OPENINGS_SPANS_MAX);
		o->spans[o->span_count++] = span;
		s += strspn(s, " ,\t\r\n");
	}
	return 0;
}

int openings_read_day(struct openings *o, int wday, const char *text,
		      struct fault *why)
{
	return spans_read(o, 1u << wday, text, why);
}

/* "mon-fri 09:00-12:00 14:00-17:00". */
static int group_read(struct openings *o, const char *group,
		      struct fault *why)
{
	const char *hours = group + strcspn(group, "0123456789");
	char *names = alloc_textn(group, (size_t)(hours - group));
	char *rest = names;
	unsigned days = 0;
	char *word;
	int r = 0;

	while (r == 0 && (word = strsep(&rest, " \t\r\n")) != NULL)
		if (*word != '\0' && !days_read(word, &days))
			r = refuse(why, word);
	free(names);
	if (r < 0)
		return r;
	if (days != 0 && *hours == '\0')
		return fault_set(why, FAULT_REJECT, "days without hours");
	if (days == 0 && *hours != '\0')
		return refuse(why, hours);
	return spans_read(o, days, hours, why);
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

/* ---- days ------------------------------------------------------------- */

bool openings_day(const char *text, int64_t *day_out)
{
	struct tm tm;

	if (!zone_date_read(text, &tm))
		return false;
	*day_out = (int64_t)timegm(&tm) / DAY_S;
	return true;
}

int openings_close(struct openings *o, const char *text, struct fault *why)
{
	char *copy = alloc_text(text);
	char *rest = copy;
	char *word;
	int r = 0;

	while (r == 0 && (word = strsep(&rest, " ,;\t\r\n")) != NULL) {
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
