/* SPDX-License-Identifier: MIT */
/*
 * Which relay a worker's next session goes to, and whether it may go on.
 *
 * The first one in the order of the settings that is not paused, whose breaker
 * is closed, that has a connection left, and an access token if it wants one.
 * One whose rate is used up is waited for: the next relay is for when one
 * cannot take mails, not for when it should not.
 */
#ifndef DELIVERY_RELAYS_H
#define DELIVERY_RELAYS_H

#include "base/compiler.h"
#include "settings/mailconf.h"
#include "state/scoreboard.h"

#include <stdbool.h>
#include <stdint.h>

struct relays {
	const struct mailconf *conf;
	struct scoreboard *board;
	struct score *score;		/* ours */
	int place[RELAYS_MAX];		/* each one's state in shared memory */
	int current;			/* of the session, -1 = none */
	int probe;			/* the relay whose open breaker let us
					   through, -1 = none */
};

void relays_init(struct relays *r, const struct mailconf *conf,
		 struct scoreboard *board, struct score *score);

/*
 * May a job be claimed?  Returns 0 if there is a relay for it, else ms to wait
 * before asking again.  When the pause of a breaker is over, one worker of all
 * gets the 0 and is its probe: relays_enter() takes that relay, and
 * relays_leave() or relays_unused() follow.
 */
int64_t relays_wait_ms(struct relays *r);

/* There was no job: another worker may probe. */
void relays_unused(struct relays *r);

/* Takes a connection for a session.  Returns the relay's place in the settings
 * (relays_leave() gives it back), or -1: there is none now. */
int relays_enter(struct relays *r);
void relays_leave(struct relays *r);

/* In a session: may it take another mail now?  Not if the relay was paused, its
 * breaker opened, it has too many connections, or its rate is used up. */
bool relays_may_go_on(const struct relays *r);

/* In a session, right before a mail: takes its place in the rate.  Returns
 * ms to wait first, at most max_ms; -1 = longer. */
int64_t relays_take_place(const struct relays *r, int64_t max_ms);

/* Of the session's relay. */
const struct relay_conf *relays_conf(const struct relays *r);
struct relay_state *relays_state(const struct relays *r);

/* How many other workers have a connection to it and are talking. */
int relays_others_talk(const struct relays *r);

#endif
