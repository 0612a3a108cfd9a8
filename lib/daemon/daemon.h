/* SPDX-License-Identifier: MIT */
/* What a well-behaved daemon does once: detach, pid file, privileges, title. */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * First of all: descriptors 0 to 2 that are closed become /dev/null, and all
 * others are closed but the `keep` ones from 3 on (UINT_MAX = close none).
 */
void daemon_descriptors_tidy(unsigned keep);

/* Umask 027, no core dumps, 1024 open files at most.  0, or -1 with *why. */
int daemon_limits_set(struct fault *why) MUST_USE;

/*
 * Detaches (double fork, setsid, chdir /, descriptors 0-2 to /dev/null once
 * ready).  The first process waits: it exits 0 when the daemon calls
 * daemon_ready(), or with the daemon's own exit code, its last words being on
 * the standard error it still has.  Returns 0 in the daemon, -1 with *why
 * (FAULT_RETRY) in the caller if it could not fork.
 */
int daemon_detach(struct fault *why) MUST_USE;

/* Tells the waiting parent (if any) and the service manager that we serve. */
void daemon_ready(void);

/* Sends one datagram to NOTIFY_SOCKET if that is set, as sd_notify(3) does. */
void daemon_notify(const char *state);

/* RELOADING=1 with the time, as Type=notify-reload wants it. */
void daemon_notify_reloading(void);

/* Does the service manager want WATCHDOG=1 from this process? */
bool daemon_is_watched(void);

/*
 * Writes our pid and locks the file (fcntl, so that children do not hold it).
 * A file that a live process has locked is refused by that pid; a stale one is
 * taken over.  Returns the descriptor to keep, or -1 with FAULT_CONFIG.
 */
int pidfile_open(const char *path, struct fault *why) MUST_USE;

/* Refuses by pid, as pidfile_open() would, but takes nothing: for a start that
 * has other things to open first.  0, or -1 with FAULT_CONFIG. */
int pidfile_check(const char *path, struct fault *why) MUST_USE;

/* In a child: closes the descriptor, so that only the master can write the
 * number that others send signals to. */
void pidfile_abandon(void);

/* Removes the file, or empties it where that is not allowed, and closes. */
void pidfile_close(int fd, const char *path);

/* Who to become. */
struct privileges {
	bool change;		/* false = stay who we are, the rest is unset */
	const char *user;	/* borrowed */
	uid_t uid;
	gid_t gid;
};

/* Looks user and group up (group NULL or "" = the user's).  No change is wanted
 * if user is NULL or "" or we are not root.  0, or -1 with FAULT_CONFIG. */
int privileges_find(const char *user, const char *group, struct privileges *p,
		    struct fault *why) MUST_USE;

/* No-new-privs; then initgroups, setgid, setuid if a change is wanted.
 * 0, or -1 with FAULT_CONFIG. */
int privileges_drop(const struct privileges *p, struct fault *why) MUST_USE;

/*
 * Calls work(arg, why) as p's user, while root waits; nothing is called if that
 * cannot be.  Returns what it returns, or -1 with FAULT_CONFIG.
 */
int privileges_lend(const struct privileges *p,
		    int (*work)(void *arg, struct fault *why), void *arg,
		    struct fault *why) MUST_USE;

/* Must be called first in main(): remembers where argv lies. */
void proctitle_init(int argc, char **argv);

/* Shows "program: text" in ps. */
void proctitle_set(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
