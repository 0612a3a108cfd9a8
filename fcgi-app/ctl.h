/* SPDX-License-Identifier: MIT */
/* What the subcommands of bookctl share. */
#ifndef CTL_H
#define CTL_H

#include "appconf.h"
#include "compiler.h"
#include "dbconn.h"
#include "fault.h"
#include "store.h"

struct ctl {
	struct appconf conf;
	struct dbconn *db;	/* not connected yet */
	struct store *store;
};

/*
 * A subcommand.  argv[0] is its name; *why is filled when it fails.  Returns
 * the program's exit status: 0, or one of sysexits.h; EX_USAGE prints the
 * usage.
 */
typedef int ctl_run(struct ctl *ctl, int argc, char **argv,
		    struct fault *why);

ctl_run ctl_migrate;
ctl_run ctl_sample;
ctl_run ctl_service_add;
ctl_run ctl_slot_add;
ctl_run ctl_key;

/* The exit status for a fault. */
int ctl_status(const struct fault *why);

#endif
