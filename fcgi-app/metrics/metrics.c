/* SPDX-License-Identifier: MIT */
/* Counters and a histogram in shared memory. */
#include "config.h"

#include "metrics/metrics.h"

#include "base/alloc.h"

#include <stdatomic.h>

struct metrics {
	_Atomic uint64_t bookings[METRICS_BOOKINGS];
	_Atomic uint64_t posts[METRICS_BUCKETS];
	_Atomic uint64_t post_us;
	_Atomic uint64_t answers[6];
	_Atomic uint64_t fates[METRICS_FATES];
};

struct metrics *metrics_new(void)
{
	return alloc_shared(sizeof(struct metrics));
}

/* Nobody waits for the counts: they need no order. */
static void add(_Atomic uint64_t *to, uint64_t n)
{
	(void)atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

static uint64_t look(const _Atomic uint64_t *at)
{
	return atomic_load_explicit(at, memory_order_relaxed);
}

const char *metrics_booking_word(enum metrics_booking what)
{
	static const char *const words[METRICS_BOOKINGS] = {
		[METRICS_BOOKED] = "booked",
		[METRICS_REPLAYED] = "replayed",
		[METRICS_KEY_REUSED] = "key_reused",
		[METRICS_FULL] = "full",
		[METRICS_NO_SLOT] = "no_slot",
		[METRICS_PAST] = "past",
		[METRICS_UNAVAILABLE] = "unavailable",
		[METRICS_UNSURE] = "unsure",
		[METRICS_HELD] = "held",
		[METRICS_UNCONFIRMED] = "unconfirmed",
		[METRICS_TRAPPED] = "trapped",
	};

	return words[what];
}

void metrics_book(struct metrics *m, enum metrics_booking what)
{
	if (m != NULL)
		add(&m->bookings[what], 1);
}

void metrics_answer(struct metrics *m, int status)
{
	if (m != NULL && status >= 100 && status < 600)
		add(&m->answers[status / 100], 1);
}

void metrics_post(struct metrics *m, int64_t us)
{
	static const int64_t bounds[] = METRICS_BOUNDS;
	size_t i = 0;

	if (m == NULL || us < 0)
		return;
	while (i < ARRAY_COUNT(bounds) && us > bounds[i])
		i++;
	add(&m->posts[i], 1);
	add(&m->post_us, (uint64_t)us);
}

void metrics_fate(struct metrics *m, enum queue_fate fate)
{
	if (m != NULL)
		add(&m->fates[fate], 1);
}

void metrics_read(const struct metrics *m, struct metrics_copy *out)
{
	*out = (struct metrics_copy){ .post_us = 0 };
	if (m == NULL)
		return;
	for (size_t i = 0; i < ARRAY_COUNT(out->bookings); i++)
		out->bookings[i] = look(&m->bookings[i]);
	for (size_t i = 0; i < ARRAY_COUNT(out->posts); i++)
		out->posts[i] = look(&m->posts[i]);
	for (size_t i = 0; i < ARRAY_COUNT(out->answers); i++)
		out->answers[i] = look(&m->answers[i]);
	for (size_t i = 0; i < ARRAY_COUNT(out->fates); i++)
		out->fates[i] = look(&m->fates[i]);
	out->post_us = look(&m->post_us);
}
