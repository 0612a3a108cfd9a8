/* SPDX-License-Identifier: MIT */
/* Gives libesmtp a connection of ours. */
#include "config.h"

#include "smtp/handover.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define DOOR_NET 0x7f010000	/* 127.1.0.0/16 */
#define FDS_SEARCHED 64		/* the lowest free one is usually the next */

int handover_open(struct handover *h, smtp_session_t smtp, struct fault *why)
{
	struct sockaddr_in *at = &h->at;
	socklen_t len = sizeof(*at);
	char host[INET_ADDRSTRLEN];
	char server[sizeof(host) + sizeof(":65535")];

	/* One of the loopback addresses for ourselves: on 127.0.0.1 the ports
	 * that connections to a quick relay leave behind would be lacking. */
	*at = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(DOOR_NET |
					 ((uint32_t)getpid() & 0xffff)),
	};
	h->door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* Open no longer than a session needs to begin: hardly anybody finds
	 * it, and whoever does is never spoken to. */
	if (h->door == -1 ||
	    bind(h->door, (struct sockaddr *)at, len) == -1 ||
	    listen(h->door, 1) == -1 ||
	    getsockname(h->door, (struct sockaddr *)at, &len) == -1)
		return fault_set_errno(why, FAULT_RETRY, errno,
				       "a port of this host");
	(void)snprintf(server, sizeof(server), "%s:%u",
		       inet_ntop(AF_INET, &at->sin_addr, host, sizeof(host)),
		       ntohs(at->sin_port));
	if (!smtp_set_server(smtp, server))
		return fault_set(why, FAULT_RETRY, "no memory");
	return 0;
}

void handover_close(struct handover *h)
{
	if (h->door != -1)
		(void)close(h->door);
	h->door = -1;
}

/* No call tells the library's descriptor, but only that one leads to the
 * door. */
static int find_theirs(const struct handover *h)
{
	for (int fd = 0; fd < h->door + FDS_SEARCHED; fd++) {
		struct sockaddr_in peer = { .sin_family = AF_UNSPEC };
		socklen_t len = sizeof(peer);

		if (getpeername(fd, (struct sockaddr *)&peer, &len) == 0 &&
		    peer.sin_family == AF_INET &&
		    peer.sin_port == h->at.sin_port &&
		    peer.sin_addr.s_addr == h->at.sin_addr.s_addr)
			return fd;
	}
	return -1;
}

int handover_give(struct handover *h, int fd)
{
	int theirs = find_theirs(h);

	handover_close(h);	/* resets their connection to it */
	if (theirs == -1 || dup3(fd, theirs, O_CLOEXEC) == -1)
		return -1;
	(void)close(fd);
	return theirs;
}
