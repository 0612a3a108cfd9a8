/* SPDX-License-Identifier: MIT */
/* How long to wait before trying again. */
#include "config.h"

#include "policy/backoff.h"

#include "base/fault.h"

#include <sys/random.h>

#define BREAKER_BASE_MS 5000

/* base * 2^doublings without overflow, at most max. */
static int64_t doubled(int64_t base, int doublings, int64_t max)
{
	while (doublings-- > 0 && base < max)
		base *= 2;
	return base < max ? base : max;
}

int64_t backoff_retry_ms(int attempts, int64_t min_ms, int64_t max_ms,
			 uint64_t dice)
{
	int64_t d = doubled(min_ms, attempts - 1, max_ms);
	int64_t half = d / 2;

	if (half == 0)
		return d;
	return half + (int64_t)(dice % (uint64_t)half);
}

int64_t backoff_breaker_ms(int trips, int64_t max_ms, uint64_t dice)
{
	int64_t limit = doubled(BREAKER_BASE_MS, trips, max_ms);

	return (int64_t)(dice % (uint64_t)(limit + 1));
}

uint64_t backoff_dice(void)
{
	uint64_t dice;

	must(getrandom(&dice, sizeof(dice), 0) == (ssize_t)sizeof(dice));
	return dice;
}
