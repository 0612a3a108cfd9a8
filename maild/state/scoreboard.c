/* SPDX-License-Identifier: MIT */
/* What maild's processes share. */
#include "config.h"

#include "state/scoreboard.h"

#include "base/str.h"
#include "queue/work.h"

#include <string.h>

/* ---- where Redis is ------------------------------------------------------- */

void slots_redis_set(struct slots *slots, const char *address)
{
	atomic_fetch_or(&slots->redis.version, 1);	/* odd: do not read */
	if (!str_copy(slots->redis.address, sizeof(slots->redis.address),
		      address))
		slots->redis.address[0] = '\0';
	atomic_fetch_add(&slots->redis.version, 1);	/* even: complete */
}

void slots_redis_read(const struct slots *slots,
		      char address[SLOTS_ADDRESS_MAX])
{
	unsigned before = atomic_load(&slots->redis.version);

	memcpy(address, slots->redis.address, SLOTS_ADDRESS_MAX);
	address[SLOTS_ADDRESS_MAX - 1] = '\0';
	/* Half written: its dispatcher writes on, or its next one will. */
	if (before % 2 == 1 ||
	    atomic_load(&slots->redis.version) != before)
		address[0] = '\0';
}

/* ---- what a worker does -------------------------------------------------- */

const char *slots_phase_name(enum slot_phase phase)
{
	static const char *const names[] = {
		[SLOT_STOPPED] = "stopped",
		[SLOT_IDLE] = "idle",
		[SLOT_CLAIMING] = "claiming",
		[SLOT_COMPOSING] = "composing",
		[SLOT_CONNECTING] = "connecting",
		[SLOT_TALKING] = "talking",
		[SLOT_WAITING] = "waiting",
	};

	return phase < ARRAY_COUNT(names) ? names[phase] : "?";
}

void slots_phase_set(struct slot_state *slot, enum slot_phase phase,
		     const char *job, int64_t now_ms)
{
	atomic_fetch_or(&slot->live_version, 1);	/* odd: do not read */
	atomic_store(&slot->phase, (int)phase);
	atomic_store(&slot->since_ms, now_ms);
	must(str_copy(slot->job, sizeof(slot->job), job ? job : ""));
	atomic_fetch_add(&slot->live_version, 1);	/* even: complete */
}

/* -1 for what is no relay's place. */
static int relay_of(int seat)
{
	return seat >= 1 && seat <= RELAYS_MAX ? seat - 1 : -1;
}

static enum stage stage_of(int stage)
{
	return stage >= 0 && stage < STAGE_COUNT ? (enum stage)stage
						 : STAGE_CONNECT;
}

struct slot_view slots_view(const struct slot_state *slot)
{
	struct slot_view view = { .phase = SLOT_STOPPED };

	/* A worker that was killed while writing leaves it odd until the
	 * master says that it is gone: a few tries, then as it is. */
	for (int i = 0; i < 100; i++) {
		unsigned before = atomic_load(&slot->live_version);

		view.phase = (enum slot_phase)atomic_load(&slot->phase);
		view.relay = relay_of(atomic_load(&slot->seat));
		view.stage = stage_of(atomic_load(&slot->stage));
		view.since_ms = atomic_load(&slot->since_ms);
		memcpy(view.job, slot->job, sizeof(view.job));
		view.job[sizeof(view.job) - 1] = '\0';
		if (before % 2 == 0 &&
		    atomic_load(&slot->live_version) == before)
			break;
	}
	return view;
}

void slots_worker_gone(struct slot_state *slot, int64_t now_ms)
{
	atomic_store(&slot->deadline_ms, 0);
	atomic_store(&slot->pid, 0);
	slots_seat_leave(slot);
	slots_phase_set(slot, SLOT_STOPPED, NULL, now_ms);
}

/* ---- relays --------------------------------------------------------------- */

void slots_relay_name(const struct slots *slots, int relay,
		      char name[RELAY_NAME_MAX + 1])
{
	char copy[RELAY_NAME_MAX + 1];

	memcpy(copy, slots->relay[relay].name, sizeof(copy));
	copy[RELAY_NAME_MAX] = '\0';
	(void)str_printable(name, RELAY_NAME_MAX + 1, copy);
}

int slots_relay_find(const struct slots *slots, const char *name)
{
	char there[RELAY_NAME_MAX + 1];

	for (int i = 0; i < RELAYS_MAX; i++) {
		slots_relay_name(slots, i, there);
		if (strcmp(there, name) == 0)
			return i;
	}
	return -1;
}

static bool is_wanted(const char *name, const char *const *names,
		      size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

void slots_relays_mend(struct slots *slots, const char *const *names,
		       size_t count)
{
	must(count <= RELAYS_MAX);
	for (int i = 0; i < RELAYS_MAX; i++) {
		struct relay_state *r = &slots->relay[i];
		char name[RELAY_NAME_MAX + 1];

		/* Also a second one of the same name, which only a broken
		 * worker can have made: so there is room for all. */
		slots_relay_name(slots, i, name);
		if (name[0] && (!is_wanted(name, names, count) ||
				slots_relay_find(slots, name) != i))
			memset(r, 0, sizeof(*r));
	}
	for (size_t i = 0; i < count; i++) {
		int at = slots_relay_find(slots, names[i]);

		if (at != -1)
			continue;
		at = slots_relay_find(slots, "");
		if (at == -1)
			return;		/* somebody writes it this moment */
		must(str_copy(slots->relay[at].name,
			      sizeof(slots->relay[at].name), names[i]));
	}
}

void slots_relays_set(struct slots *slots, const char *const *names,
		      size_t count)
{
	slots_relays_mend(slots, names, count);
	for (int i = 0; i < RELAYS_MAX; i++) {
		(void)breaker_success(&slots->relay[i].breaker);
		storm_forget(&slots->relay[i].storm);
		marks_clear_all(&slots->relay[i].marks);
	}
}

int slots_seats(const struct slots *slots, int relay)
{
	int count = 0;

	for (int i = 0; i < QUEUE_SLOTS_MAX; i++)
		count += atomic_load(&slots->slot[i].seat) == relay + 1;
	return count;
}

bool slots_seat_take(struct slots *slots, struct slot_state *slot, int relay,
		     int limit)
{
	atomic_store(&slot->seat, relay + 1);
	/* The slots lie far apart: nobody looks at all of them for nothing. */
	if (limit >= QUEUE_SLOTS_MAX || slots_seats(slots, relay) <= limit)
		return true;
	slots_seat_leave(slot);
	return false;
}

void slots_seat_leave(struct slot_state *slot)
{
	atomic_store(&slot->seat, 0);
}

/* ---- the ack ring --------------------------------------------------------- */

/* FNV-1a: two generations differ in 128 random bits or more. */
static uint64_t hash_of(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	return hash;
}

void slots_clear(struct slots *slots, const char *generation)
{
	atomic_store(&slots->cleared, hash_of(generation));
}

bool slots_is_cleared(struct slots *slots, const char *generation)
{
	return atomic_load(&slots->cleared) == hash_of(generation);
}

struct ring_entry *slots_ring_add(struct slot_state *slot,
				  const struct slots_sent *sent,
				  int64_t now_ms)
{
	unsigned next = atomic_load(&slot->ring_next);
	struct ring_entry *e = &slot->ring[next % RING_SIZE];

	atomic_fetch_add(&e->version, 1);	/* odd: do not read */
	atomic_store(&e->told, false);
	e->at_ms = now_ms;
	e->token = sent->token;
	must(str_copy(e->id, sizeof(e->id), sent->id));
	must(str_copy(e->relay, sizeof(e->relay), sent->relay));
	str_printable(e->reply, sizeof(e->reply), sent->reply);
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
	memcpy(copy->relay, e->relay, sizeof(copy->relay));
	memcpy(copy->reply, e->reply, sizeof(copy->reply));
	copy->id[sizeof(copy->id) - 1] = '\0';
	copy->relay[sizeof(copy->relay) - 1] = '\0';
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
		struct queue_said said = { .verdict = "sent",
					   .stage = "dot" };
		struct ring_entry copy;

		if (!read_entry(e, &copy))
			continue;
		if (atomic_load(&e->told) &&
		    (!all || copy.at_ms < now_ms - RING_MEMORY_MS))
			continue;
		said.relay = copy.relay;
		said.text = copy.reply;
		if (queue_ack(q, w, copy.id, copy.token, &said, ttl_s,
			      NULL, why) == -1)
			return -1;
		atomic_store(&e->told, true);
		count++;
	}
	return count;
}
