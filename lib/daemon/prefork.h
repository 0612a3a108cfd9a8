/* SPDX-License-Identifier: MIT */
/*
 * The supervisor: keeps single-threaded children alive, each with one role.
 *
 * Signals are blocked everywhere but inside ppoll().  In a child they are open
 * only in prefork_poll(): work in hand is never interrupted.
 *
 *   TERM            graceful stop: children finish, after grace_ms KILL
 *   TERM again, INT, QUIT   fast stop: KILL
 *   HUP             reload(), then every child is replaced gracefully, with
 *                   as many of each role but the scalable one as it counts now
 *   USR1            reopen the log, also in the children
 *   TTIN, TTOU      one child more, one fewer, of the scalable role
 *   CHLD            gone(), then a new child; with a doubling pause if the old
 *                   one lived less than min_life_ms and ended badly, with the
 *                   shortest one if it was killed by KILL
 */
#ifndef DAEMON_PREFORK_H
#define DAEMON_PREFORK_H

#include "base/compiler.h"
#include "base/fault.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PREFORK_MAX 256		/* children of all roles together */

struct prefork_role {
	const char *name;	/* "worker"; the title and log name it */
	unsigned count;		/* children at the start */
	unsigned max;		/* upper limit for TTIN; slots are reserved */
	/*
	 * The child's body.  slot is unique over all roles, index counts
	 * within the role; both start at 0.  Its result is the exit status; 0 =
	 * ended as wished (stop, recycling), anything else counts as a failure.
	 */
	int (*run)(void *arg, unsigned slot, unsigned index);
};

/* What became of a child. */
struct prefork_end {
	unsigned slot;
	unsigned index;
	const struct prefork_role *role;
	pid_t pid;
	int wstatus;		/* as waitpid(2) gives it */
	bool overdue;		/* we killed it for its deadline */
	bool asked;		/* it had been asked to end (stop, reload) */
};

struct prefork_opts {
	const struct prefork_role *roles;
	unsigned role_count;
	unsigned scalable;	/* index of the role of TTIN and TTOU */
	int min_life_ms;
	int pause_min_ms;	/* pause after the first failure */
	int pause_max_ms;
	int grace_ms;		/* from TERM to KILL */
	void *arg;		/* handed to every function below and to run */

	/* All in the master, each may be NULL. */
	void (*gone)(void *arg, const struct prefork_end *end);
	/* A child that is none of the roles', as a command that was run. */
	void (*stranger_gone)(void *arg, pid_t pid, int wstatus);
	int (*reload)(void *arg);	/* 0 = replace children, -1 = keep */
	void (*tick)(void *arg);	/* about once a second */
	/* ticks_ms() at which the child in slot is killed, 0 = no deadline */
	int64_t (*deadline_ms)(void *arg, unsigned slot);
};

/*
 * Tells that we are ready (daemon_ready()), then runs until a stop signal and
 * until every child has ended.
 * Returns 0 after an orderly stop, -1 with *why if it could not start.
 */
int prefork_run(const struct prefork_opts *opts, struct fault *why) MUST_USE;

/* Installs the handlers and blocks the signals outside ppoll(), as
 * prefork_run() does: for a start during which a signal may come already. */
void prefork_signals_catch(void);

/* In a child: has the master (or an operator) asked it to end?  After a reload
 * and when the master has died, too. */
bool prefork_stopping(void);

/*
 * In a child: poll(2) with signals open, for at most timeout_ms (-1 = for
 * ever).  Returns as poll(2); -1 with EINTR as soon as prefork_stopping() is
 * true, also if it was true before.
 */
int prefork_poll(struct pollfd *fds, nfds_t nfds, int timeout_ms);

/* In a child: the signal mask to hand to epoll_pwait(2) or ppoll(2). */
const sigset_t *prefork_open_mask(void);

#endif
