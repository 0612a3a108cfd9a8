/* SPDX-License-Identifier: MIT */
/*
 * Redis Cluster: all our keys have one hash tag, so they are in one slot, and
 * one of its masters has them all.
 *
 * Any node is asked who that is; besides those of the settings also those that
 * the last answer named, since nodes come and go.
 *
 * While the slot is being moved to another node, some keys are here and some
 * there, and a script would stop halfway.  So each script names one more key,
 * the guard, which never exists: where a key is missing from a slot on the move
 * Redis refuses the script before it begins.  The queue stands still meanwhile.
 */
#include "config.h"

#include "redis/rconn.h"

#include "base/alloc.h"
#include "base/str.h"
#include "redis/impl.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 16384

/* CRC16 as of XMODEM: 0x1021, from zero. */
static unsigned crc16(const char *s, size_t len)
{
	unsigned crc = 0;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned)(unsigned char)s[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
		crc &= 0xffff;
	}
	return crc;
}

int rconn_slot(const char *prefix)
{
	const char *open = strchr(prefix, '{');
	const char *end = open ? strchr(open, '}') : NULL;

	/* Without a tag each key would be somewhere else. */
	if (!end || end == open + 1)
		return -1;
	return (int)(crc16(open + 1, (size_t)(end - open - 1)) % SLOTS);
}

/* ---- its map ------------------------------------------------------------ */

static redisReply *ask(const struct rconn_group *g, redisContext *ctx)
{
	(void)g;
	return redisCommand(ctx, "CLUSTER SLOTS");
}

/* Reads {host, port, ...}; host is borrowed, "" = the one that was asked. */
static bool read_node(const redisReply *node, const char **host, int *port)
{
	int64_t number = rreply_int(rreply_at(node, 1));

	*host = rreply_text(rreply_at(node, 0), NULL);
	*port = (int)number;
	return number >= 1 && number <= 65535 && strcmp(*host, "?") != 0;
}

/* Finds {first, last, master, replica...} of our slot. */
static bool read_master(const struct rconn_group *g, const redisReply *reply,
			struct place *out, char said[RCONN_SAID])
{
	for (size_t i = 0; i < rreply_count(reply); i++) {
		const redisReply *range = rreply_at(reply, i);
		const char *host;

		if (rreply_count(range) < 3 ||
		    g->slot < rreply_int(rreply_at(range, 0)) ||
		    g->slot > rreply_int(rreply_at(range, 1)) ||
		    !read_node(rreply_at(range, 2), &host, &out->port))
			continue;
		out->host = alloc_text(host);
		return true;
	}
	(void)snprintf(said, RCONN_SAID, "knows no master of slot %d",
		       g->slot);
	return false;
}

static bool has_place(const struct rconn_group *g, const char *host, int port)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->places[i].port == port &&
		    strcmp(g->places[i].host, host) == 0)
			return true;
	return false;
}

/* Those of the settings stay, the others are those of this answer. */
static void remember(struct rconn_group *g, const redisReply *reply)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->count; i++) {
		if (g->places[i].listed)
			g->places[kept++] = g->places[i];
		else
			free(g->places[i].host);
	}
	g->count = kept;
	for (size_t i = 0; i < rreply_count(reply); i++) {
		const redisReply *range = rreply_at(reply, i);

		for (size_t n = 2; n < rreply_count(range); n++) {
			const char *host;
			int port;

			if (g->count == GROUP_PLACES_MAX)
				return;
			if (read_node(rreply_at(range, n), &host, &port) &&
			    *host && !has_place(g, host, port))
				g->places[g->count++] = (struct place){
					alloc_text(host), port, false };
		}
	}
}

static const struct group_kind cluster_kind = {
	.word = "cluster node", .ask = ask, .read = read_master,
	.remember = remember,
};

struct rconn_group *rconn_cluster_new(const char *text,
				      const struct rconn_opts *opts,
				      struct fault *why)
{
	struct rconn_group *g = alloc_zeroed(1, sizeof(*g));

	g->kind = &cluster_kind;
	if (!rconn_group_read(g, text)) {
		fault_set(why, FAULT_CONFIG,
			  "redis: \"cluster:%s\" is not cluster:HOST:PORT,... "
			  "(at most %d)", text, GROUP_LISTED_MAX);
		goto fail;
	}
	g->slot = rconn_slot(opts->prefix ? opts->prefix : "");
	if (g->slot == -1) {
		fault_set(why, FAULT_CONFIG,
			  "queue_prefix: \"%s\" has no word in braces, as "
			  "\"{maild}:\" has: a cluster would keep the keys in "
			  "many places",
			  opts->prefix ? opts->prefix : "");
		goto fail;
	}
	g->name = alloc_text("cluster");
	if (opts->user && opts->user[0])
		g->user = alloc_text(opts->user);
	if (opts->password && opts->password[0])
		g->password = alloc_text(opts->password);
	return g;
fail:
	rconn_group_free(g);
	return NULL;
}
