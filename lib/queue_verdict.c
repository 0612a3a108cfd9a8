/* SPDX-License-Identifier: MIT */
/* The ends of an attempt: ack, defer, release, bury, and what was said. */
#include "config.h"

#include "queue.h"

#include "lua_scripts.h"
#include "queue_keys.h"
#include "str.h"

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

int queue_defer(struct queue *q, const struct queue_worker *w, const char *id,
		int64_t token, int64_t delay_ms, enum queue_charge charge,
		const struct queue_said *said, struct fault *why)
{
	static const char *const charges[] = {
		[QUEUE_CHARGE_NONE] = "none",
		[QUEUE_CHARGE_ATTEMPT] = "attempt",
		[QUEUE_CHARGE_UNCERTAIN] = "uncertain",
	};
	char list[QUEUE_KEY_MAX];
	char name[QUEUE_KEY_MAX];
	char line[QUEUE_SAID_MAX];
	char room[2][24];
	struct rarg args[] = {
		queue_arg(""), queue_arg(q->retry), queue_arg(q->stat),
		queue_arg(q->prefix), queue_arg(""), queue_arg(id),
		queue_arg_int(token, room[0]), queue_arg(""),
		queue_arg_int(delay_ms, room[1]), queue_arg(charges[charge]),
	};
	int64_t done;

	queue_list_key(q, w, list);
	queue_worker_name(w, name);
	queue_said_format(said, line);
	args[0] = queue_arg(list);
	args[4] = queue_arg(name);
	args[7] = queue_arg(line);
	if (queue_run_int(q, &script_defer, 3, ARRAY_COUNT(args), args, &done,
			  why) == -1)
		return -1;
	return done != 0;
}

int queue_release(struct queue *q, const struct queue_worker *w,
		  const char *id, int64_t token, const struct queue_said *said,
		  struct fault *why)
{
	char list[QUEUE_KEY_MAX];
	char name[QUEUE_KEY_MAX];
	char line[QUEUE_SAID_MAX];
	char room[24];
	struct rarg args[] = {
		queue_arg(""), queue_arg(q->ready), queue_arg(q->ready_bulk),
		queue_arg(q->stat), queue_arg(q->prefix), queue_arg(""),
		queue_arg(id), queue_arg_int(token, room), queue_arg(""),
	};
	int64_t done;

	queue_list_key(q, w, list);
	queue_worker_name(w, name);
	queue_said_format(said, line);
	args[0] = queue_arg(list);
	args[5] = queue_arg(name);
	args[8] = queue_arg(line);
	if (queue_run_int(q, &script_release, 4, ARRAY_COUNT(args), args,
			  &done, why) == -1)
		return -1;
	return done != 0;
}

int queue_bury(struct queue *q, const struct queue_worker *w, const char *id,
	       int64_t token, const char *reason,
	       const struct queue_said *said, struct fault *why)
{
	char list[QUEUE_KEY_MAX];
	char name[QUEUE_KEY_MAX];
	char line[QUEUE_SAID_MAX];
	char text[QUEUE_TEXT_MAX];
	char room[24];
	struct rarg args[] = {
		queue_arg(""), queue_arg(q->dead), queue_arg(q->receipts),
		queue_arg(q->stat), queue_arg(q->prefix), queue_arg(""),
		queue_arg(id), queue_arg_int(token, room), queue_arg(""),
		queue_arg(str_printable(text, sizeof(text), reason)),
	};
	int64_t done;

	queue_list_key(q, w, list);
	queue_worker_name(w, name);
	queue_said_format(said, line);
	args[0] = queue_arg(list);
	args[5] = queue_arg(name);
	args[8] = queue_arg(line);
	if (queue_run_int(q, &script_bury, 4, ARRAY_COUNT(args), args, &done,
			  why) == -1)
		return -1;
	return done != 0;
}
