/* SPDX-License-Identifier: MIT */
/* How fast, and over how many connections, one relay may be used. */
#include "config.h"

#include "pace.h"

#include <limits.h>

#define HOUR_US 3600000000LL
#define BURST_US 50000		/* mails may bunch within this: sleeping is
				   not exact, and the rate shall be reached */
#define HALVE_PAUSE_MS 1000	/* between two changes of the connections */
#define REFUSED_PAUSE_MS 500	/* after a refusal nobody tries */
#define MAILS_FOR_ONE_MORE 10	/* for each connection that is allowed */

int pace_connections(const struct pace *p, int configured)
{
	int allowed = atomic_load(&p->allowed);

	if (configured == 0)
		configured = INT_MAX;
	return allowed > 0 && allowed < configured ? allowed : configured;
}

/* The one that moves the instant of the last change may change something. */
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

int64_t pace_wait_ms(const struct pace *p, int64_t per_hour, int64_t now_ms)
{
	int64_t wait_us;

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
