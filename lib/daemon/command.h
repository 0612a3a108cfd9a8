/* SPDX-License-Identifier: MIT */
/* Runs a program that the settings name: no shell, no arguments. */
#ifndef DAEMON_COMMAND_H
#define DAEMON_COMMAND_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdint.h>
#include <sys/types.h>

#define COMMAND_LIMIT_MS 30000	/* then it is killed */
#define COMMAND_NO_EXEC 127	/* its exit status if it could not be run */

/* Descriptors that become the program's 0, 1 and 2; -1 = /dev/null. */
struct command_ends {
	int input, output, errors;
};

/* Can this user run it?  NULL and "" are fine.  Returns 0, or -1 with
 * FAULT_CONFIG and a sentence that begins with the setting's name. */
int command_check(const char *setting, const char *path, struct fault *why)
	MUST_USE;

/*
 * Starts the program in a session of its own, with every signal as it is by
 * default, with no other descriptor, and with little of our environment: a
 * path, a home, a language, a proxy.  The ends stay open here.  Returns its
 * pid, or -1 with errno.
 */
pid_t command_start(const char *path, const struct command_ends *ends)
	MUST_USE;

/* Kills the program and what it has started that is still in its group. */
void command_kill(pid_t pid);

#endif
