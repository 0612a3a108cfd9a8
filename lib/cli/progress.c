/* SPDX-License-Identifier: MIT */
/* How far long work is, for whoever waits for it at a terminal. */
#include "config.h"

#include "cli/progress.h"

#include "base/ticks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define FIRST_MS 1000		/* shorter work says nothing */
#define AGAIN_MS 200
#define COLUMNS 80		/* of a terminal that does not tell */

static bool is_watched(bool lines)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term && *term != '\0' &&
	       strcmp(term, "dumb") != 0 &&
	       !(lines && isatty(STDOUT_FILENO));
}

/* A process has one terminal. */
static struct {
	const char *what;	/* NULL = nobody looks */
	int64_t next_ms;	/* ticks */
	bool shown;
} now;

void cli_progress_begin(const char *what, bool lines)
{
	cli_progress_end();
	now.what = is_watched(lines) ? what : NULL;
	now.next_ms = ticks_ms() + FIRST_MS;
}

/* One that is as long as the line would wrap, and could not be taken back. */
static int columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == -1 || size.ws_col == 0)
		return COLUMNS - 1;
	return size.ws_col - 1;
}

void cli_progress(int64_t done, int64_t of)
{
	char line[120];

	if (!now.what || ticks_ms() < now.next_ms)
		return;
	now.next_ms = ticks_ms() + AGAIN_MS;
	now.shown = true;
	if (of > 0)
		(void)snprintf(line, sizeof(line),
			       "%s: %" PRId64 " of %" PRId64, now.what, done,
			       of);
	else
		(void)snprintf(line, sizeof(line), "%s: %" PRId64, now.what,
			       done);
	(void)fprintf(stderr, "\r\033[K%.*s", columns(), line);
}

void cli_progress_end(void)
{
	if (now.shown)
		(void)fputs("\r\033[K", stderr);
	now.shown = false;
	now.what = NULL;
}
