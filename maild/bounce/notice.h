/* SPDX-License-Identifier: MIT */
/*
 * Bounces that are written for people alone, in no standard form: qmail's,
 * older Exim's and Exchange's, and those of many gateways.  Pure.
 */
#ifndef BOUNCE_NOTICE_H
#define BOUNCE_NOTICE_H

#include "base/compiler.h"
#include "queue/fate.h"

#include <stdbool.h>
#include <stddef.h>

struct notice {			/* borrowed; "" = the mail has none */
	const char *from;
	const char *subject;
	const char *return_path;
	const char *auto_submitted;
	const char *precedence;
	bool is_marked;		/* it has one of the headers that only answers
				   in a person's place have */
	bool names_failed;	/* it has X-Failed-Recipients */
	bool is_report;		/* its form is that of a report, which says
				   nothing that can be read */
	const char *text;	/* the beginning of what people read */
};

/*
 * Judges it.  What counts comes from a mail system, by its sender or subject,
 * and says in known words or by a code what happened; NONE = it is no bounce as
 * far as we can tell.
 *
 * words gets the first line with a reply or status code of 4 or 5, from the
 * code on; "" if there is none: other lines may speak of anything.
 */
enum queue_fate notice_judge(const struct notice *n, char *words, size_t size);

/* Does it look as if a program answered in a person's place, by its header (RFC
 * 3834) or the usual subjects?  Bounces may look so, too. */
bool notice_is_reply(const struct notice *n);

#endif
