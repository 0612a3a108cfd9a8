/* SPDX-License-Identifier: MIT */
/* The master of booking.fcgi: its children, its reload. */
#ifndef SERVER_H
#define SERVER_H

#include "base/compiler.h"
#include "base/fault.h"

#include "daemon/startup.h"

struct appconf;
struct site;

struct server_opts {		/* borrowed */
	struct site *site;	/* replaced at a reload */
	const struct startup *startup;	/* its file is read again at a reload */
	int listen_fd;
};

/* What the settings say about the start; borrowed from c. */
struct startup_settings server_settings(const struct appconf *c);

/* Runs the children until a stop signal.  0, or -1 with *why. */
int server_run(const struct server_opts *opts, struct fault *why) MUST_USE;

#endif
