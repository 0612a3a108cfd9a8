/* SPDX-License-Identifier: MIT */
/* What a running daemon holds, for a check that may not look at processes. */
#include "config.h"

#include "daemon/mark.h"

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static socklen_t name_it(struct sockaddr_un *sun, const char *settings,
			 const char *thing)
{
	/* Over the 0 at each end, too, so that two texts are not one. */
	uint64_t sum = str_hash(str_hash(STR_HASH, settings,
					 strlen(settings) + 1),
				thing, strlen(thing) + 1);
	int len;

	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	/* The first byte stays 0: in no file system. */
	len = snprintf(sun->sun_path + 1, sizeof(sun->sun_path) - 1,
		       "reservoir/%016llx", (unsigned long long)sum);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
			   (size_t)len);
}

int mark_open(const char *settings, const char *thing)
{
	struct sockaddr_un sun;
	socklen_t len = name_it(&sun, settings, thing);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&sun, len) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

bool mark_is_there(const char *settings, const char *thing)
{
	struct sockaddr_un sun;
	socklen_t len = name_it(&sun, settings, thing);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool result;

	if (fd == -1)
		return false;
	result = connect(fd, (struct sockaddr *)&sun, len) == 0;
	(void)close(fd);
	return result;
}
