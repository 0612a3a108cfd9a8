/* SPDX-License-Identifier: MIT */
/* The words behind a subcommand of maildctl. */
#ifndef MAILDCTL_ARGS_H
#define MAILDCTL_ARGS_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>

enum ctl_option {		/* bits: which options a command knows */
	CTL_JSON = 1 << 0,
	CTL_YES = 1 << 1,
	CTL_ADDRESSES = 1 << 2,
	CTL_ALL = 1 << 3,
	CTL_CHECK = 1 << 4,
	CTL_STATE = 1 << 5,
	CTL_SINCE = 1 << 6,
	CTL_REASON = 1 << 7,
	CTL_KIND = 1 << 8,
	CTL_LIMIT = 1 << 9,
	CTL_OLDER_THAN = 1 << 10,
	CTL_WARN = 1 << 11,
	CTL_CRIT = 1 << 12,
	CTL_TIMEOUT = 1 << 13,
	CTL_LONG = 1 << 14,
	CTL_HELP = 1 << 15,
	CTL_HERE = 1 << 16,
	CTL_SMTP = 1 << 17,
	CTL_STAGE = 1 << 18,
	CTL_RECIPIENT = 1 << 19,
};

struct ctl_args {		/* texts are borrowed from argv; NULL = not given */
	bool json, yes, addresses, all, check, here, smtp, long_lines, help;
	const char *state, *since, *reason, *kind, *limit, *older_than;
	const char *warn, *crit, *timeout, *stage, *recipient;
	int count;		/* words that are no options */
	char **words;
};

/*
 * Reads argv, whose first word is the command's name; allowed is a set of enum
 * ctl_option.  Returns 0, or -1 with *why naming the word.
 */
int ctl_args_read(int argc, char **argv, unsigned allowed,
		  struct ctl_args *out, struct fault *why) MUST_USE;

#endif
