/* SPDX-License-Identifier: MIT */
/* How long a place is kept. */
#include "config.h"

#include "domain/offer.h"

#include "domain/model.h"
#include "domain/zone.h"

#include <string.h>
#include <time.h>

#define MINUTE_MS INT64_C(60000)
#define DAY_MIN 1440

/* "07:00": its minutes from midnight. */
static bool time_read(const char *text, int *min_out)
{
	static const char form[] = "00:00";
	int hour;
	int min;

	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' :
				     text[i] != form[i])
			return false;
	hour = (text[0] - '0') * 10 + (text[1] - '0');
	min = (text[3] - '0') * 10 + (text[4] - '0');
	*min_out = hour * 60 + min;
	return hour < 24 && min < 60;
}

bool quiet_hours_read(const char *text, struct quiet_hours *out)
{
	*out = (struct quiet_hours){ 0 };
	if (*text == '\0')
		return true;
	return strlen(text) == strlen("22:00-07:00") && text[5] == '-' &&
	       time_read(text, &out->from_min) &&
	       time_read(text + 6, &out->until_min);
}

static bool is_quiet(const struct quiet_hours *q, int min)
{
	if (q->from_min <= q->until_min)
		return min >= q->from_min && min < q->until_min;
	return min >= q->from_min || min < q->until_min;
}

/* The instant by which so much time has run since it was told. */
static int64_t go_on(const struct offer_clock *c, int64_t left_ms)
{
	int64_t at_ms = c->told_at_ms;

	while (at_ms < c->starts_at_ms) {
		struct tm now;
		int min;
		int64_t span_ms;
		bool quiet;

		/* A zone that is lost is UTC. */
		(void)zone_local(c->zone, at_ms / 1000, &now, NULL);
		min = now.tm_hour * 60 + now.tm_min;
		quiet = is_quiet(&c->quiet, min);
		span_ms = ((quiet ? c->quiet.until_min : c->quiet.from_min) -
			   min + DAY_MIN) % DAY_MIN * MINUTE_MS -
			  at_ms % MINUTE_MS;
		if (!quiet && left_ms <= span_ms)
			return at_ms + left_ms;
		if (!quiet)
			left_ms -= span_ms;
		at_ms += span_ms;
	}
	return c->starts_at_ms;
}

struct offer_clock offer_clock_of(const struct booking_view *v,
				  const struct quiet_hours *quiet)
{
	struct offer_clock clock = {
		.made_at_ms = v->offered_at_s * 1000,
		.told_at_ms = v->told_at_s * 1000,
		.minutes = v->service.offer_min,
		.starts_at_ms = v->slot.starts_at_s * 1000,
		.zone = v->slot.zone,
		.quiet = *quiet,
	};

	if (v->held) {
		/* Its service may no longer have addresses confirmed: then
		 * nobody was promised more than this. */
		clock.minutes = v->service.confirm_min > 0 ?
			v->service.confirm_min : SERVICE_CONFIRM_MAX;
		/* Whoever books at night is awake. */
		clock.quiet = (struct quiet_hours){ 0 };
	}
	return clock;
}

int64_t offer_until_ms(const struct offer_clock *c)
{
	int64_t end_ms = c->made_at_ms + OFFER_UNTOLD_MS;

	if (c->told_at_ms > 0) {
		end_ms = c->told_at_ms + c->minutes * MINUTE_MS;
		if (c->quiet.from_min != c->quiet.until_min)
			return go_on(c, c->minutes * MINUTE_MS);
	}
	return end_ms < c->starts_at_ms ? end_ms : c->starts_at_ms;
}

bool offer_is_whole(const struct offer_clock *c)
{
	struct offer_clock now = *c;

	now.told_at_ms = c->made_at_ms;
	return offer_until_ms(&now) < c->starts_at_ms;
}

enum offer_stage offer_stage(const struct waiting_view *w, int64_t now_s)
{
	bool over = w->as_booking.slot.starts_at_s <= now_s;

	if (w->state == WAITING_OFFERED && !over &&
	    w->as_booking.offer_until_s > now_s)
		return OFFER_KEPT;
	if (w->state == WAITING_IN_LINE && !over)
		return OFFER_IN_LINE;
	if (w->state == WAITING_BOOKED)
		return OFFER_BOOKED;
	if (w->state == WAITING_REMOVED)
		return OFFER_REMOVED;
	return over ? OFFER_OVER : OFFER_LAPSED;
}

const char *offer_stage_word(enum offer_stage stage)
{
	static const char *const words[] = {
		[OFFER_IN_LINE] = "in_line",
		[OFFER_KEPT] = "offered",
		[OFFER_BOOKED] = "booked",
		[OFFER_OVER] = "over",
		[OFFER_LAPSED] = "lapsed",
		[OFFER_REMOVED] = "removed",
	};

	return words[stage];
}
