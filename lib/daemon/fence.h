/* SPDX-License-Identifier: MIT */
/*
 * What a process may still ask of the kernel, whoever runs in it by then.
 *
 * seccomp(2) refuses calls that none of our processes makes: a program that was
 * taken over runs no other one, looks into no other process, mounts nothing and
 * reaches no rare corner of the kernel.  landlock(7) refuses files, and signals
 * to processes outside.  Neither can be taken off again.
 *
 * A kernel without one of them is no fault: everything works, less guarded.  If
 * a filter above us forbids to ask for it, the master's log says so.
 */
#ifndef DAEMON_FENCE_H
#define DAEMON_FENCE_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>

#define FENCE_PATHS 16

struct fence {
	bool seccomp;
	bool landlock;
	bool binds;		/* it listens on ports of this host by itself */
	/* Directories, or files in the directory that is meant; what is not
	 * there is left out.  Ended by NULL; borrowed. */
	const char *read[FENCE_PATHS];	/* beside those of the system; also
					   what links in them lead to */
	const char *write[FENCE_PATHS];	/* files may be made and removed */
};

/* What the kernel has: landlock's version, 0 = none. */
int fence_landlock_version(void);
bool fence_has_seccomp(void);

/* For a master, which runs the commands of the settings: programs may be run,
 * and files are as before.  0, or -1 with FAULT_CONFIG. */
int fence_master(const struct fence *f, struct fault *why) MUST_USE;

/* For its children, behind no-new-privs.  0, or -1 with FAULT_CONFIG. */
int fence_child(const struct fence *f, struct fault *why) MUST_USE;

#endif
