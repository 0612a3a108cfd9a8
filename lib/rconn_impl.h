/* SPDX-License-Identifier: MIT */
/* Shared by the files of rconn, the only ones that know hiredis. */
#ifndef RCONN_IMPL_H
#define RCONN_IMPL_H

#include "rconn.h"

#include <hiredis.h>

struct rconn {
	redisContext *ctx;	/* NULL = not connected */
	char *host;		/* or the path of a unix socket */
	int port;		/* 0 = unix socket */
	char *password;		/* NULL = none */
	int connect_timeout_ms;
	int command_timeout_ms;
	char run_id[48];
	char hashes[RSCRIPT_MAX][41];	/* "" = not loaded on this connection */
	bool oom;		/* the last rejection was OOM */
};

/* Closes and says what went wrong on the wire; returns -1. */
int rconn_fail_io(struct rconn *r, const char *what, struct fault *why);

/* Runs one command on the open connection.  Returns the reply, or NULL. */
redisReply *rconn_call_open(struct rconn *r, size_t count,
			    const struct rarg *args, struct fault *why)
	MUST_USE;

#endif
