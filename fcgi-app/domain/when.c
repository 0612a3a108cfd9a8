/* SPDX-License-Identifier: MIT */
/* Dates and times as people read them. */
#include "config.h"

#include "domain/when.h"

#include "domain/zone.h"
#include "json/put.h"
#include "text/lang.h"

#include <json-c/json.h>

#include <time.h>

#define NO_BREAK "\xc2\xa0"

void when_date(const struct lang *l, const char *zone, int64_t at_s,
	       struct buf *out)
{
	struct tm tm;

	(void)zone_local(zone, at_s, &tm, NULL);
	lang_date(l, &tm, out);
}

void when_time(const struct lang *l, const char *zone, int64_t at_s,
	       struct buf *out)
{
	struct tm tm;
	bool known = zone_local(zone, at_s, &tm, NULL) == 0;

	lang_time(l, &tm, out);
	if (!known)
		buf_addstr(out, NO_BREAK "UTC");
}

void when_length(const struct lang *l, int64_t minutes, struct buf *out)
{
	static const struct {
		int64_t minutes;
		const char *key;
	} units[] = {
		{ 24 * 60, "mail.length.days" },
		{ 60, "mail.length.hours" },
		{ 1, "mail.length.minutes" },
	};
	struct json_object *vars = put_new();
	size_t i = 0;

	while (minutes % units[i].minutes != 0)
		i++;
	put_int(vars, "n", minutes / units[i].minutes);
	lang_format(l, units[i].key, vars, out);
	json_object_put(vars);
}
