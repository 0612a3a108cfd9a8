/* SPDX-License-Identifier: MIT */
/* Something outside is away: said once, again each minute, and when it ends. */
#ifndef DAEMON_OUTAGE_H
#define DAEMON_OUTAGE_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

#define OUTAGE_PAUSE_MIN_MS 100
#define OUTAGE_PAUSE_MAX_MS 2000
#define OUTAGE_ALONE_MS 5000

struct outage {			/* all zero = none */
	int64_t since_ms;	/* ticks_ms() when it began, 0 = none */
	int64_t told_ms;	/* ticks_ms() of the last line about it, 0 =
				   there was none */
	int pause_ms;		/* last pause given */
	char text[160];		/* the last line's */
};

/* Notes another failure; logs text as a warning when it is due: at once, when
 * the cause has changed (at most every 5 s), each minute.  Returns how
 * long to wait before the next try: doubling, 100 ms to 2 s. */
int outage_go_on(struct outage *o, const char *text);

/*
 * The same for one of many processes that meet an outage together: it logs
 * nothing while is_told, when another one tells of it, nor in the first
 * OUTAGE_ALONE_MS, after which that one must know.
 */
int outage_go_on_among(struct outage *o, bool is_told, const char *text);

/* Notes that what ("redis") is back; logs it if the outage was. */
void outage_end(struct outage *o, const char *what);

#endif
