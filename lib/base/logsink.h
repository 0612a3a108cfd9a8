/* SPDX-License-Identifier: MIT */
/*
 * Where log lines go, as a descriptor: a line is written at once or not at all.
 *
 * O_NONBLOCK belongs to the open file, not to the descriptor: set on a standard
 * error that a shell or other programs have, too, it would break their writes.
 * So each kind of file has its own way:
 *
 *   pipe, terminal	opened once more through /proc/self/fd, for an open
 *			file of our own that does not block
 *   a pipe that is another user's, and cannot be opened once more
 *			the line goes into a small pipe of ours, and from there
 *			by splice(2), whose flag holds for one call.  Asking
 *			poll(2) first would not do: two writers may both be
 *			told that there is room for one
 *   socket		MSG_DONTWAIT, for one call
 *   file		a full disk says so at once.  One that hangs holds
 *			whoever writes: the kernel knows no other way, and
 *			whoever fears that logs to another process
 *   another user's terminal
 *			asked for room first: it may still hold us when it is
 *			stopped (^S) in the middle of a line
 */
#ifndef BASE_LOGSINK_H
#define BASE_LOGSINK_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

#define LOGSINK_LINE_MAX 4096	/* bytes; a pipe takes so many whole or not */

enum logsink_way { LOGSINK_WAIT, LOGSINK_WRITE, LOGSINK_SEND, LOGSINK_SPLICE,
		   LOGSINK_ASK };

struct logsink {
	int fd;
	enum logsink_way way;
	bool own;		/* fd is ours to close */
};

/* Takes standard error as it is now, for lines that never wait. */
void logsink_stderr(struct logsink *s);

/*
 * Opens a file or a FIFO to append lines; it is made if it is not there.  A
 * FIFO that nobody reads is opened all the same, its reader may come later.
 * Returns 0, or -1 with errno.
 */
int logsink_file(struct logsink *s, const char *path) MUST_USE;

void logsink_close(struct logsink *s);

enum logsink_result {
	LOGSINK_NOTHING,	/* there was no room, or nobody */
	LOGSINK_TORN,		/* only the beginning was written */
	LOGSINK_WHOLE,
};

/* Writes one line of at most LOGSINK_LINE_MAX bytes.  SIGPIPE must be
 * ignored. */
enum logsink_result logsink_put(const struct logsink *s, const char *line,
				size_t len) MUST_USE;

#endif
