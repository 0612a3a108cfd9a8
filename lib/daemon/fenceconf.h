/* SPDX-License-Identifier: MIT */
/* The settings of fence.h, the same for all programs. */
#ifndef DAEMON_FENCECONF_H
#define DAEMON_FENCECONF_H

#include "conf/conf.h"

#include <stddef.h>

/* Their rows in the table of a struct with the flags seccomp and landlock. */
#define FENCECONF_ROW(of, member, ...) \
	{ .name = #member, .type = CONF_BOOL, .fallback = "yes", \
	  .offset = offsetof(of, member), .help = __VA_ARGS__, \
	  .restart = true }
#define FENCECONF_ROWS(of) \
	FENCECONF_ROW(of, seccomp, \
		      "Have the kernel refuse calls that our processes never " \
		      "make, such as running other programs."), \
	FENCECONF_ROW(of, landlock, \
		      "Have the kernel refuse our processes all files but " \
		      "those that they need, if it can.")

#endif
