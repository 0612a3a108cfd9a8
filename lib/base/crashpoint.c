/* SPDX-License-Identifier: MIT */
/* Dies where a test wants it; empty in builds without crash points. */
#include "config.h"

#include "base/crashpoint.h"

#ifdef CRASH_POINTS
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 200

extern struct crash_point __start_crash_points[];
extern struct crash_point __stop_crash_points[];

/* Reads "label n"; returns n if the label is this one, else 0. */
static unsigned long wanted_visit(const char *path, const char *label)
{
	char line[LINE_MAX_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd == -1 ? 0 : read(fd, line, sizeof(line) - 1);
	char *blank;

	if (fd != -1)
		(void)close(fd);
	if (got <= 0)
		return 0;
	line[got] = '\0';
	blank = strrchr(line, ' ');
	if (!blank || strncmp(line, label, (size_t)(blank - line)) != 0 ||
	    label[blank - line] != '\0')
		return 0;
	return strtoul(blank + 1, NULL, 10);
}

/* The test must know who dies: for a moment yet it is there. */
static bool is_mine(const char *path)
{
	char mine[PATH_MAX];
	int len = snprintf(mine, sizeof(mine), "%s.%ld", path, (long)getpid());

	return len > 0 && (size_t)len < sizeof(mine) &&
	       rename(path, mine) == 0;
}

void crash_point_reach(struct crash_point *point)
{
	const char *path = getenv("RESERVOIR_CRASH");
	int saved = errno;
	unsigned long wanted = path ? wanted_visit(path, point->label) : 0;

	/* Visits count from the moment that the file asks for this point. */
	point->visits = wanted ? point->visits + 1 : 0;
	/* If several are here at once, one renames it. */
	if (wanted && point->visits == wanted && is_mine(path))
		(void)kill(getpid(), SIGKILL);
	errno = saved;
}

/* Before main(), so that no program has to know of it. */
__attribute__((constructor)) static void list(void)
{
	if (!getenv("RESERVOIR_CRASH_LIST"))
		return;
	for (struct crash_point *p = __start_crash_points;
	     p < __stop_crash_points; p++)
		(void)puts(p->label);
	(void)fflush(stdout);
	_exit(0);
}
#endif
