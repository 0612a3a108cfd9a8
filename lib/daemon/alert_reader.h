/* SPDX-License-Identifier: MIT */
/*
 * Takes lines "key sentence" out of the bytes that come to a master.
 *
 * Children write them, and one that is broken, or somebody else's by now,
 * writes what it likes: nothing that comes here is believed to be a line of
 * ours, and nothing ends or stops the master.
 */
#ifndef DAEMON_ALERT_READER_H
#define DAEMON_ALERT_READER_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

#define ALERT_KEY_MAX 96	/* bytes of a key with NUL */
#define ALERT_TEXT_MAX 512	/* bytes of a sentence with NUL */
#define ALERT_LINE_MAX (ALERT_KEY_MAX + ALERT_TEXT_MAX)	/* bytes of a line */

struct alert_reader {			/* zeroed: nothing was read yet */
	char bytes[2 * ALERT_LINE_MAX];	/* read, and not taken yet */
	size_t len;
	bool skips;		/* the rest of a line that is too long */
};

/*
 * Takes the next line.  Returns 1 with a key without blanks and a sentence,
 * both without control characters; 0 if there is no whole line: then there is
 * room behind len for more; -1 if what stood there was no line of ours, it is
 * gone.
 */
int alert_reader_take(struct alert_reader *r, char key[ALERT_KEY_MAX],
		      char text[ALERT_TEXT_MAX]);

#endif
