/* SPDX-License-Identifier: MIT */
/* Sends log lines to the syslog daemon of this machine. */
#include "config.h"

#include "base/logsyslog.h"

#include <errno.h>
#include <paths.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define RECORD_MAX_BYTES 2048	/* what daemons take at least */

static int link_fd = -1;	/* connected, -1 = not */
static int link_type;		/* SOCK_DGRAM or SOCK_STREAM */

static bool connect_as(int type)
{
	const struct sockaddr_un sun = { .sun_family = AF_UNIX,
					 .sun_path = _PATH_LOG };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err;

	if (fd == -1)
		return false;
	if (connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) == 0) {
		link_fd = fd;
		link_type = type;
		return true;
	}
	err = errno;
	(void)close(fd);
	errno = err;
	return false;
}

static bool connect_link(void)
{
	return connect_as(SOCK_DGRAM) ||
	       (errno == EPROTOTYPE && connect_as(SOCK_STREAM));
}

/* The record ends in a NUL, which a stream needs between two. */
static bool send_record(const char *record, size_t len)
{
	size_t size = link_type == SOCK_STREAM ? len + 1 : len;

	errno = 0;	/* what a short write leaves */
	return send(link_fd, record, size, MSG_DONTWAIT | MSG_NOSIGNAL) ==
	       (ssize_t)size;
}

bool logsyslog_send(const char *program, int priority, const char *text)
{
	char record[RECORD_MAX_BYTES];
	char stamp[32];
	time_t now = time(NULL);
	struct tm tm;
	int len;

	if (!localtime_r(&now, &tm) ||
	    strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &tm) == 0)
		return false;
	len = snprintf(record, sizeof(record), "<%d>%s %s[%ld]: %s",
		       LOG_DAEMON | priority, stamp, program, (long)getpid(),
		       text);
	if (len < 0)
		return false;
	if ((size_t)len >= sizeof(record))
		len = (int)sizeof(record) - 1;
	for (int tries = 0; tries < 2; tries++) {
		if (link_fd == -1 && !connect_link())
			return false;
		if (send_record(record, (size_t)len))
			return true;
		if (errno == EAGAIN || errno == ENOBUFS)
			return false;	/* it is there, and has no room */
		(void)close(link_fd);
		link_fd = -1;
	}
	return false;
}
