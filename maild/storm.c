/* SPDX-License-Identifier: MIT */
/* The storm guard. */
#include "config.h"

#include "storm.h"

/* FNV-1a over the address, ASCII case ignored. */
static uint64_t hash_of(const char *recipient)
{
	uint64_t hash = 14695981039346656037ULL;

	for (const char *p = recipient; *p; p++) {
		char c = *p;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		hash = (hash ^ (unsigned char)c) * 1099511628211ULL;
	}
	return hash;
}

/* Counts the recipient in; *since_ms is when it was first refused. */
static int count_in(struct storm *s, uint64_t hash, int64_t now_ms,
		    int64_t *since_ms)
{
	int count = atomic_load(&s->count);

	if (count > STORM_LIMIT_MAX)
		count = STORM_LIMIT_MAX;
	for (int i = 0; i < count; i++) {
		if (atomic_load(&s->seen[i].recipient) != hash)
			continue;
		*since_ms = atomic_load(&s->seen[i].since_ms);
		return count;
	}
	*since_ms = now_ms;
	if (count == STORM_LIMIT_MAX)
		return count;
	count = atomic_fetch_add(&s->count, 1);
	if (count >= STORM_LIMIT_MAX)
		return STORM_LIMIT_MAX;
	atomic_store(&s->seen[count].since_ms, now_ms);
	atomic_store(&s->seen[count].recipient, hash);
	return count + 1;
}

enum storm_verdict storm_refused(struct storm *s, int code,
				 const char *recipient, int limit,
				 int64_t patience_ms, int64_t now_ms)
{
	int64_t since_ms;
	int count;

	if (limit == 0)
		return STORM_BELIEVE;
	if (atomic_load(&s->raging))
		return STORM_RAGES;
	if (atomic_exchange(&s->code, code) != code)
		atomic_store(&s->count, 0);
	count = count_in(s, hash_of(recipient), now_ms, &since_ms);
	if (count >= limit)
		return atomic_exchange(&s->raging, true) ? STORM_RAGES
							 : STORM_BEGINS;
	if (count <= STORM_FREE || now_ms - since_ms >= patience_ms)
		return STORM_BELIEVE;
	return STORM_DOUBT;
}

bool storm_accepted(struct storm *s)
{
	if (atomic_load(&s->code) == 0)
		return false;	/* what nearly every mail finds */
	atomic_store(&s->count, 0);
	atomic_store(&s->code, 0);
	return atomic_exchange(&s->raging, false);
}
