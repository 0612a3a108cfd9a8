/* SPDX-License-Identifier: MIT */
/* Which relay a worker's next session goes to, and whether it may go on. */
#include "config.h"

#include "delivery/relays.h"

#include "base/ticks.h"

#define LOOK_AGAIN_MS 1000	/* longest time between two looks */
#define SEAT_NAP_MS 50		/* a connection may become free any moment */
#define TOKEN_NAP_MS 200	/* the master gets one, mostly within a
				   second */
#define PROBE_MS 60000		/* time a probe has to report */

static const struct relay_conf *conf_of(const struct relays *r, int i)
{
	return relayconf_at(&r->conf->relays, (size_t)i);
}

static struct relay_state *state_of(const struct relays *r, int i)
{
	return &r->board->relay[r->place[i]];
}

void relays_init(struct relays *r, const struct mailconf *conf,
		 struct scoreboard *board, struct score *score)
{
	*r = (struct relays){
		.conf = conf, .board = board, .score = score, .current = -1,
		.probe = -1,
	};
	for (size_t i = 0; i < conf->relays.count; i++) {
		r->place[i] = scoreboard_relay_find(
			board, relayconf_at(&conf->relays, i)->item.name);
		must(r->place[i] != -1);	/* the master has named it */
	}
	score_seat_leave(score);
}

static int limit_of(const struct relays *r, int i)
{
	return pace_connections(&state_of(r, i)->pace,
				(int)conf_of(r, i)->connections);
}

static int64_t rate_wait_ms(const struct relays *r, int i)
{
	return pace_wait_ms(&state_of(r, i)->pace, conf_of(r, i)->rate,
			    ticks_ms());
}

/* Without an access token a session would only be refused; the master says
 * why there is none. */
static bool has_login(const struct relays *r, int i)
{
	return !relayconf_token_way(conf_of(r, i)) ||
	       shared_token_is_good(&r->board->token[r->place[i]], ticks_ms());
}

/* 0 = a session with this relay may begin, else ms until that may change. */
static int64_t wait_for(struct relays *r, int i)
{
	struct relay_state *state = state_of(r, i);
	bool open = breaker_is_open(&state->breaker);
	int limit = limit_of(r, i);
	int64_t wait_ms;

	if (atomic_load(&state->paused))
		return LOOK_AGAIN_MS;
	if (!has_login(r, i))
		return TOKEN_NAP_MS;
	wait_ms = pace_refused_ms(&state->pace, ticks_ms());
	if (wait_ms > 0)
		return wait_ms;
	if (limit < QUEUE_SLOTS_MAX &&
	    scoreboard_seats(r->board, r->place[i]) >= limit)
		return SEAT_NAP_MS;
	wait_ms = breaker_wait_ms(&state->breaker, ticks_ms(), PROBE_MS);
	if (wait_ms == 0 && open)
		r->probe = i;
	return wait_ms;
}

int64_t relays_wait_ms(struct relays *r)
{
	int64_t least = LOOK_AGAIN_MS;

	for (int i = 0; i < (int)r->conf->relays.count; i++) {
		int64_t wait_ms = wait_for(r, i);

		if (wait_ms == 0) {
			wait_ms = rate_wait_ms(r, i);
			if (wait_ms > 0)
				relays_unused(r);
			return wait_ms < least ? wait_ms : least;
		}
		if (wait_ms < least)
			least = wait_ms;
	}
	return least;
}

void relays_unused(struct relays *r)
{
	if (r->probe != -1)
		breaker_unused(&state_of(r, r->probe)->breaker, ticks_ms());
	r->probe = -1;
}

static bool may_enter(const struct relays *r, int i)
{
	struct relay_state *state = state_of(r, i);

	if (atomic_load(&state->paused) || !has_login(r, i) ||
	    pace_refused_ms(&state->pace, ticks_ms()) > 0)
		return false;
	if (i != r->probe && breaker_is_open(&state->breaker))
		return false;
	return scoreboard_seat_take(r->board, r->score, r->place[i],
				    limit_of(r, i));
}

int relays_enter(struct relays *r)
{
	if (r->probe != -1 && may_enter(r, r->probe)) {
		r->current = r->probe;
		return r->current;
	}
	relays_unused(r);
	for (int i = 0; i < (int)r->conf->relays.count; i++) {
		if (!may_enter(r, i))
			continue;
		r->current = i;
		return i;
	}
	return -1;
}

void relays_leave(struct relays *r)
{
	score_seat_leave(r->score);
	r->current = -1;
	relays_unused(r);	/* in case the probe found nothing out */
}

bool relays_may_go_on(const struct relays *r)
{
	struct relay_state *state = state_of(r, r->current);
	int limit = limit_of(r, r->current);

	if (atomic_load(&state->paused) || breaker_is_open(&state->breaker))
		return false;
	if (limit < QUEUE_SLOTS_MAX &&
	    scoreboard_seats(r->board, r->place[r->current]) > limit)
		return false;
	return rate_wait_ms(r, r->current) == 0;
}

int64_t relays_take_place(const struct relays *r, int64_t max_ms)
{
	return pace_take(&relays_state(r)->pace, relays_conf(r)->rate,
			 ticks_ms(), max_ms);
}

const struct relay_conf *relays_conf(const struct relays *r)
{
	return conf_of(r, r->current);
}

struct relay_state *relays_state(const struct relays *r)
{
	return state_of(r, r->current);
}

int relays_others_talk(const struct relays *r)
{
	int count = 0;

	for (int i = 0; i < QUEUE_SLOTS_MAX; i++) {
		const struct score *score = &r->board->score[i];

		if (score != r->score &&
		    atomic_load(&score->seat) == r->place[r->current] + 1 &&
		    atomic_load(&score->phase) == PHASE_TALKING)
			count++;
	}
	return count;
}
