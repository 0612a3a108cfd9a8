/* SPDX-License-Identifier: MIT */
/* Something outside is away. */
#include "config.h"

#include "outage.h"

#include "logger.h"
#include "ticks.h"

#define TELL_AGAIN_MS 60000

int outage_go_on(struct outage *o, const char *text)
{
	int64_t now = ticks_ms();

	if (o->since_ms == 0) {
		o->since_ms = now;
		o->pause_ms = 0;
	}
	if (o->told_ms == 0 || now - o->told_ms >= TELL_AGAIN_MS) {
		o->told_ms = now;
		log_warning("waiting since_ms=%lld: %s",
			    (long long)(now - o->since_ms), text);
	}
	o->pause_ms = o->pause_ms ? o->pause_ms * 2 : OUTAGE_PAUSE_MIN_MS;
	if (o->pause_ms > OUTAGE_PAUSE_MAX_MS)
		o->pause_ms = OUTAGE_PAUSE_MAX_MS;
	return o->pause_ms;
}

void outage_end(struct outage *o, const char *what)
{
	if (o->since_ms == 0)
		return;
	log_info("%s is back after_ms=%lld", what,
		 (long long)(ticks_ms() - o->since_ms));
	*o = (struct outage){ .since_ms = 0 };
}
