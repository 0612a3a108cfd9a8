/* SPDX-License-Identifier: MIT */
/* The dispatcher process: admits, promotes, takes over from vanished hosts. */
#ifndef DISPATCH_DISPATCHER_H
#define DISPATCH_DISPATCHER_H

#include "settings/mailconf.h"
#include "state/scoreboard.h"

/* The body of the dispatcher process; returns its exit status. */
int dispatcher_run(const struct instance *instance);

#endif
