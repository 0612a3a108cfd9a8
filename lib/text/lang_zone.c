/* SPDX-License-Identifier: MIT */
/* What people call the clocks of a time zone, by its IANA name. */
#include "config.h"

#include "text/lang.h"

#include "base/alloc.h"
#include "base/str.h"
#include "json/get.h"
#include "json/put.h"
#include "text/catalogue.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

static bool has_lower(const char *s)
{
	return s[strcspn(s, "abcdefghijklmnopqrstuvwxyz")] != '\0';
}

/* A zone without a place: "UTC", "CET".  The signs of "GMT+5" are those of
 * POSIX: it is five hours behind UTC. */
static void add_placeless(const char *name, struct buf *out)
{
	if (str_starts_with(name, "GMT+") && name[4] != '0')
		buf_addf(out, "UTC-%s", name + 4);
	else if (str_starts_with(name, "GMT-") && name[4] != '0')
		buf_addf(out, "UTC+%s", name + 4);
	else
		buf_addstr(out, name);
}

void lang_zone(const struct lang *l, const char *zone, struct buf *out)
{
	const char *own = get_text(get_value(lang_json(l), CATALOGUE_ZONES),
				   zone);
	const char *slash = strrchr(zone, '/');
	char *place = alloc_text(slash ? slash + 1 : zone);
	struct json_object *vars;

	for (char *s = place; *s; s++)
		if (*s == '_')
			*s = ' ';
	if (*own) {
		buf_addstr(out, own);
	} else if (!has_lower(place)) {
		add_placeless(place, out);
	} else {
		vars = put_new();
		put_text(vars, "city", place);
		lang_format(l, strchr("AEIOU", *place) ? "zone.vowel"
						       : "zone.city",
			    vars, out);
		json_object_put(vars);
	}
	free(place);
}
