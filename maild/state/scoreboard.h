/* SPDX-License-Identifier: MIT */
/*
 * What maild's processes share: for each relay its breaker, pace, storm guard
 * and access token; for each worker what it does now, its deadline and its ack
 * ring.
 *
 * How many connections a relay has is counted over the workers, never
 * kept in a counter: one that was killed must not leave its connection behind.
 *
 * The ack ring remembers which mails the relay took, from the 250 on.  An
 * entry is written before Redis is told; whoever finds that Redis was not told,
 * or has forgotten, tells it again (doc/states.md).
 *
 * Any of these processes can write all of it, even one that is broken: a master
 * trusts nothing here as an index, as a text that ends, or as a fact.  Flags
 * are numbers: a _Bool that is neither 0 nor 1 has no meaning in C.
 */
#ifndef STATE_SCOREBOARD_H
#define STATE_SCOREBOARD_H

#include "base/compiler.h"
#include "base/fault.h"
#include "conf/conf.h"
#include "policy/breaker.h"
#include "policy/pace.h"
#include "policy/storm.h"
#include "queue/queue.h"
#include "settings/mailconf.h"
#include "smtp/marks.h"
#include "smtp/stages.h"
#include "state/journal.h"
#include "state/sharedtoken.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define RING_SIZE 256		/* mails remembered per worker */
#define RING_MEMORY_MS 120000	/* older entries are not told again: Redis
				   loses seconds, not minutes */

struct ring_entry {
	atomic_uint version;	/* odd while the worker writes it, 0 = never */
	atomic_int told;	/* Redis answered to the ack */
	int64_t at_ms;		/* ticks_ms() of the 250 */
	struct journal_fact fact;
};

#define RELAY_NAME_MAX 32
#define RELAY_CAUSE_MAX 160

/* One relay.  Its place is kept over reloads: it is found by name. */
struct relay_state {
	char name[RELAY_NAME_MAX + 1];	/* "" = free; the master writes it */
	struct breaker breaker;
	struct storm storm;
	struct pace pace;
	struct stages stages;		/* since the start */
	struct marks marks;		/* which of its addresses failed */
	int overdue;			/* workers killed over it in a row with
					   no answer about a mail in between;
					   the master's, as is the next */
	uint64_t overdue_answers;	/* answers up to the last of these */
	atomic_int paused;		/* by an operator; the master reads it
					   from Redis */
	char cause[RELAY_CAUSE_MAX];	/* why the breaker last opened or a
					   worker was killed, without mail
					   addresses; written by whoever did it.
					   For people: it is read unlocked */
};

enum phase {			/* what a worker does */
	PHASE_STOPPED,		/* there is none */
	PHASE_IDLE,		/* waits for a job */
	PHASE_CLAIMING,		/* reconnects to Redis, or gives back */
	PHASE_COMPOSING,
	PHASE_CONNECTING,	/* TCP and DNS */
	PHASE_TALKING,		/* SMTP, from the greeting on */
	PHASE_WAITING,		/* no relay may be used now */
};

/* One worker as others see it. */
struct score_view {
	enum phase phase;
	int relay;			/* index of the relay it has a
					   connection to, -1 = none */
	enum stage stage;		/* it waits for, while it talks */
	int64_t since_ms;		/* ticks_ms() of the phase's begin */
	char job[ENVELOPE_ID_MAX + 1];	/* "" = none */
};

struct score {				/* one worker, kept over restarts */
	atomic_uint live_version;	/* odd while the worker writes these */
	atomic_int phase;		/* enum phase */
	atomic_int stage;		/* enum stage, see score_view */
	_Atomic int64_t since_ms;
	char job[ENVELOPE_ID_MAX + 1];
	atomic_int pid;			/* of the worker, 0 = none */
	atomic_int seat;		/* relay index + 1 of its connection,
					   0 = none: what is counted */
	_Atomic int64_t deadline_ms;	/* ticks_ms() when the master kills it,
					   0 = none */
	atomic_int crashed;		/* the list's last owner crashed and
					   nobody has reclaimed it yet */
	atomic_uint ring_next;		/* entries written so far */
	struct ring_entry ring[RING_SIZE];
};

#define SCOREBOARD_ADDRESS_MAX 320

/* Where the dispatcher found Redis: for the master, which must not wait for a
 * resolver. */
struct scoreboard_redis {
	atomic_uint version;		/* odd while it is written */
	char address[SCOREBOARD_ADDRESS_MAX];	/* "" = nowhere yet */
};

struct scoreboard {
	_Atomic uint64_t cleared;	/* generation of Redis' data that may be
					   worked on: scoreboard_clear() */
	struct scoreboard_redis redis;
	atomic_int is_away_told;	/* the dispatcher logs that Redis is
					   away: its workers need not */
	struct relay_state relay[RELAYS_MAX];
	struct shared_token token[RELAYS_MAX];	/* of the relay in that place */
	struct score score[QUEUE_SLOTS_MAX];
};

/* One maild, as its master hands it to its processes; all borrowed. */
struct instance {
	const struct mailconf *conf;
	struct scoreboard *board;
	const char *name;		/* no other instance has or ever had
					   it */
	int64_t started_ms;		/* wall time */
};

/* ---- where Redis is ----------------------------------------------------- */

/* The dispatcher says it; the master reads it ("" = not known). */
void scoreboard_redis_set(struct scoreboard *board, const char *address);
void scoreboard_redis_read(const struct scoreboard *board,
			   char address[SCOREBOARD_ADDRESS_MAX]);

/* ---- what a worker does -------------------------------------------------- */

/* "idle", "claiming", ...: for status. */
const char *phase_name(enum phase phase);

/* The worker says what it does; job may be NULL. */
void score_phase_set(struct score *score, enum phase phase,
		     const char *job, int64_t now_ms);

/* What another process sees of it. */
struct score_view score_view(const struct score *score);

/* The worker is gone: nothing is connected, nothing is done. */
void score_worker_gone(struct score *score, int64_t now_ms);

/* ---- relays ------------------------------------------------------------- */

/* The name in that place, unprintable bytes masked; "" = the place is free. */
void scoreboard_relay_name(const struct scoreboard *board, int relay,
			   char name[RELAY_NAME_MAX + 1]);

/* The state of the relay with this name, -1 = there is none. */
int scoreboard_relay_find(const struct scoreboard *board, const char *name);

/*
 * The master gives each of the names a state, at the start and after a reload.
 * Known ones keep theirs, but with the breaker closed, the storm over and no
 * address marked: what was wrong may just have been fixed.  States that no name
 * needs any more are freed; a connection that an old worker still has counts
 * for the successor.  count is at most RELAYS_MAX.
 */
void scoreboard_relays_set(struct scoreboard *board, const char *const *names,
			   size_t count);

/* The same, but known ones keep their troubles, too: for when a worker has
 * crashed, which may have overwritten names that the next one needs. */
void scoreboard_relays_mend(struct scoreboard *board, const char *const *names,
			    size_t count);

/* Connections that are open or being made. */
int scoreboard_seats(const struct scoreboard *board, int relay);

/*
 * Takes a connection to the relay for the worker if that makes no more than
 * limit.  Two who try at the same instant may both be refused, never both let
 * in: try again after a nap.
 */
bool scoreboard_seat_take(struct scoreboard *board, struct score *score,
			  int relay, int limit);
void score_seat_leave(struct score *score);

/* ---- the ack ring ------------------------------------------------------- */

/* Remembers that the relay took the mail; returns the entry. */
struct ring_entry *ring_add(struct score *score,
			    const struct journal_fact *fact);

/*
 * After Redis lost or rewound its data nothing is claimed until all that were
 * sending have told it again what they sent: the dispatcher then clears that
 * generation for this host's workers.  "" clears none.
 */
void scoreboard_clear(struct scoreboard *board, const char *generation);
bool scoreboard_is_cleared(struct scoreboard *board, const char *generation);

/*
 * Copies the next entry, from *at on, that Redis was not told of, or that it
 * was told of at since_ms (ticks_ms()) or later; *at is then past it.  The
 * caller tells Redis and sets the entry's told.  NULL = there is none left.
 */
struct ring_entry *ring_next(struct score *score, size_t *at, int64_t since_ms,
			     struct journal_fact *fact_out);

#endif
