/* SPDX-License-Identifier: MIT */
/* What a well-behaved daemon does once: detach, pid file, privileges, titles. */
#ifndef DAEMON_H
#define DAEMON_H

#include "compiler.h"
#include "fault.h"

/*
 * Detaches (double fork, setsid, chdir /, umask 027, descriptors 0-2 to
 * /dev/null).  The first process waits: it exits 0 when the daemon calls
 * daemon_ready(), or with the daemon's own exit code, its last words being on
 * the standard error it still has.  Returns 0 in the daemon, -1 with *why in
 * the caller if it could not fork.
 */
int daemon_detach(struct fault *why) MUST_USE;

/* Tells the waiting parent (if any) and the service manager that we serve. */
void daemon_ready(void);

/* Sends one datagram to NOTIFY_SOCKET if it is set (sd_notify(3)'s protocol). */
void daemon_notify(const char *state);

/*
 * Writes our pid and locks the file (fcntl, so that children do not hold it).
 * A file that a live process has locked is refused by that pid; a stale one is
 * taken over.  Returns the descriptor to keep, or -1 with FAULT_CONFIG.
 */
int pidfile_open(const char *path, struct fault *why) MUST_USE;

/* Refuses by pid, as pidfile_open() would, but takes nothing: for a start that
 * has other things to open first.  0, or -1 with FAULT_CONFIG. */
int pidfile_check(const char *path, struct fault *why) MUST_USE;

/* Removes the file and closes. */
void pidfile_close(int fd, const char *path);

/*
 * Becomes user (and group, NULL or "" = the user's): initgroups, setgid, setuid,
 * no-new-privs, no core.  Nothing happens if user is "" or we are not root.
 * Returns 0, or -1 with FAULT_CONFIG.
 */
int privileges_drop(const char *user, const char *group, struct fault *why)
	MUST_USE;

/* Must be called first in main(): remembers where argv lies. */
void proctitle_init(int argc, char **argv);

/* Shows "program: text" in ps. */
void proctitle_set(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
