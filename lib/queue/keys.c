/* SPDX-License-Identifier: MIT */
/* The queue's keys, and the way to run a script on them. */
#include "config.h"

#include "queue/keys.h"

#include "base/alloc.h"
#include "base/str.h"
#include "queue/lua_scripts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define BULK_SHARE 10		/* percent */

static void set_key(char key[QUEUE_KEY_MAX], const char *prefix,
		    const char *name)
{
	must(snprintf(key, QUEUE_KEY_MAX, "%s%s", prefix, name) <
	     QUEUE_KEY_MAX);
}

struct queue *queue_new(struct rconn *r, const char *prefix)
{
	struct queue *q = alloc_zeroed(1, sizeof(*q));

	q->r = r;
	must(str_copy(q->prefix, sizeof(q->prefix), prefix));
	set_key(q->intake, prefix, "intake");
	set_key(q->ready, prefix, "ready");
	set_key(q->retry, prefix, "retry");
	set_key(q->dead, prefix, "dead");
	set_key(q->receipts, prefix, "receipts");
	set_key(q->receipts_p, prefix, "receipts:p");
	set_key(q->malformed, prefix, "malformed");
	set_key(q->inst, prefix, "inst");
	set_key(q->stat, prefix, "stat");
	set_key(q->epoch, prefix, "epoch");
	set_key(q->ready_bulk, prefix, "ready:bulk");
	set_key(q->intake_bulk, prefix, "intake:bulk");
	set_key(q->paused, prefix, "paused");
	set_key(q->heldkinds, prefix, "heldkinds");
	set_key(q->replayed, prefix, "replayed");
	q->bulk_share = BULK_SHARE;
	return q;
}

void queue_free(struct queue *q)
{
	free(q);
}

void queue_held_key(const struct queue *q, const char *kind,
		    char key[QUEUE_KEY_MAX])
{
	(void)snprintf(key, QUEUE_KEY_MAX, "%sheld:%s", q->prefix, kind);
}

void queue_status_key(const struct queue *q, const char *instance,
		      char key[QUEUE_KEY_MAX])
{
	(void)snprintf(key, QUEUE_KEY_MAX, "%sstatus:%s", q->prefix, instance);
}

void queue_tally_keys(const struct queue *q, const char *instance,
		      char sums[QUEUE_KEY_MAX], char told[QUEUE_KEY_MAX])
{
	set_key(sums, q->prefix, "tally");
	(void)snprintf(told, QUEUE_KEY_MAX, "%stally:%s", q->prefix, instance);
}

struct rarg queue_arg(const char *text)
{
	return (struct rarg){ text, strlen(text) };
}

struct rarg queue_arg_int(int64_t value, char room[24])
{
	(void)snprintf(room, 24, "%lld", (long long)value);
	return queue_arg(room);
}

struct rarg queue_arg_seconds(int ms, char room[24])
{
	(void)snprintf(room, 24, "%d.%03d", ms / 1000, ms % 1000);
	return queue_arg(room);
}

int64_t queue_number(struct redisReply *reply)
{
	int64_t number = reply ? rreply_int(reply) : -1;

	if (reply && number < 0)
		number = 0;
	rreply_free(reply);
	return number;
}

int queue_done(struct redisReply *reply)
{
	rreply_free(reply);
	return reply ? 0 : -1;
}

int queue_each_int(struct redisReply *reply,
		   void (*each)(void *arg, const char *name, int64_t value),
		   void *arg)
{
	int count = 0;

	if (!reply)
		return -1;
	for (; 2 * (size_t)count + 1 < rreply_count(reply); count++) {
		size_t i = 2 * (size_t)count;

		each(arg, rreply_text(rreply_at(reply, i), NULL),
		     rreply_int(rreply_at(reply, i + 1)));
	}
	rreply_free(reply);
	return count;
}

int queue_generation(struct queue *q, char *out, size_t size,
		     struct fault *why)
{
	uint8_t random[16];
	char fresh[33];
	struct rarg args[] = { queue_arg(q->epoch), queue_arg(q->stat),
			       { fresh, 32 } };
	struct redisReply *reply;

	must(getrandom(random, sizeof(random), 0) == (ssize_t)sizeof(random));
	str_hex(fresh, random, sizeof(random));
	reply = rconn_script(q->r, &script_epoch, RARGS(2, args), why);
	if (!reply)
		return -1;
	(void)snprintf(out, size, "%s/%s", rconn_run_id(q->r),
		       rreply_text(reply, NULL));
	rreply_free(reply);
	return 0;
}

const char *queue_generation_epoch(const char *generation)
{
	const char *slash = strchr(generation, '/');

	return slash ? slash + 1 : "";
}
