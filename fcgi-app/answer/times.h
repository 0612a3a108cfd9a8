/* SPDX-License-Identifier: MIT */
/*
 * The times of a service to choose from: those of a service that has few are a
 * list, the others a month with the times of one day below.
 *
 * Few is TIMES_FEW ahead, full and closed ones among them: so the form of the
 * page does not change because somebody books.
 */
#ifndef ANSWER_TIMES_H
#define ANSWER_TIMES_H

#include "answer/days.h"

#define TIMES_FEW 12

/* What the address says beside the path, if it is valid: for links to the same
 * page in another language. */
#define TIMES_QUERY_ROOM 24
void times_query(const struct call *call, char out[TIMES_QUERY_ROOM]);

/*
 * Adds what templates/web/times.html shows.  The query may say "month"
 * (2025-12), "day" (2025-12-03) or "from": the first day with room from that
 * one on, in whichever month.  0, or -1 with *why.
 */
int times_put(struct call *call, struct json_object *values,
	      const struct days_wish *wish, struct fault *why) MUST_USE;

#endif
