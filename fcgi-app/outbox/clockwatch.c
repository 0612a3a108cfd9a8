/* SPDX-License-Identifier: MIT */
/* Watches whether new time zones have moved what people have booked. */
#include "config.h"

#include "outbox/clockwatch.h"

#include "base/str.h"
#include "base/ticks.h"
#include "daemon/alert.h"
#include "domain/zone.h"

#include <inttypes.h>

#define PAUSE_MS INT64_C(3600000)

static void note(void *arg, const struct clocks_slot *slot)
{
	struct clockwatch *w = arg;

	if (slot->found == CLOCKS_MOVED)
		w->moved++;
	else if (w->lost++ == 0)
		must(str_copy(w->zone, sizeof(w->zone), slot->slot.zone));
}

static void begin(struct clockwatch *w)
{
	w->walk = (struct clocks_walk){ .fill = true, .found = note,
					.arg = w };
	w->walking = true;
	w->lost = 0;
	w->moved = 0;
	zone_reread();
}

static void end(struct clockwatch *w)
{
	w->walking = false;
	w->next_at_ms = ticks_ms() + PAUSE_MS;
	if (w->lost > 0 && w->lost != w->told_lost)
		alert_raise("zone-lost", "no time zone=%s in %s: times of "
			    "slots=%" PRId64 " are shown in UTC", w->zone,
			    zone_dir(), w->lost);
	if (w->moved > 0 && w->moved != w->told_moved)
		alert_raise("clocks-moved", "new time zones have moved "
			    "slots=%" PRId64 " away from the time that was "
			    "promised: bookctl doctor lists them, bookctl "
			    "slots realign moves them back", w->moved);
	w->told_lost = w->lost;
	w->told_moved = w->moved;
}

int clockwatch_step(struct clockwatch *w, struct store *s, struct fault *why)
{
	int r;

	if (!w->walking && ticks_ms() < w->next_at_ms)
		return 0;
	if (!w->walking)
		begin(w);
	r = store_clocks_next(s, &w->walk, why);
	if (r == 0)
		end(w);
	return r < 0 ? -1 : 0;
}
