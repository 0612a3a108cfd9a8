/* SPDX-License-Identifier: MIT */
/* A master's part in alerts: runs the operator's command, but not too often. */
#ifndef DAEMON_ALERT_RUN_H
#define DAEMON_ALERT_RUN_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdint.h>
#include <sys/types.h>

struct alert_run_opts {
	const char *command;	/* path of a program; NULL or "" = none */
	int64_t interval_ms;	/* between two runs for one key */
};

/*
 * To be called about once a second: takes what was raised, and starts the
 * command for one key that is due, if none runs.  The command gets on its
 * standard input one line "key: sentence", and a second one when more alerts of
 * that key came since its last run; the latest is told.  It runs in a session
 * of its own, without a shell and without arguments.
 */
void alert_run_tend(const struct alert_run_opts *opts, int64_t now_ms);

/* To be called with each child that has ended and is not one of the
 * supervisor's. */
void alert_run_ended(pid_t pid, int wstatus);

/* Can the command be run by this user?  0, or -1 with FAULT_CONFIG. */
int alert_run_check(const char *command, struct fault *why) MUST_USE;

#endif
