/* SPDX-License-Identifier: MIT */
/* The circuit breaker before the relay. */
#include "config.h"

#include "breaker.h"

#include "backoff.h"

int64_t breaker_wait_ms(struct breaker *b, int64_t now_ms, int64_t probe_ms)
{
	int64_t until = atomic_load(&b->open_until_ms);

	if (until == 0)
		return 0;
	if (now_ms < until)
		return until - now_ms;
	/* The one that moves the end of the pause is the probe. */
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
	if (atomic_load(&b->failures) == 0)
		return false;
	atomic_store(&b->failures, 0);
	atomic_store(&b->trips, 0);
	atomic_store(&b->probing, false);
	return atomic_exchange(&b->open_until_ms, 0) != 0;
}

int64_t breaker_failure(struct breaker *b, int64_t now_ms, int64_t max_ms,
			bool at_once, uint64_t dice)
{
	int failures = atomic_fetch_add(&b->failures, 1) + 1;
	int64_t until = atomic_load(&b->open_until_ms);
	int64_t pause;
	int trips;

	if (failures < BREAKER_FAILURES && !at_once && until == 0)
		return 0;
	/* Several workers that fail together open it once, not once each: the
	 * later ones find a pause that runs and no probe. */
	if (until != 0 && !atomic_exchange(&b->probing, false))
		return 0;
	trips = atomic_load(&b->trips) + 1;
	pause = backoff_breaker_ms(trips, max_ms, dice);
	if (pause < 1)
		pause = 1;
	if (!atomic_compare_exchange_strong(&b->open_until_ms, &until,
					    now_ms + pause))
		return 0;
	atomic_store(&b->trips, trips);
	return pause;
}
