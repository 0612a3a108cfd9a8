/* SPDX-License-Identifier: MIT */
/*
 * One connection to Redis: only its files know hiredis.
 *
 * Every call has a limit.  After any I/O error, time-out, or an answer that
 * says that this server should not be talked to (READONLY, LOADING,
 * MASTERDOWN, MISCONF, MOVED, ASK, TRYAGAIN, UNBLOCKED) the connection is
 * closed and the fault is FAULT_RETRY: the caller's scripts are idempotent, it
 * connects and runs them again.  A refused password is FAULT_CONFIG.  Any
 * other error answer is FAULT_REJECT, and the connection stays.
 *
 * With Sentinel or a cluster, each connect asks anew where the master is: a
 * failover ends old connections by READONLY, MOVED or by their close.  Whatever
 * is connected to must be a master, and in a cluster the one with our keys.
 */
#ifndef REDIS_RCONN_H
#define REDIS_RCONN_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct names;
struct rconn;
struct redisReply;

struct rconn_opts {		/* copied by rconn_new() */
	const char *address;	/* "unix:/path", "tcp:HOST:PORT",
				   "sentinel:NAME@HOST:PORT,HOST:PORT",
				   "cluster:HOST:PORT,HOST:PORT", or
				   "rediss:HOST:PORT", which is tcp: with TLS */
	const char *prefix;	/* how all our keys begin; NULL = not known, and
				   no cluster is understood */
	const char *user;	/* NULL or "" = the default one */
	const char *password;	/* NULL or "" = none */
	const char *sentinel_password;	/* NULL or "" = none */
	bool tls;		/* to all that is connected to, sentinels and
				   nodes, too */
	const char *tls_ca_file;	/* of authorities, in PEM; NULL or "" =
					   the system's */
	const char *tls_name;	/* that certificates must have; NULL or "" = the
				   host's */
	struct names *names;	/* who knows addresses, borrowed; NULL = each
				   connect looks them up, and waits for that */
	int connect_timeout_ms;
	int command_timeout_ms;
};

#define RCONN_ARGS_MAX 256	/* arguments of one command */

/* One argument of a command: bytes with their length. */
struct rarg {
	const void *data;
	size_t len;
};

/* Makes an unconnected one.  Returns it, or NULL with FAULT_CONFIG if the
 * address cannot be understood, or there can be no TLS. */
struct rconn *rconn_new(const struct rconn_opts *opts, struct fault *why)
	MUST_USE;
void rconn_free(struct rconn *r);

/* May a connection there have to look up a name?  Sentinels and nodes may lead
 * to one. */
bool rconn_has_names(const char *address);

/* Connects if needed.  Returns 0, 1 if this call connected, -1 with *why. */
int rconn_open(struct rconn *r, struct fault *why) MUST_USE;

/* Closes; the next rconn_open() connects anew.  Nothing is written: a forked
 * child may close its copy, and its parent's connection goes on. */
void rconn_close(struct rconn *r);

bool rconn_is_open(const struct rconn *r);

/*
 * Does the server still answer, as a master with our keys?  Connects if needed.
 * 0, or -1 (closed) with *why.
 */
int rconn_verify(struct rconn *r, struct fault *why) MUST_USE;

/* Is it open, and was a cluster's node reached by an address that does not say
 * so?  Works until the keys' master is another one. */
bool rconn_is_stray(const struct rconn *r);

/* The slot of a cluster in which keys are that begin so; -1 = in many, since
 * no word is in braces. */
int rconn_slot(const char *prefix);

/*
 * Writes where the open connection leads, without names to be resolved: another
 * rconn_new() takes it as an address.  With TLS it ends with the name that the
 * certificate must have: "rediss:10.0.0.5:6380@redis.example".  False if it is
 * not open.
 */
bool rconn_peer(const struct rconn *r, char *out, size_t size);

/* Is it an address of one server in which no name is to be resolved? */
bool rconn_is_literal(const char *address);

/* The server's run_id, read at each connect; "" before.  Borrowed. */
const char *rconn_run_id(const struct rconn *r);

/*
 * Runs one command of count arguments, connecting first if needed.
 * Returns the reply (free with rreply_free()), or NULL with *why.
 */
struct redisReply *rconn_call(struct rconn *r, size_t count,
			      const struct rarg *args, struct fault *why)
	MUST_USE;

/* The same for a few plain words, the last followed by NULL. */
struct redisReply *rconn_words(struct rconn *r, struct fault *why, ...)
	MUST_USE __attribute__((sentinel));

/* A command that blocks in Redis. */
struct rblocking {
	size_t count;
	const struct rarg *args;
	int wait_ms;		/* so long; it is among args, too */
};

/*
 * The same for one of these: waits at most wait_ms plus the command time-out,
 * with signals open.  Returns NULL with FAULT_NONE, and
 * the connection closed, when the process was asked to stop meanwhile.
 */
struct redisReply *rconn_blocking_call(struct rconn *r,
				       const struct rblocking *command,
				       struct fault *why) MUST_USE;

/* A Lua script, compiled in; its index says where its hash is remembered. */
struct rscript {
	unsigned index;		/* 0 .. RSCRIPT_MAX - 1, unique */
	const char *name;
	const char *text;
};
#define RSCRIPT_MAX 64

/* What a script is given: its keys first, then what else it is told. */
struct rargs {
	size_t key_count;	/* so many of the list are keys */
	size_t count;
	const struct rarg *list;
};
#define RARGS(key_count, array) \
	((struct rargs){ (key_count), ARRAY_COUNT(array), (array) })

/* Runs a script by its hash; loads it if the server does not have it. */
struct redisReply *rconn_script(struct rconn *r, const struct rscript *script,
				struct rargs args, struct fault *why) MUST_USE;

/*
 * Sends what rconn_script() would, if the connection is open and the server has
 * the script; waits for nothing.  Returns whether it was sent: then
 * rconn_answer() reads what came of it.  Any other call drops that answer
 * first.
 */
bool rconn_script_ask(struct rconn *r, const struct rscript *script,
		      struct rargs args) MUST_USE;

/* Is there a question whose answer was not read? */
bool rconn_is_asked(const struct rconn *r);

/* Waits for that answer.  Returns it, or NULL with *why. */
struct redisReply *rconn_answer(struct rconn *r, struct fault *why) MUST_USE;

/* Was the last FAULT_REJECT an OOM answer (Redis is at maxmemory)? */
bool rconn_was_oom(const struct rconn *r);

/* Reading replies.  Borrowed until rreply_free(); NULL and wrong types are
 * read as nil, 0, "" and count 0. */
void rreply_free(struct redisReply *reply);
bool rreply_is_nil(const struct redisReply *reply);
int64_t rreply_int(const struct redisReply *reply); /* also of a numeric text */
const char *rreply_text(const struct redisReply *reply, size_t *len_out);
size_t rreply_count(const struct redisReply *reply);
const struct redisReply *rreply_at(const struct redisReply *reply, size_t i);

#endif
