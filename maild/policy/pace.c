/* SPDX-License-Identifier: MIT */
/* How fast, and over how many connections, one relay may be used. */
#include "config.h"

#include "policy/pace.h"

#include <limits.h>

#define HOUR_US 3600000000LL
#define BURST_US 50000		/* mails may bunch within this: sleeps are
				   inexact, and the rate is to be reached */
#define HALVE_PAUSE_MS 1000	/* between two changes of the connections */
#define REFUSED_PAUSE_MS 500	/* after a refusal nobody tries */
#define MAILS_FOR_ONE_MORE 10	/* for each connection that is allowed */

#define HOUR_MS 3600000LL
#define LEARN_PAUSE_MS 1000	/* between two halvings of the rate */
#define LEARN_DOUBLE_MS 5000	/* after this long without a complaint: twice
				   the rate */
#define LEARNT_FIRST 3600	/* mails an hour, if none was ever accepted */
#define LEARNT_LEAST 720	/* nobody waits longer than 5 s for this */
#define LEARNT_MOST HOUR_MS	/* 1,000/s: as good as none */
#define COUNT_MS 1000		/* what is accepted is measured over this, */
#define COUNT_MOST_MS 8000	/* and over no more than this, to be current */

int pace_connections(const struct pace *p, int configured)
{
	int allowed = atomic_load(&p->allowed);

	if (configured == 0)
		configured = INT_MAX;
	return allowed > 0 && allowed < configured ? allowed : configured;
}

/* Whoever moves the instant of the last change may change something. */
static bool take_turn(struct pace *p, int64_t now_ms)
{
	int64_t last = atomic_load(&p->changed_at_ms);

	if (last != 0 && now_ms - last < HALVE_PAUSE_MS)
		return false;
	return atomic_compare_exchange_strong(&p->changed_at_ms, &last,
					      now_ms);
}

int64_t pace_refused_ms(const struct pace *p, int64_t now_ms)
{
	int64_t at = atomic_load(&p->refused_at_ms);

	if (at == 0 || now_ms - at >= REFUSED_PAUSE_MS)
		return 0;
	return REFUSED_PAUSE_MS - (now_ms - at);
}

int pace_slow_down(struct pace *p, int in_use, int64_t now_ms)
{
	int allowed = atomic_load(&p->allowed);
	int from = allowed > 0 && allowed < in_use ? allowed : in_use;
	int to = from > 1 ? from / 2 : 1;

	atomic_store(&p->refused_at_ms, now_ms);
	if (to == allowed || !take_turn(p, now_ms))
		return 0;
	atomic_store(&p->accepted, 0);
	atomic_store(&p->allowed, to);
	return to;
}

int pace_speed_up(struct pace *p, int most, int64_t now_ms)
{
	int allowed = atomic_load(&p->allowed);

	if (allowed == 0)
		return -1;
	if (atomic_fetch_add(&p->accepted, 1) + 1 <
	    MAILS_FOR_ONE_MORE * allowed || !take_turn(p, now_ms))
		return -1;
	atomic_store(&p->accepted, 0);
	allowed = allowed + 1 < most ? allowed + 1 : 0;
	atomic_store(&p->allowed, allowed);
	return allowed;
}

/* ---- the rate ----------------------------------------------------------- */

/* The rate that may be tried now, from what was learnt; 0 = no limit. */
static int64_t allowance(const struct pace *p, int64_t now_ms)
{
	int64_t rate = atomic_load(&p->learnt);
	int64_t ms = now_ms - atomic_load(&p->learnt_at_ms);

	for (; rate > 0 && rate < LEARNT_MOST && ms >= LEARN_DOUBLE_MS;
	     ms -= LEARN_DOUBLE_MS)
		rate *= 2;
	if (rate <= 0 || rate >= LEARNT_MOST)
		return 0;
	return ms > 0 ? rate + rate * ms / LEARN_DOUBLE_MS : rate;
}

/* Mails an hour that were accepted lately; 0 = too few to tell. */
static int64_t measured(const struct pace *p, int64_t now_ms)
{
	int64_t since = atomic_load(&p->counted_at_ms);
	int64_t ms = now_ms - since;

	if (since == 0 || ms > COUNT_MOST_MS)
		return 0;
	return atomic_load(&p->counted) * HOUR_MS /
	       (ms > COUNT_MS ? ms : COUNT_MS);
}

void pace_accepted(struct pace *p, int64_t now_ms)
{
	int64_t since = atomic_load(&p->counted_at_ms);

	atomic_store(&p->accepted_at_ms, now_ms);
	if (since == 0 || now_ms - since > COUNT_MOST_MS / 2) {
		atomic_store(&p->counted_at_ms, now_ms);
		atomic_store(&p->counted, 0);
	}
	atomic_fetch_add(&p->counted, 1);
}

int64_t pace_too_fast(struct pace *p, int64_t now_ms)
{
	int64_t last = atomic_load(&p->learnt_at_ms);
	int64_t rate = allowance(p, now_ms);

	if (last != 0 && now_ms - last < LEARN_PAUSE_MS)
		return 0;
	if (rate == 0)
		rate = measured(p, now_ms);
	if (rate == 0)
		rate = LEARNT_FIRST;
	rate = rate / 2 > LEARNT_LEAST ? rate / 2 : LEARNT_LEAST;
	if (!atomic_compare_exchange_strong(&p->learnt_at_ms, &last, now_ms))
		return 0;
	atomic_store(&p->learnt, rate);
	return rate;
}

bool pace_is_flowing(const struct pace *p, int64_t now_ms, int64_t within_ms)
{
	int64_t at = atomic_load(&p->accepted_at_ms);

	return at != 0 && now_ms - at < within_ms;
}

int64_t pace_rate(const struct pace *p, int64_t configured, int64_t now_ms)
{
	int64_t learnt = allowance(p, now_ms);

	return learnt > 0 && (configured == 0 || learnt < configured)
		? learnt : configured;
}

int64_t pace_wait_ms(const struct pace *p, int64_t per_hour, int64_t now_ms)
{
	int64_t wait_us;

	per_hour = pace_rate(p, per_hour, now_ms);
	if (per_hour == 0)
		return 0;
	wait_us = atomic_load(&p->next_at_us) - BURST_US - now_ms * 1000;
	return wait_us > 0 ? (wait_us + 999) / 1000 : 0;
}

int64_t pace_take(struct pace *p, int64_t per_hour, int64_t now_ms,
		  int64_t max_ms)
{
	int64_t now_us = now_ms * 1000;
	int64_t next = atomic_load(&p->next_at_us);

	per_hour = pace_rate(p, per_hour, now_ms);
	if (per_hour == 0)
		return 0;
	for (;;) {
		int64_t from = next > now_us ? next : now_us;
		int64_t wait_us = from - BURST_US - now_us;

		if (wait_us > max_ms * 1000)
			return -1;
		if (atomic_compare_exchange_weak(&p->next_at_us, &next,
						 from + HOUR_US / per_hour))
			return wait_us > 0 ? (wait_us + 999) / 1000 : 0;
	}
}
