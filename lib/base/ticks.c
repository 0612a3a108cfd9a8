/* SPDX-License-Identifier: MIT */
/* The two clocks. */
#include "config.h"

#include "base/ticks.h"

#include "base/fault.h"

#include <time.h>

static int64_t read_us(clockid_t which)
{
	struct timespec ts;

	must(clock_gettime(which, &ts) == 0);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t ticks_ms(void)
{
	return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t ticks_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t wall_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000;
}
