/* SPDX-License-Identifier: MIT */
/*
 * Asks domain/zone.h and domain/plan.h line by line, for a test that knows
 * the answers from elsewhere.  Words are separated by blanks; each line gets
 * one line:
 *
 *   local ZONE AT                     date, time, offset in s, offset as text
 *   instant ZONE DATE TIME            the instant, or "none"
 *   day ZONE DATE                     the instant at which the day begins
 *   plan ZONE FROM UNTIL MINUTES HOURS...   for each slot DAY+MIN=INSTANT
 */
#include "config.h"

#include "base/str.h"
#include "domain/plan.h"
#include "domain/zone.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINE_ROOM 512

static int64_t number(char **rest)
{
	const char *word = strsep(rest, " ");
	int64_t value;

	if (!word || !str_to_int(word, INT64_MIN, INT64_MAX, &value)) {
		(void)fprintf(stderr, "zonecall: not a number: %s\n",
			      word ? word : "");
		exit(64);
	}
	return value;
}

/* What is left of the line, by strptime(). */
static struct tm moment(const char *text, const char *format)
{
	struct tm tm;
	const char *end;

	memset(&tm, 0, sizeof(tm));
	end = text ? strptime(text, format, &tm) : NULL;
	if (!end || *end) {
		(void)fprintf(stderr, "zonecall: not a time: %s\n", text);
		exit(64);
	}
	return tm;
}

static void tell_local(const char *zone, char *rest)
{
	struct tm tm;
	int offset_s;
	char offset[8];
	char text[40];

	must(zone_local(zone, number(&rest), &tm, &offset_s) == 0);
	zone_offset_format(offset_s, offset);
	must(strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) > 0);
	(void)printf("%s %d %s\n", text, offset_s, offset);
}

static void tell_instant(const char *zone, const char *rest)
{
	struct tm local = moment(rest, "%Y-%m-%d %H:%M:%S");
	int64_t at_s;

	if (zone_instant(zone, &local, &at_s) == ZONE_OK)
		(void)printf("%" PRId64 "\n", at_s);
	else
		(void)puts("none");
}

static void tell_day(const char *zone, const char *rest)
{
	struct tm date = moment(rest, "%Y-%m-%d");

	(void)printf("%" PRId64 "\n", zone_day_begin(zone, &date));
}

static void tell_plan(const char *zone, char *rest)
{
	struct plan_form form = { .from = number(&rest) };
	struct slot_plan plan;
	struct fault why = { .text = "too many slots" };

	form.until = number(&rest);
	form.length_min = number(&rest);
	if (openings_read(&form.openings, rest, &why) < 0 ||
	    slot_plan_make(&form, zone, &plan) < 0) {
		(void)fprintf(stderr, "zonecall: %s\n", why.text);
		exit(65);
	}
	for (size_t i = 0; i < plan.count; i++) {
		const struct slot_plan_item *item = &plan.items[i];

		(void)printf("%" PRId64 "+%d=", item->day, item->start_min);
		if (item->what == SLOT_SKIPPED)
			(void)printf("none ");
		else
			(void)printf("%" PRId64 " ", item->starts_at_s);
	}
	(void)putchar('\n');
	slot_plan_release(&plan);
}

int main(void)
{
	char line[LINE_ROOM];

	while (fgets(line, sizeof(line), stdin)) {
		char *rest = line;
		const char *verb;
		const char *zone;

		line[strcspn(line, "\n")] = '\0';
		verb = strsep(&rest, " ");
		zone = strsep(&rest, " ");
		if (!zone || !zone_is_known(zone)) {
			(void)puts("unknown");
			continue;
		}
		if (strcmp(verb, "local") == 0)
			tell_local(zone, rest);
		else if (strcmp(verb, "instant") == 0)
			tell_instant(zone, rest);
		else if (strcmp(verb, "day") == 0)
			tell_day(zone, rest);
		else
			tell_plan(zone, rest);
	}
	return 0;
}
