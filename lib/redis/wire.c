/* SPDX-License-Identifier: MIT */
/* One connection to Redis: connecting, one command, and what it answers. */
#include "config.h"

#include "redis/rconn.h"

#include "base/alloc.h"
#include "base/fdio.h"
#include "base/str.h"
#include "daemon/names.h"
#include "redis/impl.h"

#include <hiredis.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void rreply_free(redisReply *reply)
{
	if (reply)
		freeReplyObject(reply);
}

bool rreply_is_nil(const redisReply *reply)
{
	return !reply || reply->type == REDIS_REPLY_NIL;
}

int64_t rreply_int(const redisReply *reply)
{
	int64_t value;

	if (!reply)
		return 0;
	if (reply->type == REDIS_REPLY_INTEGER)
		return reply->integer;
	if (reply->type == REDIS_REPLY_STRING &&
	    str_to_int(reply->str, INT64_MIN, INT64_MAX, &value))
		return value;
	return 0;
}

const char *rreply_text(const redisReply *reply, size_t *len_out)
{
	bool has = reply && (reply->type == REDIS_REPLY_STRING ||
			     reply->type == REDIS_REPLY_STATUS);

	if (len_out)
		*len_out = has ? (size_t)reply->len : 0;
	return has ? reply->str : "";
}

size_t rreply_count(const redisReply *reply)
{
	return reply && reply->type == REDIS_REPLY_ARRAY ? reply->elements : 0;
}

const redisReply *rreply_at(const redisReply *reply, size_t i)
{
	return i < rreply_count(reply) ? reply->element[i] : NULL;
}

void rconn_close(struct rconn *r)
{
	if (r->ctx)
		redisFree(r->ctx);
	r->ctx = NULL;
	r->asked = NULL;
	memset(r->hashes, 0, sizeof(r->hashes));
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
	return fault_set(why, FAULT_RETRY, "redis %s: %s: %s", r->where, what,
			 text);
}

/* Answers after which this connection must not be used any more. */
static bool is_wrong_server(const char *error)
{
	static const char *const words[] = {
		"READONLY", "LOADING", "MASTERDOWN", "MISCONF", "UNBLOCKED",
		"NOREPLICAS", "CLUSTERDOWN", "MOVED", "ASK ", "TRYAGAIN",
	};

	/* Up to Redis 6.2, what stopped a script stands within its error:
	 * "ERR Error running script (...): -READONLY ...". */
	const char *inner = str_starts_with(error, "ERR Error running script")
			    ? strstr(error, ": -") : NULL;

	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (str_starts_with(error, words[i]) ||
		    (inner && str_starts_with(inner + 3, words[i])))
			return true;
	/* What stops a script within a cluster has no word of its own. */
	return strstr(error, "Script attempted to access a non local key") ||
	       strstr(error, "while the cluster is down") ||
	       strstr(error, "command while the cluster is");
}

/* What to do about it: a person must change a setting, or nothing. */
static const char *advice(const struct rconn *r, const char *error)
{
	if (!r->group && str_starts_with(error, "MOVED"))
		return " (a node of a cluster: write redis = cluster:"
		       "HOST:PORT,HOST:PORT)";
	if (str_starts_with(error, "ASK ") ||
	    str_starts_with(error, "TRYAGAIN"))
		return " (the slot is being moved to another node)";
	return "";
}

redisReply *rconn_reply_check(struct rconn *r, const char *what,
			      redisReply *reply, struct fault *why)
{
	enum fault_class class = FAULT_REJECT;
	char text[160];

	r->oom = false;
	if (reply->type != REDIS_REPLY_ERROR)
		return reply;
	str_printable(text, sizeof(text), reply->str);
	freeReplyObject(reply);
	if (str_starts_with(text, "NOAUTH") ||
	    str_starts_with(text, "WRONGPASS") ||
	    str_starts_with(text, "NOPERM") ||
	    str_starts_with(text, "ERR invalid password"))
		class = FAULT_CONFIG;
	else if (is_wrong_server(text))
		class = FAULT_RETRY;
	/* Within a script the code may stand behind "ERR ". */
	r->oom = class == FAULT_REJECT && strstr(text, "OOM ") != NULL;
	if (class != FAULT_REJECT)
		rconn_close(r);
	fault_set(why, class, "redis %s: %s: %s%s", r->where, what, text,
		  advice(r, text));
	return NULL;
}

/* Reads the answer to what was asked ahead.  NULL (closed) with *why. */
static redisReply *read_answer(struct rconn *r, struct fault *why)
{
	void *reply = NULL;

	errno = 0;
	if (redisGetReply(r->ctx, &reply) == REDIS_OK) {
		r->asked = NULL;
		return reply;
	}
	rconn_fail_io(r, r->asked, why);
	return NULL;
}

int rconn_drop_answer(struct rconn *r, struct fault *why)
{
	redisReply *reply;

	if (!r->asked)
		return 0;
	reply = read_answer(r, why);
	rreply_free(reply);
	return reply ? 0 : -1;
}

bool rconn_is_asked(const struct rconn *r)
{
	return r->asked != NULL;
}

redisReply *rconn_answer(struct rconn *r, struct fault *why)
{
	const char *what = r->asked;
	redisReply *reply;

	must(what);
	reply = read_answer(r, why);
	return reply ? rconn_reply_check(r, what, reply, why) : NULL;
}

redisReply *rconn_call_open(struct rconn *r, size_t count,
			    const struct rarg *args, struct fault *why)
{
	const char *argv[RCONN_ARGS_MAX];
	size_t lens[RCONN_ARGS_MAX];
	redisReply *reply;

	must(count > 0 && count <= RCONN_ARGS_MAX);
	if (rconn_drop_answer(r, why) == -1)
		return NULL;
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
	return rconn_reply_check(r, argv[0], reply, why);
}

bool rconn_place_read(const char *text, size_t len, char **host, int *port)
{
	char *copy = alloc_textn(text, len);
	char *colon = strrchr(copy, ':');
	size_t host_len = colon ? (size_t)(colon - copy) : 0;
	int64_t number;
	bool good = host_len > 0 && str_to_int(colon + 1, 1, 65535, &number);
	bool bracketed = good && copy[0] == '[' && colon[-1] == ']';

	for (size_t i = 0; good && i < host_len; i++)
		good = copy[i] > ' ' && copy[i] <= '~' && copy[i] != '@' &&
		       copy[i] != ',';
	if (good && bracketed)
		good = host_len > 2;
	if (good) {
		*host = bracketed ? alloc_textn(copy + 1, host_len - 2)
				  : alloc_textn(copy, host_len);
		*port = (int)number;
	}
	free(copy);
	return good;
}

int rconn_ctx_set_up(redisContext *ctx, int limit_ms)
{
	struct timeval tv = { limit_ms / 1000, limit_ms % 1000 * 1000 };

	return fdio_cloexec_set(ctx->fd) == -1 ||
	       redisSetTimeout(ctx, tv) != REDIS_OK ? -1 : 0;
}

static int log_in(struct rconn *r, struct fault *why)
{
	struct rarg args[3] = { { "AUTH", 4 } };
	size_t count = 1;
	redisReply *reply;

	if (!r->password)
		return 0;
	/* Redis before 6 knows no users, and takes a password alone. */
	if (r->user)
		args[count++] = (struct rarg){ r->user, strlen(r->user) };
	args[count++] = (struct rarg){ r->password, strlen(r->password) };
	reply = rconn_call_open(r, count, args, why);
	if (!reply)
		return -1;
	freeReplyObject(reply);
	return 0;
}

static int read_server(struct rconn *r, struct fault *why)
{
	static const struct rarg args[] = { { "INFO", 4 }, { "server", 6 } };
	redisReply *reply = rconn_call_open(r, 2, args, why);
	const char *found;
	size_t len;

	if (!reply)
		return -1;
	r->run_id[0] = '\0';
	found = reply->str ? strstr(reply->str, "run_id:") : NULL;
	if (found) {
		found += strlen("run_id:");
		len = strcspn(found, "\r\n");
		if (len < sizeof(r->run_id)) {
			memcpy(r->run_id, found, len);
			r->run_id[len] = '\0';
		}
	}
	/* "redis_mode", "server_mode" in Valkey. */
	r->clustered = reply->str && strstr(reply->str, "_mode:cluster");
	freeReplyObject(reply);
	return 0;
}

/* A replica takes nothing: where is its master?  Returns -1. */
static int refuse_replica(const struct rconn *r, const redisReply *role,
			  struct fault *why)
{
	char host[80];

	str_printable(host, sizeof(host),
		      rreply_text(rreply_at(role, 1), NULL));
	if (r->group || *host == '\0')
		return fault_set(why, FAULT_RETRY,
				 "redis %s is no master (now)", r->where);
	return fault_set(why, FAULT_RETRY, "redis %s is a replica of %s port "
			 "%d and takes no mails: write where the master is, or "
			 "redis = sentinel:NAME@HOST:PORT,... so that it is "
			 "asked for", r->where, host,
			 (int)rreply_int(rreply_at(role, 2)));
}

static int check_role(struct rconn *r, struct fault *why)
{
	static const struct rarg args[] = { { "ROLE", 4 } };
	redisReply *reply = rconn_call_open(r, 1, args, why);
	int result = 0;

	if (!reply)
		return -1;
	if (strcmp(rreply_text(rreply_at(reply, 0), NULL), "master") != 0) {
		result = refuse_replica(r, reply, why);
		rconn_close(r);
	}
	freeReplyObject(reply);
	return result;
}

/* Whatever a node thinks, this it answers only if our keys are there. */
static int check_slot(struct rconn *r, struct fault *why)
{
	struct rarg args[] = { { "EXISTS", 6 }, { r->guard, 0 } };
	redisReply *reply;

	if (!r->clustered || !r->guard)
		return 0;
	args[1].len = strlen(r->guard);
	reply = rconn_call_open(r, 2, args, why);
	rreply_free(reply);
	return reply ? 0 : -1;
}

int rconn_verify(struct rconn *r, struct fault *why)
{
	int opened = rconn_open(r, why);
	redisReply *pong;

	if (opened == -1)
		return -1;
	pong = rconn_words(r, why, "PING", (char *)NULL);
	if (!pong)
		return -1;
	freeReplyObject(pong);
	/* A new connection was asked the others already. */
	return opened || (check_role(r, why) == 0 && check_slot(r, why) == 0)
	       ? 0 : -1;
}

static redisContext *dial_address(const char *address, int port, int limit_ms,
				  char said[RCONN_SAID])
{
	struct timeval tv = { limit_ms / 1000, limit_ms % 1000 * 1000 };
	redisContext *ctx = redisConnectWithTimeout(address, port, tv);

	if (ctx && !ctx->err)
		return ctx;
	str_printable(said, RCONN_SAID, ctx ? ctx->errstr : "out of memory");
	if (ctx)
		redisFree(ctx);
	return NULL;
}

static redisContext *dial_place(const struct rconn *r,
				const struct place *place, int limit_ms,
				char said[RCONN_SAID])
{
	struct names_found found;
	redisContext *ctx = NULL;

	if (!r->names)
		return dial_address(place->host, place->port, limit_ms, said);
	names_find(r->names, place->host, &found);
	if (found.count == 0)
		(void)str_copy(said, RCONN_SAID, "its address is not known");
	for (size_t i = 0; i < found.count && !ctx; i++)
		ctx = dial_address(found.address[i], place->port,
				   limit_ms / (int)found.count, said);
	if (!ctx)
		names_doubt(r->names, place->host);
	return ctx;
}

redisContext *rconn_dial(const struct rconn *r, const struct place *place,
			 int limit_ms, char said[RCONN_SAID])
{
	redisContext *ctx = dial_place(r, place, limit_ms, said);
	bool good = false;

	if (!ctx)
		return NULL;
	if (rconn_ctx_set_up(ctx, limit_ms) == -1)
		(void)str_copy(said, RCONN_SAID, "cannot set it up");
	else
		good = !r->tls ||
		       rconn_tls_shake(r->tls, ctx, place->host, said) == 0;
	if (good)
		return ctx;
	redisFree(ctx);
	return NULL;
}

int rconn_open_direct(struct rconn *r, int limit_ms, struct fault *why)
{
	struct timeval tv = { limit_ms / 1000, limit_ms % 1000 * 1000 };
	char said[RCONN_SAID];

	errno = 0;
	if (r->port) {
		const struct place place = { .host = r->host, .port = r->port };

		r->ctx = rconn_dial(r, &place, limit_ms, said);
		if (!r->ctx)
			return fault_set(why, FAULT_RETRY,
					 "redis %s: connect: %s", r->where,
					 said);
	} else {
		r->ctx = redisConnectUnixWithTimeout(r->host, tv);
		if (!r->ctx || r->ctx->err)
			return rconn_fail_io(r, "connect", why);
		if (rconn_ctx_set_up(r->ctx, limit_ms) == -1)
			return rconn_fail_io(r, "set up", why);
	}
	if (log_in(r, why) == -1 || read_server(r, why) == -1 ||
	    check_role(r, why) == -1 || check_slot(r, why) == -1) {
		rconn_close(r);
		return -1;
	}
	return 0;
}
