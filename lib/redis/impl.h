/* SPDX-License-Identifier: MIT */
/* Shared by the files of this room, the only ones that know hiredis. */
#ifndef REDIS_IMPL_H
#define REDIS_IMPL_H

#include "redis/rconn.h"

#include <hiredis.h>

struct rconn_group;

struct rconn {
	redisContext *ctx;	/* NULL = not connected */
	struct rconn_group *group;	/* who is asked for host and port;
					   NULL = they are fixed */
	char *host;		/* or the path of a unix socket */
	int port;		/* 0 = unix socket */
	char *where;		/* the same for people: "10.0.0.1:6379" */
	char *guard;		/* a key of ours that is never there; NULL =
				   nobody said how our keys begin */
	bool clustered;		/* the open connection leads to a node of a
				   cluster */
	char *user;		/* NULL = the default one */
	char *password;		/* NULL = none */
	struct names *names;	/* NULL = connecting looks hosts up */
	struct rconn_tls *tls;	/* NULL = in clear text */
	int connect_timeout_ms;
	int command_timeout_ms;
	char run_id[48];
	char hashes[RSCRIPT_MAX][41];	/* "" = not loaded on this connection */
	bool oom;		/* the last rejection was OOM */
	const char *asked;	/* what was asked ahead, and its answer not
				   read yet; NULL = nothing */
};

/* ---- wire.c ------------------------------------------------------------- */

/* Closes and says what went wrong on the wire; returns -1. */
int rconn_fail_io(struct rconn *r, const char *what, struct fault *why);

/* Turns an error answer into a fault; takes the reply, and gives it back or
 * returns NULL. */
redisReply *rconn_reply_check(struct rconn *r, const char *what,
			      redisReply *reply, struct fault *why) MUST_USE;

/* Drops the answer to what was asked ahead.  0, or -1 (closed). */
int rconn_drop_answer(struct rconn *r, struct fault *why) MUST_USE;

/* Runs one command on the open connection.  Returns the reply, or NULL. */
redisReply *rconn_call_open(struct rconn *r, size_t count,
			    const struct rarg *args, struct fault *why)
	MUST_USE;

/* Reads "host:port" or "[host]:port"; *host is the caller's then. */
bool rconn_place_read(const char *text, size_t len, char **host, int *port);

/* Close-on-exec, keepalive, a limit for each command.  0, or -1. */
int rconn_ctx_set_up(redisContext *ctx, int limit_ms) MUST_USE;

#define RCONN_SAID 160

/* A server's host and port. */
struct place {
	char *host;
	int port;
	bool listed;		/* in the settings: never forgotten */
};

/*
 * Connects to a place within limit_ms, by the addresses that r->names knows of
 * it (NULL: looks it up itself), and sets up TLS if r has it, with the limit
 * for each of its steps.  NULL with a sentence in said.
 */
redisContext *rconn_dial(const struct rconn *r, const struct place *place,
			 int limit_ms, char said[RCONN_SAID]) MUST_USE;

/* Connects to r->host, logs in, reads run_id, asks whether it is a master and
 * serves our keys; limit_ms is for each of these.  0, or -1 (closed). */
int rconn_open_direct(struct rconn *r, int limit_ms, struct fault *why)
	MUST_USE;

/* Goes to host (taken over) and port from now on. */
void rconn_lead(struct rconn *r, char *host, int port);

/* ---- tls.c -------------------------------------------------------------- */

struct rconn_tls;

/* NULL with FAULT_CONFIG if hiredis has no TLS, or the authorities cannot be
 * read. */
struct rconn_tls *rconn_tls_new(const struct rconn_opts *opts,
				struct fault *why) MUST_USE;
void rconn_tls_free(struct rconn_tls *tls);

/* Certificates must have this name from now on. */
void rconn_tls_require(struct rconn_tls *tls, const char *name);

/* The name that the certificate of a host must have; borrowed from either. */
const char *rconn_tls_name(const struct rconn_tls *tls, const char *host);

/* Makes TLS of a new connection to host, with that one's limits.  0, or -1 with
 * a sentence in said: close it. */
int rconn_tls_shake(const struct rconn_tls *tls, redisContext *redis,
		    const char *host, char said[RCONN_SAID]) MUST_USE;

/* ---- group.c ------------------------------------------------------------ */

#define GROUP_LISTED_MAX 9	/* in the settings */
#define GROUP_PLACES_MAX 32

struct group_kind {
	const char *word;	/* who is asked, in messages */
	redisReply *(*ask)(const struct rconn_group *g, redisContext *ctx);
	/* Where the answer says that the master is; out->host is the caller's,
	 * "" = who was asked.  False, with what it says instead. */
	bool (*read)(const struct rconn_group *g, const redisReply *reply,
		     struct place *out, char said[RCONN_SAID]);
	/* The answer was right: remembers whom it names.  NULL = nobody. */
	void (*remember)(struct rconn_group *g, const redisReply *reply);
};

struct rconn_group {
	const struct group_kind *kind;
	char *name;		/* of the master, as the sentinels call it */
	int slot;		/* of our keys in a cluster */
	char *user;		/* for those who are asked; NULL = none */
	char *password;		/* the same */
	struct place places[GROUP_PLACES_MAX];
	size_t count;
};

void rconn_group_free(struct rconn_group *g);

/* Reads "HOST:PORT,HOST:PORT" into a new group. */
bool rconn_group_read(struct rconn_group *g, const char *text);

/* Finds the master and connects, all within r's two limits together (and 20 ms
 * for each step).  Returns 0, or -1 (closed). */
int rconn_group_open(struct rconn *r, struct fault *why) MUST_USE;

/* text is what follows "sentinel:".  NULL with FAULT_CONFIG. */
struct rconn_group *rconn_sentinel_new(const char *text, const char *password,
				       struct fault *why) MUST_USE;

/* text is what follows "cluster:".  NULL with FAULT_CONFIG. */
struct rconn_group *rconn_cluster_new(const char *text,
				      const struct rconn_opts *opts,
				      struct fault *why) MUST_USE;

#endif
