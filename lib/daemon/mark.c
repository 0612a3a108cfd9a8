/* SPDX-License-Identifier: MIT */
/* What a running daemon holds, for a check that may not look at processes. */
#include "config.h"

#include "daemon/mark.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FNV_BASE 14695981039346656037U
#define FNV_PRIME 1099511628211U

/* Over the 0 at its end, too, so that two texts are not one. */
static uint64_t hash(uint64_t sum, const char *text)
{
	do
		sum = (sum ^ (unsigned char)*text) * FNV_PRIME;
	while (*text++);
	return sum;
}

static socklen_t name_it(struct sockaddr_un *sun, const char *settings,
			 const char *thing)
{
	uint64_t sum = hash(hash(FNV_BASE, settings), thing);
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
