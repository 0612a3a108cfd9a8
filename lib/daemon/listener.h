/* SPDX-License-Identifier: MIT */
/* The socket that a server accepts on: our own, or one handed to us. */
#ifndef DAEMON_LISTENER_H
#define DAEMON_LISTENER_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>
#include <sys/types.h>

#define LISTENER_WAIT_MS 10000
#define LISTENER_INHERITED "inherited socket"	/* name of one handed over */
#define LISTENER_BACKLOG 511	/* facts: a full backlog is a 502 at once */

struct listener_opts {
	const char *address;	/* "unix:/path" or "tcp:HOST:PORT"; "" =
				   descriptor 0, a listening socket */
	mode_t mode;		/* of a unix socket */
	const char *group;	/* of a unix socket, NULL or "" = ours */
};

struct listener {
	int fd;			/* non-blocking, close-on-exec */
	char *path;		/* unix socket to unlink at close, or NULL */
	char name[160];		/* for people */
};

/*
 * Opens the socket; one that a service manager hands over (LISTEN_PID is ours,
 * LISTEN_FDS at least 1) goes before the address.  A stale unix path is
 * replaced.  A path or port that somebody still holds is waited for, at most
 * LISTENER_WAIT_MS, and then refused: the children of a master that was killed
 * hold it until their last request is done.  So is an address that this host
 * does not have.
 * Returns 0, or -1 with FAULT_RETRY for what may be right in a moment (that
 * address, a name that is not known), else FAULT_CONFIG; sentences begin with
 * the setting's name.
 */
int listener_open(struct listener *l, const struct listener_opts *opts,
		  struct fault *why) MUST_USE;

/*
 * Tries all that listener_open() would do, and leaves no trace.  ours: the
 * address is held by the program that we would replace, and is not asked.
 * Returns as listener_open() does; an empty address is good.
 */
int listener_try(const struct listener_opts *opts, bool ours,
		 struct fault *why) MUST_USE;

/* Closes; unlinks the path of our own unix socket. */
void listener_close(struct listener *l);

#endif
