/* SPDX-License-Identifier: MIT */
/* The dispatcher process: admits, promotes, takes over from vanished hosts. */
#ifndef DISPATCH_DISPATCHER_H
#define DISPATCH_DISPATCHER_H

#include "settings/mailconf.h"
#include "state/scoreboard.h"

struct dispatcher_opts {
	const struct mailconf *conf;
	struct scoreboard *board;
	const char *instance;	/* ours */
};

/* The body of the dispatcher process; returns its exit status. */
int dispatcher_run(const struct dispatcher_opts *opts);

#endif
