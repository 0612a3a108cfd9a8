/* SPDX-License-Identifier: MIT */
/*
 * What a running daemon holds, for a check that may not look at processes.
 *
 * Without rights that the units do not have, the system does not tell who holds
 * an address or a pid file.  So a daemon also holds a socket whose abstract
 * name, unix(7), is made of its settings file and of what it has: if that is
 * there, the thing belongs to who was started with these settings.  It goes
 * with the last process of the daemon.
 */
#ifndef DAEMON_MARK_H
#define DAEMON_MARK_H

#include <stdbool.h>

/* Returns the descriptor to keep, or -1: a check then takes us for strangers,
 * and nothing else is amiss. */
int mark_open(const char *settings, const char *thing);

bool mark_is_there(const char *settings, const char *thing);

#endif
