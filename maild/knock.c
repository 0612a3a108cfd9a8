/* SPDX-License-Identifier: MIT */
/* Knocks at a mail server's door: does somebody answer? */
#include "config.h"

#include "knock.h"

#include "str.h"
#include "ticks.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GREETING_BYTES 256	/* more of it is not looked at */

static int connect_to(const struct addrinfo *at, int limit_ms)
{
	struct pollfd pfd = { .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = 0;

	pfd.fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC |
			SOCK_NONBLOCK, 0);
	if (pfd.fd == -1)
		return -1;
	if (connect(pfd.fd, at->ai_addr, at->ai_addrlen) == 0 ||
	    (errno == EINPROGRESS && poll(&pfd, 1, limit_ms) == 1 &&
	     getsockopt(pfd.fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 &&
	     error == 0))
		return pfd.fd;
	(void)close(pfd.fd);
	return -1;
}

int knock_connect(const char *host, int64_t port, int limit_ms,
		  struct fault *why)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	char service[24];
	int error;
	int fd = -1;

	(void)snprintf(service, sizeof(service), "%lld", (long long)port);
	error = getaddrinfo(host, service, &hints, &list);
	if (error)
		return fault_set(why, FAULT_RETRY, "mail server %s: %s", host,
				 gai_strerror(error));
	for (const struct addrinfo *at = list; at && fd == -1;
	     at = at->ai_next)
		fd = connect_to(at, limit_ms);
	freeaddrinfo(list);
	if (fd == -1)
		return fault_set(why, FAULT_RETRY,
				 "mail server %s:%s does not answer", host,
				 service);
	return fd;
}

/* Reads until the first line is whole.  False if it does not come. */
static bool read_greeting(int fd, int limit_ms, char line[GREETING_BYTES])
{
	int64_t until_ms = ticks_ms() + limit_ms;
	size_t len = 0;

	line[0] = '\0';
	while (!strchr(line, '\n') && len < GREETING_BYTES - 1) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };
		int64_t left_ms = until_ms - ticks_ms();
		ssize_t n;

		if (left_ms <= 0 || poll(&pfd, 1, (int)left_ms) != 1)
			return false;
		n = read(fd, line + len, GREETING_BYTES - 1 - len);
		if (n <= 0)
			return false;
		len += (size_t)n;
		line[len] = '\0';
	}
	line[strcspn(line, "\r\n")] = '\0';
	return true;
}

int knock(const char *host, int64_t port, int limit_ms, struct fault *why)
{
	static const char leave[] = "QUIT\r\n";
	char line[GREETING_BYTES];
	char clean[GREETING_BYTES];
	int fd = knock_connect(host, port, limit_ms, why);
	int result = 0;

	if (fd == -1)
		return -1;
	if (!read_greeting(fd, limit_ms, line))
		result = fault_set(why, FAULT_RETRY, "mail server %s:%lld does "
				   "not greet", host, (long long)port);
	else if (!str_starts_with(line, "220"))
		result = fault_set(why, FAULT_RETRY, "mail server %s:%lld "
				   "says %.100s", host, (long long)port,
				   str_printable(clean, sizeof(clean), line));
	/* Only good manners: what becomes of it changes nothing. */
	(void)send(fd, leave, sizeof(leave) - 1, MSG_NOSIGNAL);
	(void)close(fd);
	return result;
}
