/* SPDX-License-Identifier: MIT */
/* The master of booking.fcgi: its children, its reload. */
#ifndef SERVER_H
#define SERVER_H

#include "compiler.h"
#include "fault.h"

#include <stdbool.h>

struct site;

struct server_opts {		/* borrowed */
	struct site *site;	/* replaced at a reload */
	const char *conf_path;	/* read again at a reload */
	int listen_fd;
	bool foreground;	/* the log stays on standard error */
};

/* Runs the children until a stop signal.  0, or -1 with *why. */
int server_run(const struct server_opts *opts, struct fault *why) MUST_USE;

#endif
