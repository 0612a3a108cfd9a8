/* SPDX-License-Identifier: MIT */
/* Pauses, and what there is to see of the queue as a whole. */
#include "config.h"

#include "queue/operate.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/utext.h"
#include "queue/keys.h"
#include "queue/lua_scripts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Can it be paused?  What follows a colon must be a name. */
static bool is_pausable(const char *what)
{
	const char *colon = strchr(what, ':');

	if (strcmp(what, "queue") == 0 || strcmp(what, "lane:bulk") == 0)
		return true;
	if (!str_starts_with(what, "kind:") && !str_starts_with(what, "relay:"))
		return false;
	return colon[1] != '\0' && strlen(colon + 1) <= ENVELOPE_KIND_MAX &&
	       !utext_has_invisible(colon);
}

/* With a reason begins a pause; NULL ends it. */
static int set_pause(struct queue *q, const char *what, const char *reason,
		     struct fault *why)
{
	char text[QUEUE_TEXT_MAX];
	struct rarg args[] = {
		queue_arg(q->paused), queue_arg(q->stat), queue_arg(what),
		queue_arg(reason ? "1" : "0"),
		queue_arg(str_printable(text, sizeof(text),
					reason ? reason : "")),
	};

	if (!is_pausable(what))
		return fault_set(why, FAULT_REJECT,
				 "cannot pause \"%s\": only queue, lane:bulk, "
				 "kind:KIND and relay:NAME", what);
	return (int)queue_number(rconn_script(q->r, &script_pause,
					      RARGS(2, args), why));
}

int queue_pause(struct queue *q, const char *what, const char *reason,
		struct fault *why)
{
	return set_pause(q, what, reason, why);
}

int queue_resume(struct queue *q, const char *what, struct fault *why)
{
	return set_pause(q, what, NULL, why);
}

int queue_pauses(struct queue *q,
		 void (*each)(void *arg, const char *what, int64_t since_ms,
			      const char *reason),
		 void *arg, struct fault *why)
{
	struct redisReply *reply = rconn_words(q->r, why, "HGETALL", q->paused,
					       (char *)NULL);
	int count = 0;

	if (!reply)
		return -1;
	for (size_t i = 0; i + 1 < rreply_count(reply); i += 2) {
		char *since = alloc_text(rreply_text(rreply_at(reply, i + 1),
						     NULL));
		char *bar = strchr(since, '|');
		int64_t since_ms = 0;

		if (bar)
			*bar++ = '\0';
		(void)str_to_int(since, 0, INT64_MAX, &since_ms);
		each(arg, rreply_text(rreply_at(reply, i), NULL), since_ms,
		     bar ? bar : "");
		free(since);
		count++;
	}
	rreply_free(reply);
	return count;
}

int queue_stats(struct queue *q,
		void (*each)(void *arg, const char *name, int64_t value),
		void *arg, struct fault *why)
{
	return queue_each_int(rconn_words(q->r, why, "HGETALL", q->stat,
					  (char *)NULL), each, arg);
}

int queue_oldest(struct queue *q, struct queue_ages *out, struct fault *why)
{
	struct rarg args[] = {
		queue_arg(q->ready), queue_arg(q->ready_bulk),
		queue_arg(q->retry), queue_arg(q->dead), queue_arg(q->prefix),
	};
	struct redisReply *reply = rconn_script(q->r, &script_ages,
						RARGS(4, args), why);

	if (!reply)
		return -1;
	*out = (struct queue_ages){
		.ready = rreply_int(rreply_at(reply, 0)),
		.bulk = rreply_int(rreply_at(reply, 1)),
		.retry = rreply_int(rreply_at(reply, 2)),
		.dead = rreply_int(rreply_at(reply, 3)),
	};
	rreply_free(reply);
	return 0;
}

int queue_statuses(struct queue *q,
		   void (*each)(void *arg, const char *instance,
				const char *json),
		   void *arg, struct fault *why)
{
	struct redisReply *names = rconn_words(q->r, why, "HKEYS", q->inst,
					       (char *)NULL);
	int count = names ? 0 : -1;

	for (size_t i = 0; i < rreply_count(names) && count != -1; i++) {
		const char *name = rreply_text(rreply_at(names, i), NULL);
		char key[QUEUE_KEY_MAX];
		struct redisReply *json;

		queue_status_key(q, name, key);
		json = rconn_words(q->r, why, "GET", key, (char *)NULL);
		if (!json) {
			count = -1;
			break;
		}
		each(arg, name, rreply_text(json, NULL));
		rreply_free(json);
		count++;
	}
	rreply_free(names);
	return count;
}

int queue_malformed(struct queue *q, const struct queue_malformed_opts *opts,
		    struct fault *why)
{
	char first[24], last[24];
	struct redisReply *reply;
	size_t i = 0;

	(void)queue_arg_int(opts->offset, first);
	(void)queue_arg_int(opts->offset + opts->max - 1, last);
	reply = rconn_words(q->r, why, "LRANGE", q->malformed, first, last,
			    (char *)NULL);
	if (!reply)
		return -1;
	for (; i < rreply_count(reply); i++) {
		size_t len;
		const char *raw = rreply_text(rreply_at(reply, i), &len);

		opts->each(opts->arg, opts->offset + (int64_t)i, raw, len);
	}
	rreply_free(reply);
	return (int)i;
}

int queue_malformed_clear(struct queue *q, struct fault *why)
{
	struct rarg args[] = { queue_arg(q->malformed) };

	return (int)queue_number(rconn_script(q->r, &script_malformed,
					      RARGS(1, args), why));
}
