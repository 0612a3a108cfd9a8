/* SPDX-License-Identifier: MIT */
/* What the service manager is told: sd_notify(3)'s protocol, without its
 * library. */
#include "config.h"

#include "daemon/daemon.h"

#include "base/str.h"
#include "base/ticks.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void daemon_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	socklen_t len;
	int fd;

	if (!path || !str_copy(sun.sun_path, sizeof(sun.sun_path), path))
		return;
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			  strlen(path));
	if (sun.sun_path[0] == '@')
		sun.sun_path[0] = '\0';	/* abstract namespace, unix(7) */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return;
	/* The manager's time-out notices if this is lost. */
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		     (const struct sockaddr *)&sun, len);
	(void)close(fd);
}

void daemon_notify_reloading(void)
{
	char text[64];

	/* ticks_ms() is the clock that the manager compares with. */
	(void)snprintf(text, sizeof(text),
		       "RELOADING=1\nMONOTONIC_USEC=%lld",
		       (long long)ticks_ms() * 1000);
	daemon_notify(text);
}

bool daemon_is_watched(void)
{
	const char *limit = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	int64_t n;

	return limit && str_to_int(limit, 1, INT64_MAX, &n) &&
	       (!pid || (str_to_int(pid, 1, INT64_MAX, &n) && n == getpid()));
}
