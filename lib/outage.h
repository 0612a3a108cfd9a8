/* SPDX-License-Identifier: MIT */
/* Something outside is away: said once, again each minute, and when it ends. */
#ifndef OUTAGE_H
#define OUTAGE_H

#include "compiler.h"

#include <stdint.h>

#define OUTAGE_PAUSE_MIN_MS 100
#define OUTAGE_PAUSE_MAX_MS 2000

struct outage {			/* all zero = none */
	int64_t since_ms;	/* ticks_ms() when it began, 0 = none */
	int64_t told_ms;	/* ticks_ms() of the last line about it */
	int pause_ms;		/* last pause given */
	char text[160];		/* the last line's */
};

/* Notes another failure; logs text as a warning when it is due: at once, when
 * the cause has changed (at most every 5 s), each minute.  Returns how
 * long to wait before the next try: doubling, 100 ms to 2 s. */
int outage_go_on(struct outage *o, const char *text);

/* Notes that what ("redis") is back; logs it if there was an outage. */
void outage_end(struct outage *o, const char *what);

#endif
