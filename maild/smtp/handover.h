/* SPDX-License-Identifier: MIT */
/*
 * Gives libesmtp a connection of ours.
 *
 * The library insists on looking up and connecting by itself, without a time
 * limit, to IPv4 numbers or names only.  So it connects to a door of ours on
 * this host, and in its event for that, before it has read or written a byte,
 * our connection takes the place of its descriptor, of which it knows no more
 * than the number.
 */
#ifndef SMTP_HANDOVER_H
#define SMTP_HANDOVER_H

#include "base/compiler.h"
#include "base/fault.h"

#include <netinet/in.h>
#include <stddef.h>

#include <auth-client.h>	/* libesmtp.h looks whether it was there */
#include <libesmtp.h>

struct handover {
	int door;			/* what it connects to, -1 = closed */
	struct sockaddr_in at;		/* that one's address */
};

/* Before smtp_start_session(): sets the session's server.  0, or -1 with *why;
 * handover_close() in either case. */
int handover_open(struct handover *h, smtp_session_t smtp, struct fault *why)
	MUST_USE;
void handover_close(struct handover *h);

/* In SMTP_EV_CONNECT: the library talks to fd from now on, and closes it.
 * Returns fd's new number; -1: fd is as it was, the library reads an error. */
int handover_give(struct handover *h, int fd);

#endif
