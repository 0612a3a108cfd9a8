/* SPDX-License-Identifier: MIT */
/* The ack rings in shared memory. */
#include "config.h"

#include "slots.h"

#include "str.h"

#include <string.h>

struct ring_entry *slots_ring_add(struct slot_state *slot, const char *id,
				  int64_t token, const char *reply,
				  int64_t now_ms)
{
	unsigned next = atomic_load(&slot->ring_next);
	struct ring_entry *e = &slot->ring[next % RING_SIZE];

	atomic_fetch_add(&e->version, 1);	/* odd: do not read */
	atomic_store(&e->told, false);
	e->at_ms = now_ms;
	e->token = token;
	must(str_copy(e->id, sizeof(e->id), id));
	str_printable(e->reply, sizeof(e->reply), reply);
	atomic_fetch_add(&e->version, 1);	/* even: complete */
	atomic_store(&slot->ring_next, next + 1);
	return e;
}

/*
 * Copies an entry that another process may be writing.  A writer that died
 * halfway leaves it odd; its mail is past the dot in Redis and counts as
 * uncertain.  Returns false then.
 */
static bool read_entry(struct ring_entry *e, struct ring_entry *copy)
{
	unsigned before = atomic_load(&e->version);

	if (before == 0 || before % 2 == 1)
		return false;
	copy->at_ms = e->at_ms;
	copy->token = e->token;
	memcpy(copy->id, e->id, sizeof(copy->id));
	memcpy(copy->reply, e->reply, sizeof(copy->reply));
	copy->id[sizeof(copy->id) - 1] = '\0';
	copy->reply[sizeof(copy->reply) - 1] = '\0';
	return atomic_load(&e->version) == before;
}

int slots_ring_replay(struct slot_state *slot, struct queue *q,
		      const struct queue_worker *w, bool all, int64_t ttl_s,
		      int64_t now_ms, struct fault *why)
{
	int count = 0;

	for (size_t i = 0; i < RING_SIZE; i++) {
		struct ring_entry *e = &slot->ring[i];
		struct ring_entry copy;

		if (!read_entry(e, &copy))
			continue;
		if (atomic_load(&e->told) &&
		    (!all || now_ms - copy.at_ms > RING_MEMORY_MS))
			continue;
		if (queue_ack(q, w, copy.id, copy.token, copy.reply, ttl_s,
			      NULL, why) == -1)
			return -1;
		atomic_store(&e->told, true);
		count++;
	}
	return count;
}
