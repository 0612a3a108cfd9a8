/* SPDX-License-Identifier: MIT */
/* What maild's processes share. */
#include "config.h"

#include "state/scoreboard.h"

#include "base/str.h"
#include "base/ticks.h"

#include <string.h>

/* ---- where Redis is ----------------------------------------------------- */

void scoreboard_redis_set(struct scoreboard *board, const char *address)
{
	atomic_fetch_or(&board->redis.version, 1);	/* odd: do not read */
	if (!str_copy(board->redis.address, sizeof(board->redis.address),
		      address))
		board->redis.address[0] = '\0';
	atomic_fetch_add(&board->redis.version, 1);	/* even: complete */
}

void scoreboard_redis_read(const struct scoreboard *board,
			   char address[SCOREBOARD_ADDRESS_MAX])
{
	unsigned before = atomic_load(&board->redis.version);

	memcpy(address, board->redis.address, SCOREBOARD_ADDRESS_MAX);
	address[SCOREBOARD_ADDRESS_MAX - 1] = '\0';
	/* Half written: this dispatcher is still at it, or the next one will
	 * be. */
	if (before % 2 == 1 ||
	    atomic_load(&board->redis.version) != before)
		address[0] = '\0';
}

/* ---- what a worker does -------------------------------------------------- */

const char *phase_name(enum phase phase)
{
	static const char *const names[] = {
		[PHASE_STOPPED] = "stopped",
		[PHASE_IDLE] = "idle",
		[PHASE_CLAIMING] = "claiming",
		[PHASE_COMPOSING] = "composing",
		[PHASE_CONNECTING] = "connecting",
		[PHASE_TALKING] = "talking",
		[PHASE_WAITING] = "waiting",
	};

	return phase < ARRAY_COUNT(names) ? names[phase] : "?";
}

void score_phase_set(struct score *score, enum phase phase,
		     const char *job, int64_t now_ms)
{
	atomic_fetch_or(&score->live_version, 1);	/* odd: do not read */
	atomic_store(&score->phase, (int)phase);
	atomic_store(&score->since_ms, now_ms);
	must(str_copy(score->job, sizeof(score->job), job ? job : ""));
	atomic_fetch_add(&score->live_version, 1);	/* even: complete */
}

/* -1 for anything that is not a relay's place. */
static int relay_of(int seat)
{
	return seat >= 1 && seat <= RELAYS_MAX ? seat - 1 : -1;
}

static enum stage stage_of(int stage)
{
	return stage >= 0 && stage < STAGE_COUNT ? (enum stage)stage
						 : STAGE_CONNECT;
}

struct score_view score_view(const struct score *score)
{
	struct score_view view = { .phase = PHASE_STOPPED };

	/* A worker that was killed while writing leaves it odd until the
	 * master says that it is gone: a few tries, then as it is. */
	for (int i = 0; i < 100; i++) {
		unsigned before = atomic_load(&score->live_version);

		view.phase = (enum phase)atomic_load(&score->phase);
		view.relay = relay_of(atomic_load(&score->seat));
		view.stage = stage_of(atomic_load(&score->stage));
		view.since_ms = atomic_load(&score->since_ms);
		memcpy(view.job, score->job, sizeof(view.job));
		view.job[sizeof(view.job) - 1] = '\0';
		if (before % 2 == 0 &&
		    atomic_load(&score->live_version) == before)
			break;
	}
	return view;
}

void score_worker_gone(struct score *score, int64_t now_ms)
{
	atomic_store(&score->deadline_ms, 0);
	atomic_store(&score->pid, 0);
	score_seat_leave(score);
	score_phase_set(score, PHASE_STOPPED, NULL, now_ms);
}

/* ---- relays ------------------------------------------------------------- */

void scoreboard_relay_name(const struct scoreboard *board, int relay,
			   char name[RELAY_NAME_MAX + 1])
{
	char copy[RELAY_NAME_MAX + 1];

	memcpy(copy, board->relay[relay].name, sizeof(copy));
	copy[RELAY_NAME_MAX] = '\0';
	(void)str_printable(name, RELAY_NAME_MAX + 1, copy);
}

int scoreboard_relay_find(const struct scoreboard *board, const char *name)
{
	char there[RELAY_NAME_MAX + 1];

	for (int i = 0; i < RELAYS_MAX; i++) {
		scoreboard_relay_name(board, i, there);
		if (strcmp(there, name) == 0)
			return i;
	}
	return -1;
}

static bool is_wanted(const char *name, const char *const *names,
		      size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

void scoreboard_relays_mend(struct scoreboard *board, const char *const *names,
			    size_t count)
{
	must(count <= RELAYS_MAX);
	for (int i = 0; i < RELAYS_MAX; i++) {
		struct relay_state *r = &board->relay[i];
		char name[RELAY_NAME_MAX + 1];

		/* Also a second one of the same name, which only a broken
		 * worker can have made: so there is room for all. */
		scoreboard_relay_name(board, i, name);
		if (name[0] && (!is_wanted(name, names, count) ||
				scoreboard_relay_find(board, name) != i))
			memset(r, 0, sizeof(*r));
	}
	for (size_t i = 0; i < count; i++) {
		int at = scoreboard_relay_find(board, names[i]);

		if (at != -1)
			continue;
		at = scoreboard_relay_find(board, "");
		if (at == -1)
			return;		/* somebody writes it this moment */
		must(str_copy(board->relay[at].name,
			      sizeof(board->relay[at].name), names[i]));
	}
}

void scoreboard_relays_set(struct scoreboard *board, const char *const *names,
			   size_t count)
{
	scoreboard_relays_mend(board, names, count);
	for (int i = 0; i < RELAYS_MAX; i++) {
		(void)breaker_success(&board->relay[i].breaker);
		storm_forget(&board->relay[i].storm);
		marks_clear_all(&board->relay[i].marks);
	}
}

int scoreboard_seats(const struct scoreboard *board, int relay)
{
	int count = 0;

	for (int i = 0; i < QUEUE_SLOTS_MAX; i++)
		count += atomic_load(&board->score[i].seat) == relay + 1;
	return count;
}

bool scoreboard_seat_take(struct scoreboard *board, struct score *score,
			  int relay, int limit)
{
	atomic_store(&score->seat, relay + 1);
	/* The scores are far apart in memory: not to be walked through for
	 * nothing. */
	if (limit >= QUEUE_SLOTS_MAX || scoreboard_seats(board, relay) <= limit)
		return true;
	score_seat_leave(score);
	return false;
}

void score_seat_leave(struct score *score)
{
	atomic_store(&score->seat, 0);
}

/* ---- the ack ring ------------------------------------------------------- */

/* Two generations differ in 128 random bits or more. */
static uint64_t hash_of(const char *text)
{
	return str_hash(STR_HASH, text, strlen(text));
}

void scoreboard_clear(struct scoreboard *board, const char *generation)
{
	atomic_store(&board->cleared, hash_of(generation));
}

bool scoreboard_is_cleared(struct scoreboard *board, const char *generation)
{
	return atomic_load(&board->cleared) == hash_of(generation);
}

struct ring_entry *ring_add(struct score *score,
			    const struct journal_fact *fact)
{
	unsigned next = atomic_load(&score->ring_next);
	struct ring_entry *e = &score->ring[next % RING_SIZE];

	/* A worker that was killed halfway has left it odd. */
	atomic_fetch_or(&e->version, 1);	/* odd: do not read */
	atomic_store(&e->told, false);
	e->at_ms = ticks_ms();
	e->fact = *fact;
	atomic_fetch_add(&e->version, 1);	/* even: complete */
	atomic_store(&score->ring_next, next + 1);
	return e;
}

/*
 * Copies an entry that another process may be writing.  A writer that died
 * halfway leaves it odd; its mail is past the dot in Redis and counts as
 * uncertain.  Returns false then.
 */
static bool read_entry(struct ring_entry *e, int64_t *at_ms,
		       struct journal_fact *fact)
{
	unsigned before = atomic_load(&e->version);

	if (before == 0 || before % 2 == 1)
		return false;
	*at_ms = e->at_ms;
	*fact = e->fact;
	fact->id[sizeof(fact->id) - 1] = '\0';
	fact->relay[sizeof(fact->relay) - 1] = '\0';
	fact->reply[sizeof(fact->reply) - 1] = '\0';
	return atomic_load(&e->version) == before;
}

struct ring_entry *ring_next(struct score *score, size_t *at, int64_t since_ms,
			     struct journal_fact *fact_out)
{
	while (*at < RING_SIZE) {
		struct ring_entry *e = &score->ring[(*at)++];
		int64_t at_ms;

		if (read_entry(e, &at_ms, fact_out) &&
		    (!atomic_load(&e->told) || at_ms >= since_ms))
			return e;
	}
	return NULL;
}
