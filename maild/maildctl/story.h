/* SPDX-License-Identifier: MIT */
/* A job's story, as the queue keeps it: one line per attempt. */
#ifndef MAILDCTL_STORY_H
#define MAILDCTL_STORY_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All texts point into the line that was read. */
struct ctl_attempt {
	int64_t at_ms;		/* the last of them, Unix ms by Redis's clock */
	const char *verdict;	/* "sent", "temporary", "crashed" ... */
	const char *instance;	/* "" if unknown */
	const char *host;	/* of the instance; "" if unknown */
	const char *worker;	/* its number; "" if unknown */
	const char *relay;
	const char *stage;
	const char *code;	/* of the server's reply; "" without one */
	int64_t times;		/* equal ones in a row, at least 1 */
	const char *text;
	char host_room[128];	/* where host points to */
};

/*
 * Cuts the next line off *rest and reads it; *rest is changed, and NULL after
 * the last line.  Lines that cannot be read are skipped.
 * Returns false when there is none left.
 */
bool ctl_story_next(char **rest, struct ctl_attempt *out);

/*
 * Finds, in a mail server's last words, the name that it gave to the mail, in
 * the forms of Postfix, Exim, Sendmail, OpenSMTPD, Exchange and the big
 * providers.  Copies it with its NUL; returns false, and "", if there is none.
 */
bool ctl_story_queue_id(const char *reply, char *out, size_t size);

#endif
