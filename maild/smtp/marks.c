/* SPDX-License-Identifier: MIT */
/* Which of a relay's addresses failed lately. */
#include "config.h"

#include "smtp/marks.h"

#include "base/str.h"

#define TRIAL INT64_MIN		/* before all that did not fail (0) */

static uint64_t hash_of(const struct lookup_address *address)
{
	bool is_v6 = address->at.any.sa_family == AF_INET6;

	return is_v6 ? str_hash(STR_HASH, &address->at.v6.sin6_addr,
				sizeof(address->at.v6.sin6_addr))
		     : str_hash(STR_HASH, &address->at.v4.sin_addr,
				sizeof(address->at.v4.sin_addr));
}

/* Its place, MARKS_MAX = it has none. */
static size_t find(const struct marks *m, uint64_t who)
{
	size_t i = 0;

	while (i < MARKS_MAX && atomic_load(&m->mark[i].who) != who)
		i++;
	return i;
}

/* A free place, or the one of the oldest failure. */
static size_t find_room(const struct marks *m)
{
	size_t oldest = 0;

	for (size_t i = 0; i < MARKS_MAX; i++) {
		if (atomic_load(&m->mark[i].who) == 0)
			return i;
		if (atomic_load(&m->mark[i].at_ms) <
		    atomic_load(&m->mark[oldest].at_ms))
			oldest = i;
	}
	return oldest;
}

bool marks_set(struct marks *m, const struct lookup_address *address,
	       int64_t now_ms)
{
	uint64_t who = hash_of(address);
	size_t place = find(m, who);
	bool is_new = place == MARKS_MAX;

	if (is_new)
		place = find_room(m);
	atomic_store(&m->mark[place].at_ms, now_ms);
	atomic_store(&m->mark[place].who, who);
	return is_new;
}

void marks_clear(struct marks *m, const struct lookup_address *address)
{
	size_t place = find(m, hash_of(address));

	if (place < MARKS_MAX)
		atomic_store(&m->mark[place].who, 0);
}

void marks_clear_all(struct marks *m)
{
	for (size_t i = 0; i < MARKS_MAX; i++)
		atomic_store(&m->mark[i].who, 0);
}

/* When it failed: 0 = it did not. */
static int64_t failure_of(struct marks *m, const struct lookup_address *address,
			  int64_t now_ms)
{
	size_t place = find(m, hash_of(address));
	int64_t at_ms;

	if (place == MARKS_MAX)
		return 0;
	at_ms = atomic_load(&m->mark[place].at_ms);
	/* Whoever moves the mark tries it; for others it has just failed. */
	if (now_ms - at_ms >= MARKS_TRIAL_MS &&
	    atomic_compare_exchange_strong(&m->mark[place].at_ms, &at_ms,
					   now_ms))
		return TRIAL;
	return at_ms;
}

void marks_order(struct marks *m, const struct lookup_result *list,
		 int64_t now_ms, size_t order[LOOKUP_MAX])
{
	int64_t failed[LOOKUP_MAX];

	for (size_t i = 0; i < list->count; i++) {
		int64_t own = failure_of(m, &list->list[i], now_ms);
		size_t at = i;

		for (; at > 0 && failed[at - 1] > own; at--) {
			failed[at] = failed[at - 1];
			order[at] = order[at - 1];
		}
		failed[at] = own;
		order[at] = i;
	}
}
