/* SPDX-License-Identifier: MIT */
/* The circuit breaker before a relay. */
#include "config.h"

#include "policy/breaker.h"

#include "policy/backoff.h"

#define TRIPS_MAX 1000
#define WINDOW_BITS ((1u << BREAKER_WINDOW) - 1)

/* Adds one mail to the history; returns how many of the last ones failed. */
static int remember(struct breaker *b, unsigned failed)
{
	unsigned old = atomic_load(&b->history);
	unsigned new;

	do {
		new = (old << 1 | failed) & WINDOW_BITS;
	} while (!atomic_compare_exchange_weak(&b->history, &old, new));
	return __builtin_popcount(new);
}

bool breaker_is_open(const struct breaker *b)
{
	return atomic_load(&b->open_until_ms) != 0;
}

int64_t breaker_wait_ms(struct breaker *b, int64_t now_ms, int64_t probe_ms)
{
	int64_t until = atomic_load(&b->open_until_ms);

	if (until == 0)
		return 0;
	if (now_ms < until)
		return until - now_ms;
	/* Whoever moves the end of the pause is the probe. */
	if (atomic_compare_exchange_strong(&b->open_until_ms, &until,
					   now_ms + probe_ms)) {
		atomic_store(&b->probing, true);
		return 0;
	}
	return until > now_ms ? until - now_ms : 1;
}

void breaker_unused(struct breaker *b, int64_t now_ms)
{
	int64_t until = atomic_load(&b->open_until_ms);

	if (atomic_exchange(&b->probing, false) && until > now_ms)
		(void)atomic_compare_exchange_strong(&b->open_until_ms, &until,
						     now_ms);
}

bool breaker_success(struct breaker *b)
{
	/* The usual case, with nothing to write. */
	if (atomic_load(&b->history) == 0 && atomic_load(&b->failures) == 0)
		return false;
	(void)remember(b, 0);
	atomic_store(&b->failures, 0);
	atomic_store(&b->trips, 0);
	atomic_store(&b->probing, false);
	if (atomic_exchange(&b->open_until_ms, 0) == 0)
		return false;
	atomic_store(&b->history, 0);	/* a new beginning */
	return true;
}

int64_t breaker_failure(struct breaker *b, int64_t now_ms, int64_t max_ms,
			uint64_t dice)
{
	int failures = atomic_fetch_add(&b->failures, 1);
	int64_t until = atomic_load(&b->open_until_ms);
	int64_t pause;
	int trips;

	if (remember(b, 1) <= BREAKER_WINDOW / 2 &&
	    failures < BREAKER_FAILURES - 1 && until == 0)
		return 0;
	/* Several workers that fail together open it once, not once each: the
	 * later ones find the pause running and no probe. */
	if (until != 0 && !atomic_exchange(&b->probing, false))
		return 0;
	trips = atomic_load(&b->trips);
	/* Beyond this the pause does not grow, nor can it overflow. */
	trips = trips >= 0 && trips < TRIPS_MAX ? trips + 1 : TRIPS_MAX;
	pause = backoff_breaker_ms(trips, max_ms, dice);
	if (pause < 1)
		pause = 1;
	if (!atomic_compare_exchange_strong(&b->open_until_ms, &until,
					    now_ms + pause))
		return 0;
	atomic_store(&b->trips, trips);
	return pause;
}

int64_t breaker_trip(struct breaker *b, int64_t now_ms, int64_t max_ms,
		     uint64_t dice)
{
	/* As if there had been enough before it. */
	atomic_store(&b->failures, BREAKER_FAILURES);
	return breaker_failure(b, now_ms, max_ms, dice);
}

int64_t breaker_rest(struct breaker *b, int64_t now_ms, int64_t pause_ms)
{
	int64_t until = atomic_load(&b->open_until_ms);

	(void)remember(b, 1);
	(void)atomic_fetch_add(&b->failures, 1);
	if (until != 0 && !atomic_exchange(&b->probing, false))
		return 0;
	return atomic_compare_exchange_strong(&b->open_until_ms, &until,
					      now_ms + pause_ms) ? pause_ms : 0;
}
