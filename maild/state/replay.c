/* SPDX-License-Identifier: MIT */
/* Tells Redis which mails the relay took, from the rings and the journal. */
#include "config.h"

#include "state/replay.h"

#include "base/logger.h"
#include "base/ticks.h"
#include "queue/work.h"

static int tell(void *arg, unsigned worker, const struct journal_fact *fact,
		struct fault *why)
{
	const struct replay *r = arg;
	struct queue_worker name = { r->instance, worker };
	const struct queue_said said = {
		.verdict = "sent", .relay = fact->relay, .stage = "dot",
		.text = fact->reply,
	};
	const struct queue_end end = {
		.worker = &name, .id = fact->id, .token = fact->token,
		.said = &said, .ttl_s = r->conf->sent_memory / 1000,
	};

	return queue_ack(r->q, &end, NULL, why);
}

static int tell_line(void *arg, unsigned worker,
		     const struct journal_fact *fact, struct fault *why)
{
	const struct replay *r = arg;

	/* The producer gives up long before, so nothing sends it again. */
	if (wall_ms() - fact->at_ms > r->conf->sent_memory)
		return 0;
	return tell(arg, worker, fact, why) == -1 ? -1 : 0;
}

/* The journal of the settings; r is who reads it. */
static struct journal journal_of(const struct mailconf *conf, struct replay *r)
{
	return (struct journal){
		.dir = conf->journal_dir, .queue = conf->redis.prefix,
		.tell = tell_line, .arg = r,
	};
}

int replay_journal_check(const struct mailconf *conf, struct fault *why)
{
	const struct journal j = journal_of(conf, NULL);

	return journal_check(&j, why);
}

/* How many were told from rings and from lines; -1 = the lines failed. */
static int sum(int rings, int lines)
{
	if (lines == -1)
		return -1;
	if (rings + lines > 0)
		log_info("replayed sent mails count=%d", rings + lines);
	return rings + lines;
}

int replay_ring(struct replay *r, unsigned worker, bool lately,
		struct fault *why)
{
	int64_t since_ms = lately ? ticks_ms() - RING_MEMORY_MS : INT64_MAX;
	struct journal_fact fact;
	struct ring_entry *entry;
	size_t at = 0;
	int count = 0;

	while ((entry = ring_next(&r->board->score[worker], &at, since_ms,
				  &fact)) != NULL) {
		if (tell(r, worker, &fact, why) == -1)
			return -1;
		atomic_store(&entry->told, true);
		count++;
	}
	return count;
}

int replay_worker(struct replay *r, unsigned worker, bool lately,
		  struct fault *why)
{
	struct journal j = journal_of(r->conf, r);
	int rings = replay_ring(r, worker, lately, why);

	return rings == -1 ? -1 : sum(rings, journal_replay(&j, worker, why));
}

int replay_all(struct replay *r, struct fault *why)
{
	struct journal j = journal_of(r->conf, r);
	int rings = 0;

	for (unsigned i = 0; i < QUEUE_SLOTS_MAX; i++) {
		int told;

		if (atomic_load(&r->board->score[i].ring_next) == 0)
			continue;
		told = replay_ring(r, i, true, why);
		if (told == -1)
			return -1;
		rings += told;
	}
	return sum(rings, journal_replay_all(&j, why));
}

void replay_keep(const struct mailconf *conf, unsigned worker,
		 const struct journal_fact *fact)
{
	const struct journal j = journal_of(conf, NULL);
	struct fault why;

	if (journal_append(&j, worker, fact, &why) == -1)
		log_error("cannot keep a sent mail in the journal job=%s: %s",
			  fact->id, why.text);
}
