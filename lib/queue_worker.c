/* SPDX-License-Identifier: MIT */
/* The queue seen by a worker: claim, begin, dot, ack and the other ends. */
#include "config.h"

#include "queue.h"

#include "alloc.h"
#include "lua_scripts.h"
#include "queue_keys.h"
#include "str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void queue_list_key(const struct queue *q, const struct queue_worker *w,
		    char key[QUEUE_KEY_MAX])
{
	must(snprintf(key, QUEUE_KEY_MAX, "%sp:%s:%u", q->prefix, w->instance,
		      w->slot) < QUEUE_KEY_MAX);
}

void queue_worker_name(const struct queue_worker *w, char name[QUEUE_KEY_MAX])
{
	must(snprintf(name, QUEUE_KEY_MAX, "%s:%u", w->instance, w->slot) <
	     QUEUE_KEY_MAX);
}

static int take_id(struct redisReply *reply, char id[ENVELOPE_ID_MAX + 1])
{
	bool got = !rreply_is_nil(reply);

	/* Only admitted ids stand in ready: longer ones cannot be. */
	if (got)
		must(str_copy(id, ENVELOPE_ID_MAX + 1,
			      rreply_text(reply, NULL)));
	rreply_free(reply);
	return got;
}

int queue_claim(struct queue *q, const struct queue_worker *w, int wait_ms,
		char id[ENVELOPE_ID_MAX + 1], struct fault *why)
{
	char list[QUEUE_KEY_MAX];
	char room[24];
	struct rarg args[4];
	struct redisReply *reply;
	struct fault local;

	queue_list_key(q, w, list);
	args[0] = queue_arg("BRPOPLPUSH");
	args[1] = queue_arg(q->ready);
	args[2] = queue_arg(list);
	args[3] = queue_arg_seconds(wait_ms, room);
	if (wait_ms > 0) {
		reply = rconn_blocking_call(q->r, wait_ms, 4, args, &local);
	} else {
		args[0] = queue_arg("RPOPLPUSH");
		reply = rconn_call(q->r, 3, args, &local);
	}
	if (!reply && local.class == FAULT_REJECT && rconn_was_oom(q->r))
		reply = rconn_script(q->r, &script_claim_oom, 2, 2, args + 1,
				     &local);
	if (!reply) {
		if (why)
			*why = local;
		return -1;
	}
	return take_id(reply, id);
}

void queue_job_release(struct queue_job *job)
{
	free(job->envelope);
	job->envelope = NULL;
	job->envelope_len = 0;
}

/* Reads {"GO", id, token, ...}; false if the id is not one. */
static bool read_job(const struct redisReply *reply, struct queue_job *job)
{
	const char *envelope = rreply_text(rreply_at(reply, 8),
					   &job->envelope_len);

	if (!str_copy(job->id, sizeof(job->id),
		      rreply_text(rreply_at(reply, 1), NULL)))
		return false;
	job->token = rreply_int(rreply_at(reply, 2));
	job->attempts = (int)rreply_int(rreply_at(reply, 3));
	job->crashes = (int)rreply_int(rreply_at(reply, 4));
	job->uncertain = (int)rreply_int(rreply_at(reply, 5));
	job->admitted_ms = rreply_int(rreply_at(reply, 6));
	job->now_ms = rreply_int(rreply_at(reply, 7));
	job->envelope = alloc_textn(envelope, job->envelope_len);
	return true;
}

/* What begin answered; frees the reply. */
static int read_begin(struct redisReply *reply, struct queue_job *job)
{
	const char *answer = rreply_text(rreply_at(reply, 0), NULL);
	int result = QUEUE_BEGIN_SKIP;

	if (strcmp(answer, "GO") == 0 && job && read_job(reply, job))
		result = QUEUE_BEGIN_GO;
	else if (strcmp(answer, "LOST") == 0)
		result = QUEUE_BEGIN_LOST;
	else if (strcmp(answer, "UNCERTAIN") == 0)
		result = QUEUE_BEGIN_UNCERTAIN;
	rreply_free(reply);
	return result;
}

int queue_begin(struct queue *q, const struct queue_worker *w, const char *id,
		struct queue_job *job, struct fault *why)
{
	char list[QUEUE_KEY_MAX];
	char name[QUEUE_KEY_MAX];
	struct rarg args[5];
	struct redisReply *reply;

	queue_list_key(q, w, list);
	queue_worker_name(w, name);
	args[0] = queue_arg(list);
	args[1] = queue_arg(q->stat);
	args[2] = queue_arg(q->prefix);
	args[3] = queue_arg(id);
	args[4] = queue_arg(name);
	reply = rconn_script(q->r, &script_begin, 2, 5, args, why);
	return reply ? read_begin(reply, job) : -1;
}

int queue_dot(struct queue *q, const char *id, int64_t token,
	      struct fault *why)
{
	char key[QUEUE_KEY_MAX];
	char room[24];
	struct rarg args[] = { queue_arg(""), queue_arg_int(token, room) };
	int64_t go;

	must(snprintf(key, sizeof(key), "%sj:%s", q->prefix, id) <
	     QUEUE_KEY_MAX);
	args[0] = queue_arg(key);
	if (queue_run_int(q, &script_dot, 1, 2, args, &go, why) == -1)
		return -1;
	return go != 0;
}

int queue_ack(struct queue *q, const struct queue_worker *w, const char *id,
	      int64_t token, const char *reply, int64_t ttl_s,
	      struct queue_job *next, struct fault *why)
{
	char list[QUEUE_KEY_MAX];
	char name[QUEUE_KEY_MAX];
	char text[128];
	char room[2][24];
	struct rarg args[13];
	struct redisReply *answer;

	queue_list_key(q, w, list);
	queue_worker_name(w, name);
	str_printable(text, sizeof(text), reply);
	args[0] = queue_arg(list);
	args[1] = queue_arg(q->receipts);
	args[2] = queue_arg(q->retry);
	args[3] = queue_arg(q->dead);
	args[4] = queue_arg(q->stat);
	args[5] = queue_arg(q->ready);
	args[6] = queue_arg(q->prefix);
	args[7] = queue_arg(id);
	args[8] = queue_arg_int(token, room[0]);
	args[9] = queue_arg_int(ttl_s, room[1]);
	args[10] = queue_arg(text);
	args[11] = queue_arg(next ? "1" : "0");
	args[12] = queue_arg(name);
	answer = rconn_script(q->r, &script_ack, 6, 13, args, why);
	return answer ? read_begin(answer, next) : -1;
}

int queue_defer(struct queue *q, const struct queue_worker *w, const char *id,
		int64_t token, int64_t delay_ms, enum queue_charge charge,
		const char *reason, struct fault *why)
{
	static const char *const charges[] = {
		[QUEUE_CHARGE_NONE] = "none",
		[QUEUE_CHARGE_ATTEMPT] = "attempt",
		[QUEUE_CHARGE_UNCERTAIN] = "uncertain",
	};
	char list[QUEUE_KEY_MAX];
	char text[128];
	char room[2][24];
	struct rarg args[9];
	int64_t done;

	queue_list_key(q, w, list);
	str_printable(text, sizeof(text), reason);
	args[0] = queue_arg(list);
	args[1] = queue_arg(q->retry);
	args[2] = queue_arg(q->stat);
	args[3] = queue_arg(q->prefix);
	args[4] = queue_arg(id);
	args[5] = queue_arg_int(token, room[0]);
	args[6] = queue_arg_int(delay_ms, room[1]);
	args[7] = queue_arg(text);
	args[8] = queue_arg(charges[charge]);
	if (queue_run_int(q, &script_defer, 3, 9, args, &done, why) == -1)
		return -1;
	return done != 0;
}

int queue_release(struct queue *q, const struct queue_worker *w,
		  const char *id, int64_t token, struct fault *why)
{
	char list[QUEUE_KEY_MAX];
	char room[24];
	struct rarg args[6];
	int64_t done;

	queue_list_key(q, w, list);
	args[0] = queue_arg(list);
	args[1] = queue_arg(q->ready);
	args[2] = queue_arg(q->stat);
	args[3] = queue_arg(q->prefix);
	args[4] = queue_arg(id);
	args[5] = queue_arg_int(token, room);
	if (queue_run_int(q, &script_release, 3, 6, args, &done, why) == -1)
		return -1;
	return done != 0;
}

int queue_bury(struct queue *q, const struct queue_worker *w, const char *id,
	       int64_t token, const char *reason, struct fault *why)
{
	char list[QUEUE_KEY_MAX];
	char text[128];
	char room[24];
	struct rarg args[8];
	int64_t done;

	queue_list_key(q, w, list);
	str_printable(text, sizeof(text), reason);
	args[0] = queue_arg(list);
	args[1] = queue_arg(q->dead);
	args[2] = queue_arg(q->receipts);
	args[3] = queue_arg(q->stat);
	args[4] = queue_arg(q->prefix);
	args[5] = queue_arg(id);
	args[6] = queue_arg_int(token, room);
	args[7] = queue_arg(text);
	if (queue_run_int(q, &script_bury, 4, 8, args, &done, why) == -1)
		return -1;
	return done != 0;
}

int queue_reclaim(struct queue *q, const struct queue_worker *w,
		  const struct queue_reclaim_opts *opts,
		  struct queue_reclaimed *out, struct fault *why)
{
	char list[QUEUE_KEY_MAX];
	char name[QUEUE_KEY_MAX];
	char room[4][24];
	struct rarg args[14];
	struct redisReply *reply;

	queue_list_key(q, w, list);
	queue_worker_name(w, name);
	args[0] = queue_arg(list);
	args[1] = queue_arg(q->ready);
	args[2] = queue_arg(q->retry);
	args[3] = queue_arg(q->dead);
	args[4] = queue_arg(q->receipts);
	args[5] = queue_arg(q->stat);
	args[6] = queue_arg(q->prefix);
	args[7] = queue_arg(name);
	args[8] = queue_arg(opts->crashed ? "1" : "0");
	args[9] = queue_arg(opts->take_dot ? "1" : "0");
	args[10] = queue_arg_int(opts->max_crashes, room[0]);
	args[11] = queue_arg_int(opts->max_uncertain, room[1]);
	args[12] = queue_arg_int(opts->crash_pause_ms, room[2]);
	args[13] = queue_arg_int(opts->uncertain_pause_ms, room[3]);
	reply = rconn_script(q->r, &script_reclaim, 6, 14, args, why);
	if (!reply)
		return -1;
	out->queued = (int)rreply_int(rreply_at(reply, 0));
	out->unsent = (int)rreply_int(rreply_at(reply, 1));
	out->uncertain = (int)rreply_int(rreply_at(reply, 2));
	out->stale = (int)rreply_int(rreply_at(reply, 3));
	rreply_free(reply);
	return 0;
}
