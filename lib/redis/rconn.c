/* SPDX-License-Identifier: MIT */
/* One connection to Redis: commands, scripts, and what their faults mean. */
#include "config.h"

#include "redis/rconn.h"

#include "base/str.h"
#include "base/ticks.h"
#include "daemon/prefork.h"
#include "redis/impl.h"

#include <hiredis.h>

#include <errno.h>
#include <string.h>

#define BLOCKING_ARGS_MAX 16

void rconn_close(struct rconn *r)
{
	if (r->ctx)
		redisFree(r->ctx);
	r->ctx = NULL;
	memset(r->hashes, 0, sizeof(r->hashes));
}

void rconn_abandon(struct rconn *r)
{
	/* redisFree() writes nothing: closing our copy of the descriptor does
	 * not disturb the parent's connection. */
	rconn_close(r);
}

bool rconn_is_open(const struct rconn *r)
{
	return r->ctx != NULL;
}

const char *rconn_run_id(const struct rconn *r)
{
	return r->run_id;
}

bool rconn_was_oom(const struct rconn *r)
{
	return r->oom;
}

int rconn_fail_io(struct rconn *r, const char *what, struct fault *why)
{
	char text[160];

	if (r->ctx && r->ctx->err == REDIS_ERR_IO && errno == EAGAIN)
		(void)str_copy(text, sizeof(text), "no answer in time");
	else
		str_printable(text, sizeof(text),
			      r->ctx ? r->ctx->errstr : "out of memory");
	rconn_close(r);
	return fault_set(why, FAULT_RETRY, "redis %s: %s: %s", r->host, what,
			 text);
}

/* Answers after which this connection must not be used any more. */
static bool is_wrong_server(const char *error)
{
	static const char *const words[] = {
		"READONLY", "LOADING", "MASTERDOWN", "MISCONF", "UNBLOCKED",
		"NOREPLICAS", "CLUSTERDOWN", "MOVED", "TRYAGAIN",
	};

	/* Up to Redis 6.2, what stopped a script stands within its error:
	 * "ERR Error running script (...): -READONLY ...". */
	const char *inner = str_starts_with(error, "ERR Error running script")
			    ? strstr(error, ": -") : NULL;

	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (str_starts_with(error, words[i]) ||
		    (inner && str_starts_with(inner + 3, words[i])))
			return true;
	return false;
}

/* Turns an error answer into a fault; takes the reply. */
static redisReply *check_reply(struct rconn *r, const char *what,
			       redisReply *reply, struct fault *why)
{
	char text[160];

	r->oom = false;
	if (reply->type != REDIS_REPLY_ERROR)
		return reply;
	str_printable(text, sizeof(text), reply->str);
	freeReplyObject(reply);
	if (str_starts_with(text, "NOAUTH") ||
	    str_starts_with(text, "WRONGPASS") ||
	    str_starts_with(text, "NOPERM") ||
	    str_starts_with(text, "ERR invalid password")) {
		rconn_close(r);
		fault_set(why, FAULT_CONFIG, "redis %s: %s: %s", r->host, what,
			  text);
	} else if (is_wrong_server(text)) {
		rconn_close(r);
		fault_set(why, FAULT_RETRY, "redis %s: %s: %s", r->host, what,
			  text);
	} else {
		/* Within a script the code may stand behind "ERR ". */
		r->oom = strstr(text, "OOM ") != NULL;
		fault_set(why, FAULT_REJECT, "redis %s: %s: %s", r->host, what,
			  text);
	}
	return NULL;
}

redisReply *rconn_call_open(struct rconn *r, size_t count,
			    const struct rarg *args, struct fault *why)
{
	const char *argv[RCONN_ARGS_MAX];
	size_t lens[RCONN_ARGS_MAX];
	redisReply *reply;

	must(count > 0 && count <= RCONN_ARGS_MAX);
	for (size_t i = 0; i < count; i++) {
		argv[i] = args[i].data;
		lens[i] = args[i].len;
	}
	errno = 0;
	reply = redisCommandArgv(r->ctx, (int)count, argv, lens);
	if (!reply) {
		rconn_fail_io(r, argv[0], why);
		return NULL;
	}
	return check_reply(r, argv[0], reply, why);
}

redisReply *rconn_call(struct rconn *r, size_t count, const struct rarg *args,
		       struct fault *why)
{
	if (rconn_open(r, why) == -1)
		return NULL;
	return rconn_call_open(r, count, args, why);
}

/* Sends what is buffered.  Returns 0, or -1 (closed). */
static int flush(struct rconn *r, const char *what, struct fault *why)
{
	int done = 0;

	while (!done) {
		errno = 0;
		if (redisBufferWrite(r->ctx, &done) != REDIS_OK)
			return rconn_fail_io(r, what, why);
	}
	return 0;
}

redisReply *rconn_blocking_call(struct rconn *r, int wait_ms, size_t count,
				const struct rarg *args, struct fault *why)
{
	const char *argv[BLOCKING_ARGS_MAX];
	size_t lens[BLOCKING_ARGS_MAX];
	struct pollfd pfd = { .events = POLLIN };
	void *reply = NULL;
	int64_t until_ms;

	must(count > 0 && count <= BLOCKING_ARGS_MAX);
	if (rconn_open(r, why) == -1)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		argv[i] = args[i].data;
		lens[i] = args[i].len;
	}
	if (redisAppendCommandArgv(r->ctx, (int)count, argv, lens) != REDIS_OK) {
		rconn_fail_io(r, argv[0], why);
		return NULL;
	}
	if (flush(r, argv[0], why) == -1)
		return NULL;
	until_ms = ticks_ms() + wait_ms + r->command_timeout_ms;
	pfd.fd = r->ctx->fd;
	while (!reply) {
		int64_t left_ms = until_ms - ticks_ms();
		int ready = prefork_poll(&pfd, 1, left_ms > 0 ? (int)left_ms : 0);

		if (ready == -1) {
			/* Asked to stop.  Whatever Redis answers now is in the
			 * processing list and will be reclaimed. */
			rconn_close(r);
			fault_set(why, FAULT_NONE, "asked to stop");
			return NULL;
		}
		if (ready == 0) {
			rconn_close(r);
			fault_set(why, FAULT_RETRY,
				  "redis %s: %s: no answer in time", r->host,
				  argv[0]);
			return NULL;
		}
		errno = 0;
		if (redisBufferRead(r->ctx) != REDIS_OK ||
		    redisGetReplyFromReader(r->ctx, &reply) != REDIS_OK) {
			rconn_fail_io(r, argv[0], why);
			return NULL;
		}
	}
	return check_reply(r, argv[0], reply, why);
}

static int load_script(struct rconn *r, const struct rscript *script,
		       struct fault *why)
{
	struct rarg args[] = {
		{ "SCRIPT", 6 }, { "LOAD", 4 },
		{ script->text, strlen(script->text) },
	};
	redisReply *reply = rconn_call_open(r, 3, args, why);
	int result = 0;

	if (!reply)
		return -1;
	if (!reply->str || !str_copy(r->hashes[script->index],
				     sizeof(r->hashes[0]), reply->str))
		result = fault_set(why, FAULT_REJECT,
				   "redis %s: SCRIPT LOAD %s gave no hash",
				   r->host, script->name);
	freeReplyObject(reply);
	return result;
}

redisReply *rconn_script(struct rconn *r, const struct rscript *script,
			 size_t key_count, size_t count,
			 const struct rarg *args, struct fault *why)
{
	struct rarg all[RCONN_ARGS_MAX];
	char keys[16];
	struct fault inner;

	must(script->index < RSCRIPT_MAX && count + 3 <= RCONN_ARGS_MAX);
	(void)snprintf(keys, sizeof(keys), "%zu", key_count);
	all[0] = (struct rarg){ "EVALSHA", 7 };
	all[2] = (struct rarg){ keys, strlen(keys) };
	memcpy(all + 3, args, count * sizeof(*args));
	for (int round = 0;; round++) {
		redisReply *reply;

		if (rconn_open(r, why) == -1)
			return NULL;
		if (!r->hashes[script->index][0] &&
		    load_script(r, script, why) == -1)
			return NULL;
		all[1] = (struct rarg){ r->hashes[script->index], 40 };
		reply = rconn_call_open(r, count + 3, all, &inner);
		if (reply)
			return reply;
		/* A FLUSHALL or SCRIPT FLUSH forgets scripts. */
		if (round == 0 && strstr(inner.text, "NOSCRIPT")) {
			r->hashes[script->index][0] = '\0';
			continue;
		}
		fault_set(why, inner.class, "%s (script %s)", inner.text,
			  script->name);
		return NULL;
	}
}
