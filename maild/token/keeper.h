/* SPDX-License-Identifier: MIT */
/*
 * The master's part in access tokens: gets each relay's in time and shares it
 * with the workers.
 *
 * Nothing here waits: a command is started, its pipes are looked at once a
 * second and when it ends, and one that hangs is killed with all that it
 * started.  What the master knows is kept to itself; of the shared memory it
 * reads only the note that a server refused a token.
 */
#ifndef TOKEN_KEEPER_H
#define TOKEN_KEEPER_H

#include "base/compiler.h"
#include "settings/mailconf.h"
#include "state/scoreboard.h"

#include <stdint.h>
#include <sys/types.h>

struct keeper;

/* In the master; the board is borrowed. */
struct keeper *keeper_new(struct scoreboard *board) MUST_USE RETURNS_NONNULL;
void keeper_free(struct keeper *k);

/*
 * At the start and after a reload: these relays, whose names have their place
 * on the board.  A token stays unless the relay's log-in has changed; one that
 * could not be got is asked for again at once.  The settings are not kept.
 */
void keeper_relays_set(struct keeper *k, const struct conf_list *relays);

/* The relays' places on the board may have moved. */
void keeper_share(struct keeper *k);

/* About once a second. */
void keeper_tend(struct keeper *k, int64_t now_ms);

/* A child has ended that is not one of the supervisor's. */
void keeper_ended(struct keeper *k, pid_t pid, int wstatus, int64_t now_ms);

/* In a child of the master: wipes the master's own copies. */
void keeper_abandon(struct keeper *k);

#endif
