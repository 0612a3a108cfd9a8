/* SPDX-License-Identifier: MIT */
/* The queue seen by the dispatcher: admit, promote, instances, lengths. */
#include "config.h"

#include "queue/dispatch.h"

#include "queue/envelope.h"
#include "queue/keys.h"
#include "queue/lua_scripts.h"

#include <string.h>

#define MALFORMED_MAX 1000	/* envelopes kept that could not be read */

int queue_admit(struct queue *q, const struct queue_admit_opts *opts,
		struct queue_admitted *out, struct fault *why)
{
	char room[6][24];
	struct rarg args[] = {
		queue_arg(q->intake), queue_arg(q->ready),
		queue_arg(q->receipts), queue_arg(q->malformed),
		queue_arg(q->stat), queue_arg(q->epoch), queue_arg(q->retry),
		queue_arg(q->ready_bulk), queue_arg(q->intake_bulk),
		queue_arg(q->paused), queue_arg(q->heldkinds),
		queue_arg(q->prefix),
		queue_arg_int(opts->max, room[0]),
		queue_arg_int(opts->window, room[1]),
		queue_arg_int(MALFORMED_MAX, room[2]), queue_arg(opts->epoch),
		queue_arg_int(QUEUE_RECEIPTS_MAX, room[3]),
		queue_arg(opts->bulk_kinds),
		queue_arg_int(opts->idle, room[4]),
		/* With one byte more its reader can still tell that it was too
		 * long. */
		queue_arg_int(ENVELOPE_BYTES_MAX + 1, room[5]),
	};
	struct redisReply *reply = rconn_script(q->r, &script_admit,
						RARGS(11, args), why);

	if (!reply)
		return -1;
	out->taken = (int)rreply_int(rreply_at(reply, 0));
	out->admitted = (int)rreply_int(rreply_at(reply, 1));
	out->doubled = (int)rreply_int(rreply_at(reply, 2));
	out->malformed = (int)rreply_int(rreply_at(reply, 3));
	out->promoted = (int)rreply_int(rreply_at(reply, 4));
	rreply_free(reply);
	return 0;
}

int queue_intake_wait(struct queue *q, int wait_ms, struct fault *why)
{
	char room[24];
	struct rarg args[] = {
		queue_arg("BLMOVE"), queue_arg(q->intake),
		queue_arg(q->intake), queue_arg("LEFT"), queue_arg("LEFT"),
		queue_arg_seconds(wait_ms, room),
	};
	const struct rblocking command = { 6, args, wait_ms };
	struct redisReply *reply;
	int found;

	reply = rconn_blocking_call(q->r, &command, why);
	if (!reply) {
		/* A full Redis refuses the peek; the scripts still run. */
		return why && why->class == FAULT_REJECT &&
		       rconn_was_oom(q->r) ? 1 : -1;
	}
	found = !rreply_is_nil(reply);
	rreply_free(reply);
	return found;
}

int queue_beat(struct queue *q, const char *instance, struct fault *why)
{
	struct rarg args[] = { queue_arg(q->inst), queue_arg(q->stat),
			       queue_arg(instance) };

	return queue_done(rconn_script(q->r, &script_beat, RARGS(2, args),
				       why));
}

int queue_instances(struct queue *q,
		    void (*each)(void *arg, const char *instance,
				 int64_t counter),
		    void *arg, struct fault *why)
{
	return queue_each_int(rconn_words(q->r, why, "HGETALL", q->inst,
					  (char *)NULL), each, arg);
}

/* Counts the lists of an instance that hold jobs.  With forget, an instance
 * without any is forgotten. */
static int64_t count_lists(struct queue *q, const char *instance, bool forget,
			   struct fault *why)
{
	char slots[24];
	struct rarg args[] = {
		queue_arg(q->inst), queue_arg(q->replayed),
		queue_arg(q->prefix), queue_arg(instance),
		queue_arg_int(QUEUE_SLOTS_MAX, slots),
		queue_arg(forget ? "1" : "0"),
	};

	return queue_number(rconn_script(q->r, &script_forget, RARGS(2, args),
					 why));
}

int queue_instance_busy(struct queue *q, const char *instance,
			struct fault *why)
{
	int64_t lists = count_lists(q, instance, false, why);

	return lists == -1 ? -1 : lists > 0;
}

int queue_instance_forget(struct queue *q, const char *instance,
			  struct fault *why)
{
	int64_t lists = count_lists(q, instance, true, why);

	return lists == -1 ? -1 : lists == 0;
}

int queue_replayed_set(struct queue *q, const char *instance,
		       const char *generation, struct fault *why)
{
	struct rarg args[] = { queue_arg(q->replayed), queue_arg(q->stat),
			       queue_arg(instance), queue_arg(generation) };

	return queue_done(rconn_script(q->r, &script_replayed, RARGS(2, args),
				       why));
}

int queue_has_replayed(struct queue *q, const char *instance,
		       const char *generation, struct fault *why)
{
	struct redisReply *reply = rconn_words(q->r, why, "HGET", q->replayed,
					       instance, (char *)NULL);
	bool has;

	if (!reply)
		return -1;
	has = strcmp(rreply_text(reply, NULL), generation) == 0;
	rreply_free(reply);
	return has;
}

int queue_server_read(struct queue *q, struct queue_server *out,
		      struct fault *why)
{
	struct redisReply *memory = rconn_words(q->r, why, "INFO", "memory",
						(char *)NULL);
	struct redisReply *disk = memory
				  ? rconn_words(q->r, why, "INFO",
						"persistence", (char *)NULL)
				  : NULL;
	int result = disk ? 0 : -1;

	if (disk) {
		const char *text = rreply_text(memory, NULL);

		out->keeps_keys = strstr(text, "maxmemory_policy:noeviction") ||
				  !strstr(text, "maxmemory_policy:");
		out->has_aof = strstr(rreply_text(disk, NULL),
				      "aof_enabled:1") != NULL;
	}
	rreply_free(memory);
	rreply_free(disk);
	return result;
}
