/* SPDX-License-Identifier: MIT */
/* Tells Redis which mails the relay took, from the rings and the journal. */
#include "config.h"

#include "state/replay.h"

#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "queue/work.h"
#include "state/journal.h"

static struct journal journal_of(const struct mailconf *conf)
{
	struct journal j = {
		.dir = conf->journal_dir, .queue = conf->queue_prefix,
	};

	return j;
}

static int64_t ttl_s(const struct replay *r)
{
	return r->conf->sent_memory / 1000;
}

static int tell(void *arg, unsigned worker, const struct journal_fact *fact,
		struct fault *why)
{
	const struct replay *r = arg;
	struct queue_worker name = { r->instance, worker };
	const struct queue_said said = {
		.verdict = "sent", .relay = fact->relay, .stage = "dot",
		.text = fact->reply,
	};

	/* The producer gives up long before, so nothing sends it again. */
	if (wall_ms() - fact->at_ms > r->conf->sent_memory)
		return 0;
	return queue_ack(r->q, &name, fact->id, fact->token, &said,
			 ttl_s(r), NULL, why) == -1 ? -1 : 0;
}

static void say(int count)
{
	if (count > 0)
		log_info("replayed sent mails count=%d", count);
}

int replay_worker(const struct replay *r, unsigned worker, bool lately,
		  struct fault *why)
{
	struct journal j = journal_of(r->conf);
	struct queue_worker name = { r->instance, worker };
	int rings = ring_replay(&r->board->score[worker], r->q, &name,
				lately, ttl_s(r), ticks_ms(), why);
	int lines;

	if (rings == -1)
		return -1;
	lines = journal_replay(&j, worker, tell, (void *)(uintptr_t)r, why);
	if (lines == -1)
		return -1;
	say(rings + lines);
	return rings + lines;
}

static int rings_tell(const struct replay *r, struct fault *why)
{
	int count = 0;

	for (unsigned i = 0; i < QUEUE_SLOTS_MAX; i++) {
		struct queue_worker name = { r->instance, i };
		int told;

		if (atomic_load(&r->board->score[i].ring_next) == 0)
			continue;
		told = ring_replay(&r->board->score[i], r->q, &name, true,
				   ttl_s(r), ticks_ms(), why);
		if (told == -1)
			return -1;
		count += told;
	}
	return count;
}

int replay_all(const struct replay *r, struct fault *why)
{
	struct journal j = journal_of(r->conf);
	int rings = rings_tell(r, why);
	int lines;

	if (rings == -1)
		return -1;
	lines = journal_replay_all(&j, tell, (void *)(uintptr_t)r, why);
	if (lines == -1)
		return -1;
	say(rings + lines);
	return rings + lines;
}

void replay_keep(const struct mailconf *conf, unsigned worker,
		 const struct ring_sent *sent)
{
	struct journal j = journal_of(conf);
	struct journal_fact fact = { .token = sent->token,
				     .at_ms = wall_ms() };
	struct fault why;

	must(str_copy(fact.id, sizeof(fact.id), sent->id));
	must(str_copy(fact.relay, sizeof(fact.relay), sent->relay));
	str_printable(fact.reply, sizeof(fact.reply), sent->reply);
	if (journal_append(&j, worker, &fact, &why) == -1)
		log_error("cannot keep a sent mail in the journal job=%s: %s",
			  sent->id, why.text);
}
