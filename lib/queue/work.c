/* SPDX-License-Identifier: MIT */
/* The queue seen by a worker: claim, begin, the dot, and how it ends. */
#include "config.h"

#include "queue/work.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "daemon/prefork.h"
#include "queue/keys.h"
#include "queue/lua_scripts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD_MS 500		/* an older answer about the dot is void */
#define OOM_NAP_MS 200		/* between two claims in a full Redis */

/* "{maild}:p:<instance>:<slot>" */
static void list_key(const struct queue *q, const struct queue_worker *w,
		     char key[QUEUE_KEY_MAX])
{
	must(snprintf(key, QUEUE_KEY_MAX, "%sp:%s:%u", q->prefix, w->instance,
		      w->slot) < QUEUE_KEY_MAX);
}

/* "<instance>:<slot>" */
static void worker_name(const struct queue_worker *w, char name[QUEUE_KEY_MAX])
{
	must(snprintf(name, QUEUE_KEY_MAX, "%s:%u", w->instance, w->slot) <
	     QUEUE_KEY_MAX);
}

void queue_share_set(struct queue *q, int percent)
{
	q->bulk_share = percent;
}

void queue_epoch_use(struct queue *q, const char *epoch)
{
	must(str_copy(q->known_epoch, sizeof(q->known_epoch), epoch));
}

static int take_id(struct redisReply *reply, char id[ENVELOPE_ID_MAX + 1])
{
	bool got = !rreply_is_nil(reply);

	/* Only admitted ids are in ready, and none of those is longer. */
	if (got)
		must(str_copy(id, ENVELOPE_ID_MAX + 1,
			      rreply_text(reply, NULL)));
	rreply_free(reply);
	return got;
}

int queue_claim(struct queue *q, const struct queue_claim_opts *opts,
		char id[ENVELOPE_ID_MAX + 1], struct fault *why)
{
	int wait_ms = opts->wait_ms;
	char list[QUEUE_KEY_MAX];
	char room[24];
	struct rarg args[4];
	struct redisReply *reply;
	struct fault local;

	list_key(q, opts->worker, list);
	args[0] = queue_arg("BRPOPLPUSH");
	args[1] = queue_arg(q->ready);
	args[2] = queue_arg(list);
	args[3] = queue_arg_seconds(wait_ms, room);
	if (wait_ms > 0) {
		const struct rblocking command = { 4, args, wait_ms };

		reply = rconn_blocking_call(q->r, &command, &local);
	} else {
		args[0] = queue_arg("RPOPLPUSH");
		reply = rconn_call(q->r, 3, args, &local);
	}
	if (!reply && local.class == FAULT_REJECT && rconn_was_oom(q->r)) {
		reply = rconn_script(q->r, &script_claim_oom,
				     (struct rargs){ 2, 2, args + 1 }, &local);
		/* It cannot wait, so we do. */
		if (reply && rreply_is_nil(reply) && wait_ms > 0)
			(void)prefork_poll(NULL, 0, wait_ms < OOM_NAP_MS
					   ? wait_ms : OOM_NAP_MS);
	}
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

int queue_begin_read(struct redisReply *reply, struct queue_job *job)
{
	static const char *const words[] = {
		[QUEUE_BEGIN_GO] = "GO",
		[QUEUE_BEGIN_LOST] = "LOST",
		[QUEUE_BEGIN_SKIP] = "SKIP",
		[QUEUE_BEGIN_UNCERTAIN] = "UNCERTAIN",
		[QUEUE_BEGIN_NONE] = "NONE",
		[QUEUE_BEGIN_PAUSED] = "PAUSED",
		[QUEUE_BEGIN_EPOCH] = "EPOCH",
	};
	const char *answer;
	int result = 0;

	if (!reply)
		return -1;
	answer = rreply_text(rreply_at(reply, 0), NULL);
	while (result < (int)ARRAY_COUNT(words) &&
	       strcmp(answer, words[result]) != 0)
		result++;
	if (result == ARRAY_COUNT(words) ||
	    (result == QUEUE_BEGIN_GO && (!job || !read_job(reply, job))))
		result = QUEUE_BEGIN_SKIP;
	rreply_free(reply);
	return result;
}

/*
 * The beginning of the arguments of a script that may begin a job: key p, then
 * prefix worker epoch share.  The scripts make the other keys of the prefix,
 * which costs them less than being told.  list, name and share hold what the
 * arguments point to.
 */
struct take_args {
	char list[QUEUE_KEY_MAX], name[QUEUE_KEY_MAX], share[24];
	struct rarg args[12];
	size_t count;		/* so many are filled in */
};

static void take_args_init(struct take_args *t, const struct queue *q,
			   const struct queue_worker *w)
{
	list_key(q, w, t->list);
	worker_name(w, t->name);
	t->args[0] = queue_arg(t->list);
	t->args[1] = queue_arg(q->prefix);
	t->args[2] = queue_arg(t->name);
	t->args[3] = queue_arg(q->known_epoch);
	t->args[4] = queue_arg_int(q->bulk_share, t->share);
	t->count = 5;
}

static struct redisReply *run(struct queue *q, const struct rscript *script,
			      const struct take_args *t, struct fault *why)
{
	return rconn_script(q->r, script,
			    (struct rargs){ 1, t->count, t->args }, why);
}

int queue_begin(struct queue *q, const struct queue_worker *w,
		struct queue_job *job, struct fault *why)
{
	struct take_args t;

	take_args_init(&t, q, w);
	/* It begins the job that it is given, so it needs no share. */
	t.args[t.count - 1] = queue_arg(job->id);
	return queue_begin_read(run(q, &script_begin, &t, why), job);
}

int queue_take(struct queue *q, const struct queue_worker *w,
	       struct queue_job *job, struct fault *why)
{
	struct take_args t;

	take_args_init(&t, q, w);
	return queue_begin_read(run(q, &script_claim, &t, why), job);
}

struct dot_args {
	char key[QUEUE_KEY_MAX], token[24];
	struct rarg args[2];
};

static struct rargs dot_args(struct dot_args *d, const struct queue *q,
			     const char *id, int64_t token)
{
	must(snprintf(d->key, sizeof(d->key), "%sj:%s", q->prefix, id) <
	     QUEUE_KEY_MAX);
	d->args[0] = queue_arg(d->key);
	d->args[1] = queue_arg_int(token, d->token);
	return RARGS(1, d->args);
}

void queue_dot_ahead(struct queue *q, const char *id, int64_t token)
{
	struct dot_args d;

	q->asked_token = 0;
	if (!rconn_script_ask(q->r, &script_dot, dot_args(&d, q, id, token)))
		return;
	q->asked_token = token;
	q->asked_at_ms = ticks_ms();
}

/* Is there a question about this attempt, so young that its answer counts? */
static bool is_asked(const struct queue *q, int64_t token)
{
	return rconn_is_asked(q->r) && q->asked_token == token &&
	       ticks_ms() - q->asked_at_ms < AHEAD_MS;
}

int queue_dot(struct queue *q, const char *id, int64_t token,
	      struct fault *why)
{
	struct redisReply *reply = NULL;
	struct fault local = { .class = FAULT_REJECT };
	struct dot_args d;

	if (is_asked(q, token)) {
		reply = rconn_answer(q->r, &local);
		/* It may have come too late, too. */
		if (reply && ticks_ms() - q->asked_at_ms >= AHEAD_MS) {
			rreply_free(reply);
			reply = NULL;
		}
	}
	q->asked_token = 0;
	/* Scripts may be forgotten (NOSCRIPT); a lost connection is final. */
	if (!reply && local.class == FAULT_REJECT)
		return (int)queue_number(
			rconn_script(q->r, &script_dot,
				     dot_args(&d, q, id, token), why));
	if (!reply && why)
		*why = local;
	return (int)queue_number(reply);
}

int queue_reclaim(struct queue *q, const struct queue_reclaim_opts *opts,
		  struct queue_reclaimed *out, struct fault *why)
{
	char list[QUEUE_KEY_MAX];
	char name[QUEUE_KEY_MAX];
	char room[4][24];
	struct rarg args[16];
	struct redisReply *reply;

	list_key(q, opts->worker, list);
	worker_name(opts->worker, name);
	args[0] = queue_arg(list);
	args[1] = queue_arg(q->ready);
	args[2] = queue_arg(q->ready_bulk);
	args[3] = queue_arg(q->retry);
	args[4] = queue_arg(q->dead);
	args[5] = queue_arg(q->receipts);
	args[6] = queue_arg(q->stat);
	args[7] = queue_arg(q->prefix);
	args[8] = queue_arg(name);
	args[9] = queue_arg(opts->crashed ? "1" : "0");
	args[10] = queue_arg(opts->take_dot ? "1" : "0");
	args[11] = queue_arg_int(opts->max_crashes, room[0]);
	args[12] = queue_arg_int(opts->max_uncertain, room[1]);
	args[13] = queue_arg_int(opts->crash_pause_ms, room[2]);
	args[14] = queue_arg_int(opts->uncertain_pause_ms, room[3]);
	args[15] = queue_arg(opts->hold_kinds ? opts->hold_kinds : "");
	reply = rconn_script(q->r, &script_reclaim, RARGS(7, args), why);
	if (!reply)
		return -1;
	out->queued = (int)rreply_int(rreply_at(reply, 0));
	out->unsent = (int)rreply_int(rreply_at(reply, 1));
	out->uncertain = (int)rreply_int(rreply_at(reply, 2));
	out->stale = (int)rreply_int(rreply_at(reply, 3));
	rreply_free(reply);
	return 0;
}

/* Appends a word and a bar, which the word itself must not contain. */
static size_t put_word(char *out, size_t len, const char *word)
{
	char clean[65];

	str_printable(clean, sizeof(clean), word ? word : "");
	for (char *c = clean; *c; c++)
		if (*c == '|')
			*c = '/';
	(void)snprintf(out + len, QUEUE_SAID_MAX - len, "%s|", clean);
	return strlen(out);
}

void queue_said_format(const struct queue_said *said,
		       char out[QUEUE_SAID_MAX])
{
	char text[QUEUE_TEXT_MAX];
	char code[24] = "";
	size_t len = put_word(out, 0, said->verdict);

	len = put_word(out, len, said->relay);
	len = put_word(out, len, said->stage);
	if (said->code)
		(void)queue_arg_int(said->code, code);
	len = put_word(out, len, code);
	(void)snprintf(out + len, QUEUE_SAID_MAX - len, "%s",
		       str_printable(text, sizeof(text),
				     said->text ? said->text : ""));
}

int queue_ack(struct queue *q, const struct queue_end *end,
	      struct queue_job *next, struct fault *why)
{
	char line[QUEUE_SAID_MAX];
	char room[2][24];
	const char *relay = end->said->relay;
	const char *reply;
	struct take_args t;

	queue_said_format(end->said, line);
	/* The text is what follows the fourth bar. */
	reply = line;
	for (int i = 0; i < 4; i++)
		reply = strchr(reply, '|') + 1;
	take_args_init(&t, q, end->worker);
	t.args[t.count++] = queue_arg(end->id);
	t.args[t.count++] = queue_arg_int(end->token, room[0]);
	t.args[t.count++] = queue_arg_int(end->ttl_s, room[1]);
	t.args[t.count++] = queue_arg(relay ? relay : "");
	t.args[t.count++] = queue_arg(reply);
	t.args[t.count++] = queue_arg(line);
	t.args[t.count++] = queue_arg(next ? "1" : "0");
	return queue_begin_read(run(q, &script_ack, &t, why), next);
}

/* A script that ends an attempt: its keys are the worker's list and these, its
 * arguments prefix worker id token said and these.  NULL ends each list. */
struct ending {
	const struct rscript *script;
	const char *keys[4];
	const char *more[3];
};

static int end_attempt(struct queue *q, const struct queue_end *end,
		       const struct ending *e, struct fault *why)
{
	char list[QUEUE_KEY_MAX], name[QUEUE_KEY_MAX];
	char line[QUEUE_SAID_MAX], token[24];
	const char *const middle[] = { q->prefix, name, end->id, token, line };
	struct rarg args[16];
	size_t key_count = 0;
	size_t count;

	list_key(q, end->worker, list);
	worker_name(end->worker, name);
	queue_said_format(end->said, line);
	(void)queue_arg_int(end->token, token);
	args[key_count++] = queue_arg(list);
	for (size_t i = 0; e->keys[i]; i++)
		args[key_count++] = queue_arg(e->keys[i]);
	count = key_count;
	for (size_t i = 0; i < ARRAY_COUNT(middle); i++)
		args[count++] = queue_arg(middle[i]);
	for (size_t i = 0; e->more[i]; i++)
		args[count++] = queue_arg(e->more[i]);
	return (int)queue_number(
		rconn_script(q->r, e->script,
			     (struct rargs){ key_count, count, args }, why));
}

int queue_defer(struct queue *q, const struct queue_end *end,
		struct fault *why)
{
	static const char *const charges[] = {
		[QUEUE_CHARGE_NONE] = "none",
		[QUEUE_CHARGE_ATTEMPT] = "attempt",
		[QUEUE_CHARGE_UNCERTAIN] = "uncertain",
	};
	char delay[24];
	const struct ending e = { &script_defer, { q->retry, q->stat },
				  { delay, charges[end->charge] } };

	(void)queue_arg_int(end->delay_ms, delay);
	return end_attempt(q, end, &e, why);
}

int queue_release(struct queue *q, const struct queue_end *end,
		  struct fault *why)
{
	const struct ending e = { &script_release,
				  { q->ready, q->ready_bulk, q->stat },
				  { NULL } };

	return end_attempt(q, end, &e, why);
}

int queue_bury(struct queue *q, const struct queue_end *end,
	       struct fault *why)
{
	char text[QUEUE_TEXT_MAX];
	const struct ending e = {
		&script_bury, { q->dead, q->receipts, q->stat },
		{ str_printable(text, sizeof(text), end->reason) },
	};

	return end_attempt(q, end, &e, why);
}
