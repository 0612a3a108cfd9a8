/* SPDX-License-Identifier: MIT */
/* How a language writes months, and the heads of a calendar's columns. */
#include "config.h"

#include "text/lang.h"

#include "json/get.h"
#include "json/put.h"

#include <json-c/json.h>

#include <string.h>

#define MONDAY 1

void lang_month(const struct lang *l, const struct tm *tm, struct buf *out)
{
	struct json_object *months = get_value(lang_json(l), "months");
	struct json_object *vars = put_new();

	put_text(vars, "month", json_object_get_string(
			 get_at(months, (unsigned)tm->tm_mon % 12)));
	put_int(vars, "year", tm->tm_year + 1900);
	lang_format(l, "calendar.month", vars, out);
	json_object_put(vars);
}

int lang_week_begins(const struct lang *l)
{
	const char *text = lang_text(l, "calendar.week_begins");

	return strlen(text) == 1 && *text >= '0' && *text <= '6' ?
		*text - '0' : MONDAY;
}

const char *lang_weekday(const struct lang *l, int wday)
{
	return json_object_get_string(get_at(
		get_value(lang_json(l), "days"), (unsigned)wday % 7));
}

const char *lang_weekday_short(const struct lang *l, int wday)
{
	struct json_object *list = get_value(
		get_value(lang_json(l), "calendar"), "days");
	struct json_object *name = get_at(list, (unsigned)wday % 7);

	/* The names of the sysadmin's own language may be too few. */
	return get_count(list) == 7 &&
	       json_object_is_type(name, json_type_string) ?
		json_object_get_string(name) : lang_weekday(l, wday);
}
