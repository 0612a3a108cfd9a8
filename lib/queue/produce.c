/* SPDX-License-Identifier: MIT */
/* The queue seen by the producer: publish, audit, receipts. */
#include "config.h"

#include "queue/produce.h"

#include "base/alloc.h"
#include "base/str.h"
#include "queue/keys.h"
#include "queue/lua_scripts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int queue_publish(struct queue *q, const char *envelope, size_t len,
		  struct fault *why)
{
	struct rarg args[] = { queue_arg("RPUSH"), queue_arg(q->intake),
			       { envelope, len } };

	return queue_done(rconn_call(q->r, 3, args, why));
}

int64_t queue_publish_all(struct queue *q, const struct rarg *envelopes,
			  size_t count, struct fault *why)
{
	struct rarg args[2 + QUEUE_BATCH_MAX] = { queue_arg("RPUSH"),
						  queue_arg(q->intake) };

	must(count > 0 && count <= QUEUE_BATCH_MAX);
	memcpy(args + 2, envelopes, count * sizeof(*envelopes));
	return queue_number(rconn_call(q->r, 2 + count, args, why));
}

int64_t queue_waiting(struct queue *q, struct fault *why)
{
	struct rarg args[] = { queue_arg("LLEN"), queue_arg(q->intake) };

	return queue_number(rconn_call(q->r, 2, args, why));
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

int queue_audit(struct queue *q, struct queue_verdict *rows, size_t count,
		struct fault *why)
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
		args[4 + i] = queue_arg(rows[i].id);
	reply = rconn_script(q->r, &script_audit,
			     (struct rargs){ 2, 4 + count, args }, why);
	if (!reply)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct queue_verdict v = { .state = QUEUE_UNKNOWN };

		memcpy(v.id, rows[i].id, sizeof(v.id));
		read_audit(rreply_text(rreply_at(reply, i), NULL), &v);
		rows[i] = v;
	}
	rreply_free(reply);
	return 0;
}

/* Reads "fate|sure|ts|text"; false if it is not that. */
static bool read_report(char *rest, struct queue_verdict *v)
{
	char *fate = next_field(&rest);
	char *sure = fate ? next_field(&rest) : NULL;
	char *at = sure ? next_field(&rest) : NULL;
	int64_t flag;

	if (!at || !str_to_int(sure, 0, 1, &flag) ||
	    !str_to_int(at, 0, INT64_MAX, &v->at_ms))
		return false;
	v->fate = queue_fate_of(fate);
	v->sure = flag == 1;
	str_without_addresses(v->text, sizeof(v->text), rest);
	return v->fate != QUEUE_FATE_NONE;
}

/* "S|id|n|ts|text", the same with X, or "B|id|fate|sure|ts|text". */
bool queue_receipt_read(const char *text, struct queue_verdict *v)
{
	char *copy = alloc_text(text);
	char *rest = copy;
	char *state = next_field(&rest);
	char *id = state ? next_field(&rest) : NULL;
	bool good = false;

	*v = (struct queue_verdict){ .state = QUEUE_UNKNOWN };
	if (id && *id && strlen(state) == 1 &&
	    str_copy(v->id, sizeof(v->id), id))
		v->state = (enum queue_state)state[0];
	switch (v->state) {
	case QUEUE_SENT:
	case QUEUE_DEAD:
		good = read_final(rest, v);
		break;
	case QUEUE_REPORTED:
		good = read_report(rest, v);
		break;
	default:
		break;
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
	struct redisReply *reply = rconn_script(q->r, &script_receipts,
						RARGS(2, args), why);
	int count = 0;

	if (!reply)
		return -1;
	/* A receipt that cannot be read is dropped with its batch: the audit
	 * finds out the same (invariant 7). */
	for (size_t i = 0; i < rreply_count(reply) && (size_t)count < max; i++)
		if (queue_receipt_read(rreply_text(rreply_at(reply, i), NULL),
				       &out[count]))
			count++;
	rreply_free(reply);
	return count;
}

int queue_receipts_done(struct queue *q, struct fault *why)
{
	return queue_done(rconn_words(q->r, why, "DEL", q->receipts_p,
				      (char *)NULL));
}
