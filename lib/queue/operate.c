/* SPDX-License-Identifier: MIT */
/* What an operator does to one job, or to old ones. */
#include "config.h"

#include "queue/operate.h"

#include "base/str.h"
#include "queue/keys.h"
#include "queue/lua_scripts.h"
#include "queue/work.h"

#include <stdio.h>
#include <string.h>

int queue_requeue(struct queue *q, const char *id, struct fault *why)
{
	struct rarg args[] = {
		queue_arg(q->dead), queue_arg(q->retry), queue_arg(q->ready),
		queue_arg(q->ready_bulk), queue_arg(q->stat),
		queue_arg(q->prefix), queue_arg(id),
	};

	return (int)queue_number(rconn_script(q->r, &script_requeue,
					      RARGS(5, args), why));
}

/* Of what is said, only verdict and text are used. */
static int end_waiting(struct queue *q, const char *id,
		       const struct queue_said *said, struct fault *why)
{
	char text[QUEUE_TEXT_MAX];
	struct rarg args[] = {
		queue_arg(q->ready), queue_arg(q->ready_bulk),
		queue_arg(q->retry), queue_arg(q->dead),
		queue_arg(q->receipts), queue_arg(q->stat),
		queue_arg(q->prefix), queue_arg(id),
		queue_arg(str_printable(text, sizeof(text), said->text)),
		queue_arg(said->verdict),
	};

	return (int)queue_number(rconn_script(q->r, &script_end_waiting,
					      RARGS(6, args), why));
}

int queue_cancel(struct queue *q, const char *id, const char *reason,
		 struct fault *why)
{
	char whole[QUEUE_TEXT_MAX];
	const struct queue_said said = { .verdict = "cancelled",
					 .text = whole };

	/* A long reason is cut. */
	(void)snprintf(whole, sizeof(whole), "cancelled: %s", reason);
	return end_waiting(q, id, &said, why);
}

int queue_bury_waiting(struct queue *q, const char *id, const char *reason,
		       struct fault *why)
{
	const struct queue_said said = { .verdict = "buried", .text = reason };

	return end_waiting(q, id, &said, why);
}

int queue_erase(struct queue *q, const char *id, struct fault *why)
{
	char room[24];
	struct rarg args[] = {
		queue_arg(q->intake), queue_arg(q->intake_bulk),
		queue_arg(q->ready), queue_arg(q->ready_bulk),
		queue_arg(q->retry), queue_arg(q->dead), queue_arg(q->stat),
		queue_arg(q->prefix), queue_arg_int(QUEUE_SCAN_MAX, room),
		queue_arg(id),
	};

	return (int)queue_number(rconn_script(q->r, &script_erase,
					      RARGS(7, args), why));
}

/* A purge under way. */
struct purge {
	struct queue *q;
	int64_t older_than_ms;
	int left;		/* jobs that may still be forgotten */
	struct fault *why;
};

/* Forgets up to max of the dead, or with ids of those that were sent.  Returns
 * how many, or -1. */
static int purge_some(struct purge *p, int max, const char *const *ids,
		      size_t count)
{
	char room[2][24];
	struct rarg args[5 + QUEUE_PAGE] = {
		queue_arg(p->q->dead), queue_arg(p->q->stat),
		queue_arg(p->q->prefix),
		queue_arg_int(p->older_than_ms, room[0]),
		queue_arg_int(max, room[1]),
	};
	int done;

	for (size_t i = 0; i < count; i++)
		args[5 + i] = queue_arg(ids[i]);
	done = (int)queue_number(
		rconn_script(p->q->r, &script_purge,
			     (struct rargs){ 2, 5 + count, args }, p->why));
	if (done > 0)
		p->left -= done;
	return done;
}

/* The same for one step of a walk, whose size Redis chooses.  0, or -1. */
static int purge_page(struct purge *p, const struct redisReply *page)
{
	size_t all = rreply_count(rreply_at(page, 1));

	for (size_t from = 0; from < all && p->left > 0; from += QUEUE_PAGE) {
		const char *ids[QUEUE_PAGE];
		size_t count = queue_walk_ids(p->q, page, from, ids);

		if (count && purge_some(p, p->left, ids, count) == -1)
			return -1;
	}
	return 0;
}

static int purge_sent(struct purge *p)
{
	struct queue_walk walk = QUEUE_WALK_INIT;
	int result = 0;

	while (!walk.over && p->left > 0 && result == 0) {
		struct redisReply *page = queue_walk_next(p->q, &walk, p->why);

		result = page ? purge_page(p, page) : -1;
		rreply_free(page);
	}
	return result;
}

static int purge_dead(struct purge *p)
{
	while (p->left > 0) {
		int batch = p->left < QUEUE_BATCH_MAX ? p->left
						      : QUEUE_BATCH_MAX;
		int done = purge_some(p, batch, NULL, 0);

		if (done < batch)
			return done == -1 ? -1 : 0;
	}
	return 0;
}

int queue_purge(struct queue *q, const struct queue_purge_opts *opts,
		struct fault *why)
{
	struct purge p = { .q = q, .older_than_ms = opts->older_than_ms,
			   .left = opts->max, .why = why };

	if (strchr(opts->states, QUEUE_DEAD) && purge_dead(&p) == -1)
		return -1;
	if (strchr(opts->states, QUEUE_SENT) && purge_sent(&p) == -1)
		return -1;
	return opts->max - p.left;
}
