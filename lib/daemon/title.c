/* SPDX-License-Identifier: MIT */
/* Process titles: "program: text" where ps looks for the arguments. */
#include "config.h"

#include "daemon/daemon.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *title_room;	/* NULL until proctitle_init() */
static size_t title_size;
static const char *title_program;
/* Only kept: at exit the C library lets go of its own pointer. */
static char **volatile title_environ;

/*
 * The kernel shows the bytes where argv and the environment lay at the start
 * (proc(5), /proc/pid/cmdline).  The environment moves to the heap, so that all
 * of that room is ours.
 */
void proctitle_init(int argc, char **argv)
{
	char *end = argv[0];
	char **copy;
	size_t count = 0;
	const char *slash = strrchr(argv[0], '/');

	title_program = alloc_text(slash ? slash + 1 : argv[0]);
	for (int i = 0; i < argc; i++)
		if (argv[i] == end)
			end += strlen(end) + 1;
	while (environ[count])
		count++;
	copy = alloc_zeroed(count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++) {
		if (environ[i] == end)
			end += strlen(end) + 1;
		copy[i] = alloc_text(environ[i]);
	}
	title_environ = copy;
	environ = title_environ;
	title_room = argv[0];
	title_size = (size_t)(end - argv[0]);
}

void proctitle_set(const char *fmt, ...)
{
	char what[160];
	char text[200] = "";
	va_list args;
	size_t shown;

	if (!title_room)
		return;
	va_start(args, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	(void)snprintf(text, sizeof(text), "%s: %s", title_program, what);
	/* Who looks just now finds the old beginning or the same one, never
	 * nothing. */
	shown = strnlen(text, title_size - 1);
	memcpy(title_room, text, shown);
	memset(title_room + shown, 0, title_size - shown);
}
