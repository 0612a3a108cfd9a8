/* SPDX-License-Identifier: MIT */
/*
 * Redis with several servers: asks where the master is, and goes there.
 *
 * The places are asked in turn, each with a share of the time that is left, the
 * one that knew it last first.  Their word is not enough: who is found must say
 * itself that it is a master and serves our keys (whoever was asked may be
 * behind, or cut off).  If it does not the next is asked, never the same again.
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

#define STEP_MIN_MS 20		/* shortest limit of one step */

void rconn_group_free(struct rconn_group *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->count; i++)
		free(g->places[i].host);
	free(g->name);
	free(g->user);
	secret_free(g->password);
	free(g);
}

bool rconn_group_read(struct rconn_group *g, const char *text)
{
	const char *p = text;

	while (g->count < GROUP_LISTED_MAX) {
		struct place *place = &g->places[g->count];
		size_t len = strcspn(p, ",");

		if (!rconn_place_read(p, len, &place->host, &place->port))
			return false;
		place->listed = true;
		g->count++;
		if (p[len] == '\0')
			return true;
		p += len + 1;
	}
	return false;	/* more than we take */
}

/* ---- asking one of them ------------------------------------------------- */

/* "<word> <place>: <text>", FAULT_RETRY; returns -1. */
static int refuse(const struct rconn_group *g, const struct place *place,
		  const char *text, struct fault *why)
{
	char said[120];

	str_printable(said, sizeof(said), text);
	return fault_set(why, FAULT_RETRY, "%s %s:%d: %s", g->kind->word,
			 place->host, place->port, said);
}

/* What is wrong with the answer that has just come, or has not (NULL); borrowed
 * from both.  NULL = nothing. */
static const char *wrong_with(const redisContext *ctx,
			      const redisReply *reply)
{
	if (!reply)
		return ctx->err == REDIS_ERR_IO && errno == EAGAIN ?
			"no answer in time" : ctx->errstr;
	return reply->type == REDIS_REPLY_ERROR ? reply->str : NULL;
}

static int log_in(const struct rconn_group *g, redisContext *ctx,
		  const struct place *place, struct fault *why)
{
	redisReply *reply;
	const char *wrong;

	if (!g->password)
		return 0;
	errno = 0;
	reply = g->user ? redisCommand(ctx, "AUTH %s %s", g->user, g->password)
			: redisCommand(ctx, "AUTH %s", g->password);
	wrong = wrong_with(ctx, reply);
	if (wrong)
		(void)refuse(g, place, wrong, why);
	freeReplyObject(reply);
	return wrong ? -1 : 0;
}

/* What it answers; NULL with *why. */
static redisReply *ask(const struct rconn *r, const struct place *place,
		       int limit_ms, struct fault *why)
{
	const struct rconn_group *g = r->group;
	char said[RCONN_SAID];
	redisContext *ctx;
	redisReply *reply = NULL;

	ctx = rconn_dial(r, place, limit_ms, said);
	if (!ctx) {
		(void)refuse(g, place, said, why);
		return NULL;
	}
	if (log_in(g, ctx, place, why) == 0) {
		const char *wrong;

		errno = 0;
		reply = g->kind->ask(g, ctx);
		wrong = wrong_with(ctx, reply);
		if (wrong) {
			(void)refuse(g, place, wrong, why);
			freeReplyObject(reply);
			reply = NULL;
		}
	}
	redisFree(ctx);
	return reply;
}

/* ---- going there -------------------------------------------------------- */

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

/* To the master that asked has named. */
static void lead(struct rconn *r, const struct place *master,
		 const struct place *asked)
{
	char *host = master->host;

	if (*host == '\0') {
		free(host);
		host = alloc_text(asked->host);
	}
	rconn_lead(r, host, master->port);
}

int rconn_group_open(struct rconn *r, struct fault *why)
{
	struct rconn_group *g = r->group;
	int64_t until_ms = ticks_ms() + r->connect_timeout_ms +
			   r->command_timeout_ms;

	for (size_t i = 0; i < g->count; i++) {
		struct place master = { .host = NULL };
		char said[RCONN_SAID];
		/* Those that are still to be asked, and two for the master. */
		size_t steps = g->count - i + 2;
		redisReply *reply = ask(r, &g->places[i],
					limit_of(until_ms, steps), why);
		bool found;

		if (!reply)
			continue;
		found = g->kind->read(g, reply, &master, said);
		if (found)
			lead(r, &master, &g->places[i]);
		else
			(void)refuse(g, &g->places[i], said, why);
		if (found &&
		    rconn_open_direct(r, limit_of(until_ms, steps - 1), why) ==
		    0) {
			prefer(g, i);
			if (g->kind->remember)
				g->kind->remember(g, reply);
			freeReplyObject(reply);
			return 0;
		}
		freeReplyObject(reply);
	}
	return -1;
}
