/* SPDX-License-Identifier: MIT */
/* How many jobs stand where. */
#include "config.h"

#include "queue/places.h"

#include "queue/keys.h"
#include "queue/lua_scripts.h"

int queue_places(struct queue *q, struct queue_places *out, struct fault *why)
{
	char slots[24];
	struct rarg args[] = {
		queue_arg(q->intake), queue_arg(q->intake_bulk),
		queue_arg(q->ready), queue_arg(q->ready_bulk),
		queue_arg(q->retry), queue_arg(q->dead),
		queue_arg(q->malformed), queue_arg(q->receipts),
		queue_arg(q->heldkinds), queue_arg(q->inst),
		queue_arg(q->prefix), queue_arg_int(QUEUE_SLOTS_MAX, slots),
	};
	int64_t *const counts[] = {
		&out->intake, &out->ready, &out->bulk, &out->in_hand,
		&out->retry, &out->due, &out->held, &out->dead,
		&out->malformed, &out->receipts,
	};
	struct redisReply *reply = rconn_script(q->r, &script_places, 10,
						ARRAY_COUNT(args), args, why);

	if (!reply)
		return -1;
	for (size_t i = 0; i < ARRAY_COUNT(counts); i++)
		*counts[i] = rreply_int(rreply_at(reply, i));
	rreply_free(reply);
	return 0;
}
