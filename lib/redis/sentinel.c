/* SPDX-License-Identifier: MIT */
/* Redis Sentinel: who is asked, and what the answer means. */
#include "config.h"

#include "redis/rconn.h"

#include "base/alloc.h"
#include "base/str.h"
#include "redis/impl.h"

#include <string.h>

#define NAME_MAX_BYTES 64	/* of a group */

static redisReply *ask(const struct rconn_group *g, redisContext *ctx)
{
	return redisCommand(ctx, "SENTINEL get-master-addr-by-name %s",
			    g->name);
}

/* Reads {host, port}. */
static bool read_master(const struct rconn_group *g, const redisReply *reply,
			struct place *out, char said[RCONN_SAID])
{
	int64_t port;

	if (rreply_count(reply) == 2 &&
	    rreply_text(reply->element[0], NULL)[0] != '\0' &&
	    str_to_int(rreply_text(reply->element[1], NULL), 1, 65535,
		       &port)) {
		out->host = alloc_text(reply->element[0]->str);
		out->port = (int)port;
		return true;
	}
	(void)snprintf(said, RCONN_SAID, "does not know \"%s\"", g->name);
	return false;
}

static const struct group_kind sentinel_kind = {
	.word = "sentinel", .ask = ask, .read = read_master,
};

struct rconn_group *rconn_sentinel_new(const char *text, const char *password,
				       struct fault *why)
{
	struct rconn_group *g = alloc_zeroed(1, sizeof(*g));
	const char *at = strchr(text, '@');

	g->kind = &sentinel_kind;
	if (at && str_is_name(text, (size_t)(at - text), NAME_MAX_BYTES) &&
	    rconn_group_read(g, at + 1)) {
		g->name = alloc_textn(text, (size_t)(at - text));
		if (password && password[0])
			g->password = alloc_text(password);
		return g;
	}
	fault_set(why, FAULT_CONFIG,
		  "redis: \"sentinel:%s\" is not sentinel:NAME@HOST:PORT,... "
		  "(at most %d)", text, GROUP_LISTED_MAX);
	rconn_group_free(g);
	return NULL;
}
