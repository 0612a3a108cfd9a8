/* SPDX-License-Identifier: MIT */
/* What an operator does to one job, or to old ones. */
#include "config.h"

#include "queue/operate.h"

#include "base/str.h"
#include "queue/keys.h"
#include "queue/lua_scripts.h"

#include <stdio.h>
#include <string.h>

int queue_requeue(struct queue *q, const char *id, struct fault *why)
{
	struct rarg args[] = {
		queue_arg(q->dead), queue_arg(q->retry), queue_arg(q->ready),
		queue_arg(q->ready_bulk), queue_arg(q->stat),
		queue_arg(q->prefix), queue_arg(id),
	};

	return (int)queue_number(rconn_script(q->r, &script_requeue, 5,
					      ARRAY_COUNT(args), args, why));
}

static int end_waiting(struct queue *q, const char *id, const char *reason,
		       const char *verdict, struct fault *why)
{
	char text[QUEUE_TEXT_MAX];
	struct rarg args[] = {
		queue_arg(q->ready), queue_arg(q->ready_bulk),
		queue_arg(q->retry), queue_arg(q->dead),
		queue_arg(q->receipts), queue_arg(q->stat),
		queue_arg(q->prefix), queue_arg(id),
		queue_arg(str_printable(text, sizeof(text), reason)),
		queue_arg(verdict),
	};

	return (int)queue_number(rconn_script(q->r, &script_end_waiting, 6,
					      ARRAY_COUNT(args), args, why));
}

int queue_cancel(struct queue *q, const char *id, const char *reason,
		 struct fault *why)
{
	char whole[QUEUE_TEXT_MAX];

	/* A long reason is cut. */
	(void)snprintf(whole, sizeof(whole), "cancelled: %s", reason);
	return end_waiting(q, id, whole, "cancelled", why);
}

int queue_bury_waiting(struct queue *q, const char *id, const char *reason,
		       struct fault *why)
{
	return end_waiting(q, id, reason, "buried", why);
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

	return (int)queue_number(rconn_script(q->r, &script_erase, 7,
					      ARRAY_COUNT(args), args, why));
}

/* Runs purge on the dead, or with ids on those that were sent. */
static int purge(struct queue *q, int64_t older_than_ms, int max,
		 const char *const *ids, size_t count, struct fault *why)
{
	char room[2][24];
	struct rarg args[5 + QUEUE_PAGE] = {
		queue_arg(q->dead), queue_arg(q->stat), queue_arg(q->prefix),
		queue_arg_int(older_than_ms, room[0]),
		queue_arg_int(max, room[1]),
	};

	for (size_t i = 0; i < count; i++)
		args[5 + i] = queue_arg(ids[i]);
	return (int)queue_number(rconn_script(q->r, &script_purge, 2,
					      5 + count, args, why));
}

/* The same for one step of a walk, whose size Redis chooses. */
static int purge_page(struct queue *q, int64_t older_than_ms, int max,
		      const struct redisReply *page, struct fault *why)
{
	size_t all = rreply_count(rreply_at(page, 1));
	int total = 0;

	for (size_t from = 0; from < all && total < max; from += QUEUE_PAGE) {
		const char *ids[QUEUE_PAGE];
		size_t count = queue_walk_ids(q, page, from, ids);
		int done = count ? purge(q, older_than_ms, max - total, ids,
					 count, why) : 0;

		if (done == -1)
			return -1;
		total += done;
	}
	return total;
}

static int purge_sent(struct queue *q, int64_t older_than_ms, int max,
		      struct fault *why)
{
	struct queue_walk walk = QUEUE_WALK_INIT;
	int total = 0;

	while (!walk.over && total < max) {
		struct redisReply *page = queue_walk_next(q, &walk, why);
		int done = page ? purge_page(q, older_than_ms, max - total,
					     page, why) : -1;

		rreply_free(page);
		if (done == -1)
			return -1;
		total += done;
	}
	return total;
}

int queue_purge(struct queue *q, const char *states, int64_t older_than_ms,
		int max, struct fault *why)
{
	int total = 0;

	while (strchr(states, QUEUE_DEAD) && total < max) {
		int batch = max - total < QUEUE_BATCH_MAX ? max - total
							  : QUEUE_BATCH_MAX;
		int done = purge(q, older_than_ms, batch, NULL, 0, why);

		if (done == -1)
			return -1;
		total += done;
		if (done < batch)
			break;
	}
	if (strchr(states, QUEUE_SENT) && total < max) {
		int done = purge_sent(q, older_than_ms, max - total, why);

		if (done == -1)
			return -1;
		total += done;
	}
	return total;
}
