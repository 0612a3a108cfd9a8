/* SPDX-License-Identifier: MIT */
/* The queue seen by the producer, and what its files share. */
#include "config.h"

#include "queue/queue.h"

#include "base/alloc.h"
#include "base/str.h"
#include "queue/keys.h"
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

int queue_run_int(struct queue *q, const struct rscript *script,
		  size_t key_count, size_t count, const struct rarg *args,
		  int64_t *out, struct fault *why)
{
	struct redisReply *reply = rconn_script(q->r, script, key_count, count,
						args, why);

	if (!reply)
		return -1;
	*out = rreply_int(reply);
	rreply_free(reply);
	return 0;
}

int queue_publish(struct queue *q, const char *envelope, size_t len,
		  struct fault *why)
{
	struct rarg args[] = { queue_arg("RPUSH"), queue_arg(q->intake),
			       { envelope, len } };
	struct redisReply *reply = rconn_call(q->r, 3, args, why);

	if (!reply)
		return -1;
	rreply_free(reply);
	return 0;
}

/* Cuts *rest at the next '|' and returns what stood before it. */
static char *next_field(char **rest)
{
	char *field = *rest;
	char *bar = field ? strchr(field, '|') : NULL;

	if (!bar)
		return NULL;
	*bar = '\0';
	*rest = bar + 1;
	return field;
}

/* Reads "n|ts|text"; false if it is not that. */
static bool read_final(char *rest, struct queue_verdict *v)
{
	char *n = next_field(&rest);
	char *at = n ? next_field(&rest) : NULL;
	int64_t value;

	if (!at || !str_to_int(n, 0, 1000000, &value))
		return false;
	v->attempts = (int)value;
	if (!str_to_int(at, 0, INT64_MAX, &v->at_ms))
		return false;
	str_printable(v->text, sizeof(v->text), rest);
	return true;
}

static void read_audit(const char *text, struct queue_verdict *v)
{
	char *copy = alloc_text(text);

	switch (copy[0]) {
	case QUEUE_SENT:
	case QUEUE_DEAD:
	case QUEUE_LIVE:
		v->state = (enum queue_state)copy[0];
		if (copy[1] != '|' || !read_final(copy + 2, v))
			v->state = QUEUE_UNKNOWN;
		break;
	case QUEUE_MISSING:
		v->state = (enum queue_state)copy[0];
		break;
	default:
		v->state = QUEUE_UNKNOWN;
	}
	free(copy);
}

int queue_audit(struct queue *q, const char *const *ids, size_t count,
		struct queue_verdict *out, struct fault *why)
{
	struct rarg args[4 + QUEUE_BATCH_MAX];
	char scan[24];
	struct redisReply *reply;

	must(count <= QUEUE_BATCH_MAX);
	if (count == 0)
		return 0;
	args[0] = queue_arg(q->intake);
	args[1] = queue_arg(q->intake_bulk);
	args[2] = queue_arg(q->prefix);
	args[3] = queue_arg_int(QUEUE_SCAN_MAX, scan);
	for (size_t i = 0; i < count; i++)
		args[4 + i] = queue_arg(ids[i]);
	reply = rconn_script(q->r, &script_audit, 2, 4 + count, args, why);
	if (!reply)
		return -1;
	for (size_t i = 0; i < count; i++) {
		out[i] = (struct queue_verdict){ .state = QUEUE_UNKNOWN };
		must(str_copy(out[i].id, sizeof(out[i].id), ids[i]));
		read_audit(rreply_text(rreply_at(reply, i), NULL), &out[i]);
	}
	rreply_free(reply);
	return 0;
}

/* Reads "S|id|n|ts|text". */
static bool read_receipt(const char *text, struct queue_verdict *v)
{
	char *copy = alloc_text(text);
	char *rest = copy;
	char *state = next_field(&rest);
	char *id = state ? next_field(&rest) : NULL;
	bool good = id && (state[0] == QUEUE_SENT || state[0] == QUEUE_DEAD) &&
		    state[1] == '\0';

	*v = (struct queue_verdict){ .state = QUEUE_UNKNOWN };
	if (good) {
		v->state = (enum queue_state)state[0];
		good = str_copy(v->id, sizeof(v->id), id) &&
		       read_final(rest, v);
	}
	free(copy);
	return good;
}

int queue_receipts(struct queue *q, struct queue_verdict *out, size_t max,
		   struct fault *why)
{
	char room[24];
	struct rarg args[] = {
		queue_arg(q->receipts), queue_arg(q->receipts_p),
		queue_arg_int((int64_t)(max < QUEUE_BATCH_MAX
					? max : QUEUE_BATCH_MAX), room),
	};
	struct redisReply *reply = rconn_script(q->r, &script_receipts, 2, 3,
						args, why);
	int count = 0;

	if (!reply)
		return -1;
	/* A receipt that cannot be read is dropped with its batch: the audit
	 * finds out the same (I15). */
	for (size_t i = 0; i < rreply_count(reply) && (size_t)count < max; i++)
		if (read_receipt(rreply_text(rreply_at(reply, i), NULL),
				 &out[count]))
			count++;
	rreply_free(reply);
	return count;
}

int queue_receipts_done(struct queue *q, struct fault *why)
{
	struct redisReply *reply = rconn_words(q->r, why, "DEL", q->receipts_p,
					       (char *)NULL);

	if (!reply)
		return -1;
	rreply_free(reply);
	return 0;
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
	reply = rconn_script(q->r, &script_epoch, 2, 3, args, why);
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
