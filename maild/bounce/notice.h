/* SPDX-License-Identifier: MIT */
/*
 * Bounces that are written only for people, in no standard form: those of
 * qmail, of older versions of Exim and Exchange, and of many gateways.  Pure.
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
	bool is_report;		/* it has the form of a report, but none of it
				   can be read */
	const char *text;	/* the beginning of what people read */
};

/*
 * Judges it.  A bounce comes from a mail system, by its sender or subject, and
 * says in known words or by a code what happened; NONE = not a bounce, as far
 * as we can tell.
 *
 * words gets the first line with a reply or status code of 4 or 5, from the
 * code on; "" if there is none: other lines may be about anything.
 */
enum queue_fate notice_judge(const struct notice *n, char *words, size_t size);

/* By its header (RFC 3834) or one of the usual subjects, does it look as if a
 * program answered in a person's place?  Bounces may look like that, too. */
bool notice_is_reply(const struct notice *n);

#endif
