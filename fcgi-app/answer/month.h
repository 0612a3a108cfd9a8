/* SPDX-License-Identifier: MIT */
/*
 * A month of a service as a table: each day that has room, or is full, is a
 * link; the times of one day stand below.
 *
 * Days are those of the zone of the slots that begin on them: after another
 * zone was given to the service, older slots keep theirs, and are counted by
 * the days there.
 */
#ifndef ANSWER_MONTH_H
#define ANSWER_MONTH_H

#include "answer/days.h"

#include <time.h>

/* Which day is opened. */
enum month_wanted {
	MONTH_FIRST,	/* the first one with room, from the date on */
	MONTH_WITHIN,	/* the same, but only in the date's month */
	MONTH_DAY,	/* the date itself */
};

struct month_view {
	const struct days_wish *wish;
	enum month_wanted wanted;
	struct tm date;
	struct tm today;	/* in the service's zone, as the others are */
	struct tm last;		/* the day of its last slot */
	int64_t now_s;
};

/*
 * Adds "month" (the table), "days", "zone" and "none" as days_put_times() does,
 * "nothing" (why there are none, in words) and "again" (the next day with room
 * then; "" if there is none).  0, or -1 with *why.
 */
int month_put(struct call *call, struct json_object *values,
	      const struct month_view *view, struct fault *why) MUST_USE;

#endif
