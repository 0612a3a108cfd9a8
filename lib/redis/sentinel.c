/* SPDX-License-Identifier: MIT */
/*
 * Redis Sentinel: asks where the master of a group is, and goes there.
 *
 * The sentinels are asked in turn, each with a share of the time that is left,
 * the one that knew it last first.  Their word is not enough: who is found must
 * say itself that it is a master (a sentinel may be behind, or cut off).
 */
#include "config.h"

#include "redis/rconn.h"

#include "base/alloc.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/ticks.h"
#include "redis/impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SENTINELS_MAX 9
#define NAME_MAX_BYTES 64	/* of a group */
#define STEP_MIN_MS 20		/* shortest limit of one step */

struct place {
	char *host;
	int port;
};

struct rconn_group {
	char *name;		/* of the master, as the sentinels call it */
	char *password;		/* of the sentinels, NULL = none */
	struct place places[SENTINELS_MAX];
	size_t count;
};

void rconn_group_free(struct rconn_group *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->count; i++)
		free(g->places[i].host);
	free(g->name);
	secret_free(g->password);
	free(g);
}

struct rconn_group *rconn_group_new(const char *text, const char *password,
				    struct fault *why)
{
	struct rconn_group *g = alloc_zeroed(1, sizeof(*g));
	const char *at = strchr(text, '@');
	const char *p = at;

	if (!at || !str_is_name(text, (size_t)(at - text), NAME_MAX_BYTES))
		goto refuse;
	g->name = alloc_textn(text, (size_t)(at - text));
	while (p && g->count < SENTINELS_MAX) {
		struct place *place = &g->places[g->count];
		size_t len = strcspn(++p, ",");

		if (!rconn_place_read(p, len, &place->host, &place->port))
			goto refuse;
		g->count++;
		p = p[len] ? p + len : NULL;
	}
	if (p)
		goto refuse;	/* more than we take */
	if (password && password[0])
		g->password = alloc_text(password);
	return g;
refuse:
	fault_set(why, FAULT_CONFIG,
		  "redis: \"sentinel:%s\" is not sentinel:NAME@HOST:PORT,... "
		  "(at most %d)", text, SENTINELS_MAX);
	rconn_group_free(g);
	return NULL;
}

const char *rconn_group_name(const struct rconn_group *g)
{
	return g->name;
}

/* ---- asking one sentinel ------------------------------------------------ */

static int refuse(const struct place *place, const char *text,
		  struct fault *why)
{
	char said[120];

	str_printable(said, sizeof(said), text);
	return fault_set(why, FAULT_RETRY, "sentinel %s:%d: %s", place->host,
			 place->port, said);
}

/* Passes an answer on: NULL if it is an error, which it frees. */
static redisReply *checked(const redisContext *ctx, redisReply *reply,
			   const struct place *place, struct fault *why)
{
	if (!reply) {
		(void)refuse(place, ctx->err == REDIS_ERR_IO &&
			     errno == EAGAIN ? "no answer in time"
			     : ctx->errstr, why);
		return NULL;
	}
	if (reply->type != REDIS_REPLY_ERROR)
		return reply;
	(void)refuse(place, reply->str, why);
	freeReplyObject(reply);
	return NULL;
}

static int sentinel_log_in(const struct rconn_group *g, redisContext *ctx,
			   const struct place *place, struct fault *why)
{
	redisReply *reply;

	if (!g->password)
		return 0;
	errno = 0;
	reply = checked(ctx, redisCommand(ctx, "AUTH %s", g->password), place,
			why);
	if (!reply)
		return -1;
	freeReplyObject(reply);
	return 0;
}

/* Reads {host, port}; both are the caller's. */
static int read_master(const struct rconn_group *g, const redisReply *reply,
		       const struct place *place, struct place *out,
		       struct fault *why)
{
	int64_t port;
	char said[100];

	if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
	    rreply_text(reply->element[0], NULL)[0] != '\0' &&
	    str_to_int(rreply_text(reply->element[1], NULL), 1, 65535,
		       &port)) {
		out->host = alloc_text(reply->element[0]->str);
		out->port = (int)port;
		return 0;
	}
	(void)snprintf(said, sizeof(said), "does not know \"%s\"", g->name);
	return refuse(place, said, why);
}

static int ask(const struct rconn *r, const struct place *place, int limit_ms,
	       struct place *out, struct fault *why)
{
	const struct rconn_group *g = r->group;
	char said[RCONN_SAID];
	redisContext *ctx;
	redisReply *reply = NULL;
	int result = -1;

	ctx = rconn_dial(r->names, place->host, place->port, limit_ms, said);
	if (!ctx)
		return refuse(place, said, why);
	if (rconn_ctx_set_up(ctx, limit_ms) == -1) {
		(void)refuse(place, "cannot set it up", why);
		goto out;
	}
	if (sentinel_log_in(g, ctx, place, why) == -1)
		goto out;
	errno = 0;
	reply = checked(ctx, redisCommand(ctx, "SENTINEL "
					  "get-master-addr-by-name %s",
					  g->name), place, why);
	if (reply)
		result = read_master(g, reply, place, out, why);
out:
	if (reply)
		freeReplyObject(reply);
	redisFree(ctx);
	return result;
}

/* ---- going there -------------------------------------------------------- */

static int check_role(struct rconn *r, struct fault *why)
{
	static const struct rarg args[] = { { "ROLE", 4 } };
	redisReply *reply = rconn_call_open(r, 1, args, why);
	bool is_master;

	if (!reply)
		return -1;
	is_master = strcmp(rreply_text(rreply_at(reply, 0), NULL),
			   "master") == 0;
	freeReplyObject(reply);
	if (is_master)
		return 0;
	rconn_close(r);
	return fault_set(why, FAULT_RETRY, "redis %s:%d is no master (now)",
			 r->host, r->port);
}

/* The one that led us there is asked first next time. */
static void prefer(struct rconn_group *g, size_t index)
{
	struct place good = g->places[index];

	memmove(g->places + 1, g->places, index * sizeof(good));
	g->places[0] = good;
}

static int limit_of(int64_t until_ms, size_t steps)
{
	int64_t left_ms = (until_ms - ticks_ms()) / (int64_t)steps;

	return left_ms > STEP_MIN_MS ? (int)left_ms : STEP_MIN_MS;
}

int rconn_group_open(struct rconn *r, struct fault *why)
{
	struct rconn_group *g = r->group;
	int64_t until_ms = ticks_ms() + r->connect_timeout_ms +
			   r->command_timeout_ms;

	for (size_t i = 0; i < g->count; i++) {
		struct place master = { .host = NULL };
		/* Those that are still to be asked, and two for the master. */
		size_t steps = g->count - i + 2;

		if (ask(r, &g->places[i], limit_of(until_ms, steps), &master,
			why) == -1)
			continue;
		free(r->host);
		r->host = master.host;
		r->port = master.port;
		if (rconn_open_direct(r, limit_of(until_ms, steps - 1),
				      why) == -1 ||
		    check_role(r, why) == -1)
			continue;
		prefer(g, i);
		return 0;
	}
	return -1;
}
