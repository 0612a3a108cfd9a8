/* SPDX-License-Identifier: MIT */
/* The dispatcher process: admits, promotes, takes over from vanished hosts. */
#ifndef DISPATCHER_H
#define DISPATCHER_H

#include "mailconf.h"
#include "slots.h"

struct dispatcher_opts {
	const struct mailconf *conf;
	struct slots *slots;
	const char *instance;	/* ours */
};

/* The body of the dispatcher process; returns its exit status. */
int dispatcher_run(const struct dispatcher_opts *opts);

#endif
