/* SPDX-License-Identifier: MIT */
/* Lists jobs by state: place by place, a page at a time. */
#include "config.h"

#include "queue/operate.h"

#include "queue/keys.h"
#include "queue/lua_scripts.h"

#include <stdio.h>
#include <string.h>

struct lister {
	struct queue *q;
	const struct queue_filter *filter;
	const struct queue_list_opts *opts;
	int64_t told;
	struct fault *why;
};

static bool is_wanted(const struct queue_filter *f, char state)
{
	return !f->states || strchr(f->states, state);
}

static bool is_full(const struct lister *l)
{
	return l->filter->limit > 0 && l->told >= l->filter->limit;
}

static bool passes(const struct queue_filter *f, const struct queue_record *r)
{
	int64_t at_ms = r->final_ms ? r->final_ms : r->admitted_ms;

	if (at_ms < f->since_ms || (f->until_ms && at_ms >= f->until_ms))
		return false;
	if (f->reason && !strstr(r->reason, f->reason))
		return false;
	return !f->kind || queue_kind_is_in(f->kind, r->kind);
}

/* Reads the records of some ids and tells of those in one of states. */
static int tell(struct lister *l, const char *const *ids, size_t count,
		const char *states)
{
	struct redisReply *rows = queue_records(l->q, ids, count, l->why);

	if (!rows)
		return -1;
	for (size_t i = 0; i < count && !is_full(l); i++) {
		struct queue_record record;

		if (queue_record_read(rreply_at(rows, i), &record) &&
		    strchr(states, record.state) &&
		    is_wanted(l->filter, record.state) &&
		    passes(l->filter, &record)) {
			l->told++;
			l->opts->each(l->opts->arg, &record);
		}
		queue_record_release(&record);
	}
	rreply_free(rows);
	return 0;
}

/* The same for a reply that is a list of ids; backwards if its last is the
 * oldest.  Replies of any length are read in pages. */
static int tell_ids(struct lister *l, const struct redisReply *reply,
		    bool backwards, const char *states)
{
	size_t all = rreply_count(reply);

	for (size_t from = 0; from < all && !is_full(l); from += QUEUE_PAGE) {
		const char *ids[QUEUE_PAGE];
		size_t count = 0;

		for (size_t i = from; i < all && count < QUEUE_PAGE; i++)
			ids[count++] = rreply_text(
				rreply_at(reply, backwards ? all - 1 - i : i),
				NULL);
		if (tell(l, ids, count, states) == -1)
			return -1;
	}
	return 0;
}

/* Jobs in one key, read by LRANGE or ZRANGE. */
struct range {
	const char *command;
	const char *key;
	char state;
	bool backwards;		/* its last is the oldest */
};

static int tell_range(struct lister *l, const struct range *r)
{
	const char states[] = { r->state, '\0' };

	for (int64_t from = 0; !is_full(l); from += QUEUE_PAGE) {
		int64_t first = r->backwards ? -from - QUEUE_PAGE : from;
		char ends[2][24];
		struct redisReply *reply;
		size_t count;
		int result;

		(void)queue_arg_int(first, ends[0]);
		(void)queue_arg_int(first + QUEUE_PAGE - 1, ends[1]);
		reply = rconn_words(l->q->r, l->why, r->command, r->key,
				    ends[0], ends[1], (char *)NULL);
		if (!reply)
			return -1;
		count = rreply_count(reply);
		result = tell_ids(l, reply, r->backwards, states);
		rreply_free(reply);
		if (result == -1 || count < QUEUE_PAGE)
			return result;
	}
	return 0;
}

/* What the workers of all instances have in their lists. */
static int tell_claimed(struct lister *l)
{
	struct redisReply *names = rconn_words(l->q->r, l->why, "HKEYS",
					       l->q->inst, (char *)NULL);
	static const char states[] = { QUEUE_UNANSWERED, QUEUE_SENDING,
				       QUEUE_QUEUED, '\0' };
	int result = names ? 0 : -1;
	char slots[24];

	for (size_t i = 0; i < rreply_count(names) && result == 0; i++) {
		struct rarg args[] = {
			queue_arg(l->q->inst), queue_arg(l->q->prefix),
			queue_arg(rreply_text(rreply_at(names, i), NULL)),
			queue_arg_int(QUEUE_SLOTS_MAX, slots),
		};
		struct redisReply *reply = rconn_script(l->q->r,
							&script_claimed,
							RARGS(1, args), l->why);

		result = reply ? tell_ids(l, reply, false, states) : -1;
		rreply_free(reply);
	}
	rreply_free(names);
	return result;
}

static int tell_held(struct lister *l)
{
	struct redisReply *kinds = rconn_words(l->q->r, l->why, "SMEMBERS",
					       l->q->heldkinds, (char *)NULL);
	int result = kinds ? 0 : -1;

	for (size_t i = 0; i < rreply_count(kinds) && result == 0; i++) {
		char key[QUEUE_KEY_MAX];
		const struct range held = { "LRANGE", key, QUEUE_HELD, false };

		queue_held_key(l->q, rreply_text(rreply_at(kinds, i), NULL),
			       key);
		result = tell_range(l, &held);
	}
	rreply_free(kinds);
	return result;
}

/* Sent jobs are in no list: only their records tell of them. */
static int tell_sent(struct lister *l)
{
	static const char states[] = { QUEUE_SENT, '\0' };
	struct queue_walk walk = QUEUE_WALK_INIT;
	int result = 0;

	while (!walk.over && !is_full(l) && result == 0) {
		struct redisReply *page = queue_walk_next(l->q, &walk, l->why);
		size_t all = page ? rreply_count(rreply_at(page, 1)) : 0;

		result = page ? 0 : -1;
		for (size_t from = 0; from < all && result == 0;
		     from += QUEUE_PAGE) {
			const char *ids[QUEUE_PAGE];
			size_t count = queue_walk_ids(l->q, page, from, ids);

			result = tell(l, ids, count, states);
		}
		rreply_free(page);
	}
	return result;
}

int queue_list(struct queue *q, const struct queue_list_opts *opts,
	       struct fault *why)
{
	const struct queue_filter *filter = opts->filter;
	struct lister l = { .q = q, .filter = filter, .opts = opts,
			    .why = why };
	const struct range ranges[] = {
		{ "LRANGE", q->ready, QUEUE_QUEUED, true },
		{ "LRANGE", q->ready_bulk, QUEUE_QUEUED, true },
		{ "ZRANGE", q->retry, QUEUE_RETRY, false },
	};
	const struct range dead = { "ZRANGE", q->dead, QUEUE_DEAD, false };

	if ((is_wanted(filter, QUEUE_UNANSWERED) ||
	     is_wanted(filter, QUEUE_SENDING) ||
	     is_wanted(filter, QUEUE_QUEUED)) && tell_claimed(&l) == -1)
		return -1;
	for (size_t i = 0; i < ARRAY_COUNT(ranges); i++)
		if (is_wanted(filter, ranges[i].state) &&
		    tell_range(&l, &ranges[i]) == -1)
			return -1;
	if (is_wanted(filter, QUEUE_HELD) && tell_held(&l) == -1)
		return -1;
	if (is_wanted(filter, QUEUE_DEAD) && tell_range(&l, &dead) == -1)
		return -1;
	if (is_wanted(filter, QUEUE_SENT) && tell_sent(&l) == -1)
		return -1;
	return (int)l.told;
}
