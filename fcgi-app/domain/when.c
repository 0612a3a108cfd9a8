/* SPDX-License-Identifier: MIT */
/* Dates and times as people read them. */
#include "config.h"

#include "domain/when.h"

#include "domain/zone.h"
#include "text/lang.h"

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
