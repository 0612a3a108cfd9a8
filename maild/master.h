/* SPDX-License-Identifier: MIT */
/* maild's master: supervises, reclaims at once, beats, reloads. */
#ifndef MASTER_H
#define MASTER_H

#include "daemon/startup.h"
#include "settings/mailconf.h"

/*
 * Runs one dispatcher and conf->workers workers until it is told to stop.
 * A reload reads the settings file again and replaces what conf holds; the
 * caller releases it.  Returns the exit status.
 */
int master_run(struct mailconf *conf, const struct startup *startup);

/* What the settings say about the start; borrowed from conf. */
struct startup_settings master_settings(const struct mailconf *conf);

#endif
