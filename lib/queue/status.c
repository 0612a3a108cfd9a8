/* SPDX-License-Identifier: MIT */
/* What an instance says of itself, and what it hears of pauses. */
#include "config.h"

#include "queue/queue.h"

#include "queue/keys.h"
#include "queue/lua_scripts.h"

int queue_status_set(struct queue *q, const char *instance, const char *json,
		     int ttl_ms,
		     void (*paused)(void *arg, const char *what), void *arg,
		     struct fault *why)
{
	char key[QUEUE_KEY_MAX];
	char room[24];
	struct rarg args[5];
	struct redisReply *reply;

	queue_status_key(q, instance, key);
	args[0] = queue_arg(key);
	args[1] = queue_arg(q->stat);
	args[2] = queue_arg(q->paused);
	args[3] = queue_arg(json);
	args[4] = queue_arg_int(ttl_ms, room);
	reply = rconn_script(q->r, &script_status, 3, 5, args, why);
	if (!reply)
		return -1;
	for (size_t i = 0; i < rreply_count(reply); i++)
		paused(arg, rreply_text(rreply_at(reply, i), NULL));
	rreply_free(reply);
	return 0;
}

int queue_status_drop(struct queue *q, const char *instance, struct fault *why)
{
	char key[QUEUE_KEY_MAX];
	struct redisReply *reply;

	queue_status_key(q, instance, key);
	reply = rconn_words(q->r, why, "DEL", key, (char *)NULL);
	if (!reply)
		return -1;
	rreply_free(reply);
	return 0;
}
