/* SPDX-License-Identifier: MIT */
/* maild's master: supervises, reclaims at once, beats, reloads. */
#ifndef MASTER_H
#define MASTER_H

#include "mailconf.h"

/*
 * Runs one dispatcher and conf->workers workers until it is told to stop.
 * conf is taken over (a reload replaces and releases it); conf_path is read
 * again then.  Returns the exit status.
 */
int master_run(struct mailconf *conf, const char *conf_path);

/* Checks the templates as -t does; prints each fault on standard error.
 * Returns 0, or -1 if there is one. */
int master_check(const struct mailconf *conf);

#endif
