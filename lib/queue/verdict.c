/* SPDX-License-Identifier: MIT */
/* The ends of an attempt: ack, defer, release, bury, and what was said. */
#include "config.h"

#include "queue/queue.h"

#include "base/str.h"
#include "queue/keys.h"
#include "queue/lua_scripts.h"

#include <stdio.h>
#include <string.h>

/* Appends a word that stands before a bar, so must not hold one. */
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

int queue_ack(struct queue *q, const struct queue_worker *w, const char *id,
	      int64_t token, const struct queue_said *said, int64_t ttl_s,
	      struct queue_job *next, struct fault *why)
{
	char line[QUEUE_SAID_MAX];
	char room[2][24];
	struct queue_take_args t;
	struct redisReply *answer;

	queue_said_format(said, line);
	queue_take_args_init(&t, q, w, 3);
	t.args[QUEUE_TAKE_KEYS] = queue_arg(q->receipts);
	t.args[QUEUE_TAKE_KEYS + 1] = queue_arg(q->retry);
	t.args[QUEUE_TAKE_KEYS + 2] = queue_arg(q->dead);
	t.args[t.count++] = queue_arg(id);
	t.args[t.count++] = queue_arg_int(token, room[0]);
	t.args[t.count++] = queue_arg_int(ttl_s, room[1]);
	t.args[t.count++] = queue_arg(line);
	t.args[t.count++] = queue_arg(next ? "1" : "0");
	answer = rconn_script(q->r, &script_ack, QUEUE_TAKE_KEYS + 3, t.count,
			      t.args, why);
	return answer ? queue_begin_read(answer, next) : -1;
}

/* What each end of an attempt says of it, as texts. */
struct ending {
	char list[QUEUE_KEY_MAX];	/* the worker's */
	char name[QUEUE_KEY_MAX];	/* of the worker */
	char line[QUEUE_SAID_MAX];
	char token[24];
};

static void ending_init(struct ending *e, const struct queue *q,
			const struct queue_worker *w, int64_t token,
			const struct queue_said *said)
{
	queue_list_key(q, w, e->list);
	queue_worker_name(w, e->name);
	queue_said_format(said, e->line);
	(void)queue_arg_int(token, e->token);
}

/* Runs a script that says whether the job was still ours: 1, 0, or -1. */
static int end_attempt(struct queue *q, const struct rscript *script,
		       size_t keys, size_t count, const struct rarg *args,
		       struct fault *why)
{
	int64_t done;

	if (queue_run_int(q, script, keys, count, args, &done, why) == -1)
		return -1;
	return done != 0;
}

int queue_defer(struct queue *q, const struct queue_worker *w, const char *id,
		int64_t token, int64_t delay_ms, enum queue_charge charge,
		const struct queue_said *said, struct fault *why)
{
	static const char *const charges[] = {
		[QUEUE_CHARGE_NONE] = "none",
		[QUEUE_CHARGE_ATTEMPT] = "attempt",
		[QUEUE_CHARGE_UNCERTAIN] = "uncertain",
	};
	char delay[24];
	struct ending e;

	ending_init(&e, q, w, token, said);

	const struct rarg args[] = {
		queue_arg(e.list), queue_arg(q->retry), queue_arg(q->stat),
		queue_arg(q->prefix), queue_arg(e.name), queue_arg(id),
		queue_arg(e.token), queue_arg(e.line),
		queue_arg_int(delay_ms, delay), queue_arg(charges[charge]),
	};

	return end_attempt(q, &script_defer, 3, ARRAY_COUNT(args), args, why);
}

int queue_release(struct queue *q, const struct queue_worker *w,
		  const char *id, int64_t token, const struct queue_said *said,
		  struct fault *why)
{
	struct ending e;

	ending_init(&e, q, w, token, said);

	const struct rarg args[] = {
		queue_arg(e.list), queue_arg(q->ready),
		queue_arg(q->ready_bulk), queue_arg(q->stat),
		queue_arg(q->prefix), queue_arg(e.name), queue_arg(id),
		queue_arg(e.token), queue_arg(e.line),
	};

	return end_attempt(q, &script_release, 4, ARRAY_COUNT(args), args,
			   why);
}

int queue_bury(struct queue *q, const struct queue_worker *w, const char *id,
	       int64_t token, const char *reason,
	       const struct queue_said *said, struct fault *why)
{
	char text[QUEUE_TEXT_MAX];
	struct ending e;

	ending_init(&e, q, w, token, said);

	const struct rarg args[] = {
		queue_arg(e.list), queue_arg(q->dead), queue_arg(q->receipts),
		queue_arg(q->stat), queue_arg(q->prefix), queue_arg(e.name),
		queue_arg(id), queue_arg(e.token), queue_arg(e.line),
		queue_arg(str_printable(text, sizeof(text), reason)),
	};

	return end_attempt(q, &script_bury, 4, ARRAY_COUNT(args), args, why);
}
