/* SPDX-License-Identifier: MIT */
/* The command line and the first steps that all our daemons share. */
#ifndef DAEMON_STARTUP_H
#define DAEMON_STARTUP_H

#include "base/compiler.h"
#include "base/fault.h"
#include "conf/conf.h"
#include "daemon/listener.h"

#include <stdbool.h>

/* A long option of one program, "--name VALUE". */
struct startup_extra {
	const char *name;	/* "test-mail"; NULL ends the list */
	char letter;		/* "-r VALUE" is the same, 0 = it has none */
	const char *value;	/* what the usage calls it: "ADDRESS" */
	const char *help;
	const char **out;	/* where it goes; as it was if not given */
};

struct startup {
	const char *program;	/* "maild" */
	const char *conf_path;	/* -c, or the default */
	bool foreground;	/* -F */
	bool verbose;		/* -v: log at level debug */
	bool test;		/* -t: check and leave */
	bool show;		/* -T: print the settings and leave */
	const struct startup_extra *extras;	/* or NULL */
};

/*
 * Reads the options -c FILE -F -t -T -v -V -h and the extras; conf_path and
 * program come filled
 * in with the defaults.  conf_path is a whole path then, in memory of its own:
 * argv is overwritten by titles, and a daemon's folder is "/".
 * Returns -1 to go on, or the exit status to leave with.
 */
int startup_options(struct startup *s, int argc, char **argv);

/* What a daemon's settings say about its start; all borrowed. */
struct startup_settings {
	const char *log;
	const char *log_level;
	const char *pid_file;
	const char *user;
	const char *group;
	const struct listener_opts *listen;	/* NULL = it serves nobody */
	/* Loads or checks what the user must be able to read, as that user. */
	int (*load)(void *arg, struct fault *why);
	void *arg;
};

/* What a start has taken. */
struct started {
	int pid_fd;		/* -1 after a rehearsal */
	char *pid_file;		/* the settings may name another one by then */
	struct listener listener;	/* fd -1 if there is none */
	int marks[3];		/* mark_open(): we run, where, on what */
};

/* Opens the log that the settings name, or standard error with -F unless it is
 * a file; again after a reload.  0, or -1 with *why. */
int startup_log_open(const struct startup *s,
		     const struct startup_settings *set, struct fault *why)
	MUST_USE;

/*
 * Sets limits, opens the log (standard error with -F, unless it is a file) and
 * the socket, loads, detaches unless -F, takes the pid file, drops privileges:
 * whoever sees the pid file will be heard.  With -t it is a rehearsal: the same
 * steps, which leave log, socket and pid file as they are, but for the last
 * one.  Either way we are the user afterwards.
 * Returns 0, or -1 with *why, in which file and line of the setting stand;
 * nothing is held then.  Ends with startup_end().
 */
int startup_run(const struct startup *s, const struct startup_settings *set,
		struct started *out, struct fault *why) MUST_USE;
void startup_end(struct started *started);

/* Only the last step: becomes the user, takes nothing.  0, or -1 with *why. */
int startup_become(const struct startup *s, const struct startup_settings *set,
		   struct fault *why) MUST_USE;

/* Says why on standard error; returns EX_CONFIG, or EX_OSERR for
 * FAULT_RETRY. */
int startup_refuse(const struct startup *s, const struct fault *why);

#endif
