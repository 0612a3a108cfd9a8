/* SPDX-License-Identifier: MIT */
/* Something outside is away. */
#include "config.h"

#include "daemon/outage.h"

#include "base/logger.h"
#include "base/ticks.h"

#include <stdio.h>
#include <string.h>

#define TELL_AGAIN_MS 60000
#define TELL_CHANGE_MS 5000

static bool is_to_be_told(const struct outage *o, const char *text,
			  int64_t now)
{
	int64_t silent_ms = now - o->told_ms;

	if (o->told_ms == 0 || silent_ms >= TELL_AGAIN_MS)
		return true;
	return silent_ms >= TELL_CHANGE_MS &&
	       strncmp(o->text, text, sizeof(o->text) - 1) != 0;
}

/* may_tell_ms: how old it must be to be logged; -1 = never. */
static int go_on(struct outage *o, int may_tell_ms, const char *text)
{
	int64_t now = ticks_ms();

	if (o->since_ms == 0) {
		o->since_ms = now;
		o->pause_ms = 0;
	}
	if (may_tell_ms >= 0 && now - o->since_ms >= may_tell_ms &&
	    is_to_be_told(o, text, now)) {
		o->told_ms = now;
		(void)snprintf(o->text, sizeof(o->text), "%s", text);
		log_warning("waiting since_ms=%lld: %s",
			    (long long)(now - o->since_ms), text);
	}
	o->pause_ms = o->pause_ms ? o->pause_ms * 2 : OUTAGE_PAUSE_MIN_MS;
	if (o->pause_ms > OUTAGE_PAUSE_MAX_MS)
		o->pause_ms = OUTAGE_PAUSE_MAX_MS;
	return o->pause_ms;
}

int outage_go_on(struct outage *o, const char *text)
{
	return go_on(o, 0, text);
}

int outage_go_on_among(struct outage *o, bool is_told, const char *text)
{
	return go_on(o, is_told ? -1 : OUTAGE_ALONE_MS, text);
}

void outage_end(struct outage *o, const char *what)
{
	if (o->told_ms != 0)
		log_info("%s is back after_ms=%lld", what,
			 (long long)(ticks_ms() - o->since_ms));
	*o = (struct outage){ .since_ms = 0 };
}
