/* SPDX-License-Identifier: MIT */
/* One connection to Redis: its address, and the way there. */
#include "config.h"

#include "rconn.h"

#include "alloc.h"
#include "fdio.h"
#include "rconn_impl.h"
#include "str.h"

#include <hiredis.h>

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static struct timeval timeval_of_ms(int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	return tv;
}

static int parse_address(struct rconn *r, const char *address,
			 struct fault *why)
{
	const char *colon;
	int64_t port;

	if (str_starts_with(address, "unix:/")) {
		r->host = alloc_text(address + strlen("unix:"));
		return 0;
	}
	colon = strrchr(address, ':');
	if (str_starts_with(address, "tcp:") && colon > address + 4 &&
	    str_to_int(colon + 1, 1, 65535, &port)) {
		r->host = alloc_textn(address + 4,
				      (size_t)(colon - address) - 4);
		r->port = (int)port;
		return 0;
	}
	return fault_set(why, FAULT_CONFIG,
			 "redis: \"%s\" is not unix:/path or tcp:HOST:PORT",
			 address);
}

struct rconn *rconn_new(const struct rconn_opts *opts, struct fault *why)
{
	struct rconn *r = alloc_zeroed(1, sizeof(*r));

	if (parse_address(r, opts->address, why) == -1) {
		rconn_free(r);
		return NULL;
	}
	if (opts->password && opts->password[0])
		r->password = alloc_text(opts->password);
	r->connect_timeout_ms = opts->connect_timeout_ms;
	r->command_timeout_ms = opts->command_timeout_ms;
	return r;
}

void rconn_free(struct rconn *r)
{
	if (!r)
		return;
	rconn_close(r);
	free(r->host);
	secret_free(r->password);
	free(r);
}

static int log_in(struct rconn *r, struct fault *why)
{
	struct rarg args[] = {
		{ "AUTH", 4 },
		{ r->password, r->password ? strlen(r->password) : 0 },
	};
	redisReply *reply;

	if (!r->password)
		return 0;
	reply = rconn_call_open(r, 2, args, why);
	if (!reply)
		return -1;
	freeReplyObject(reply);
	return 0;
}

static int read_run_id(struct rconn *r, struct fault *why)
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
	freeReplyObject(reply);
	return 0;
}

int rconn_open(struct rconn *r, struct fault *why)
{
	struct timeval connect_tv = timeval_of_ms(r->connect_timeout_ms);
	struct timeval command_tv = timeval_of_ms(r->command_timeout_ms);

	if (r->ctx)
		return 0;
	errno = 0;
	r->ctx = r->port ? redisConnectWithTimeout(r->host, r->port, connect_tv)
			 : redisConnectUnixWithTimeout(r->host, connect_tv);
	if (!r->ctx || r->ctx->err)
		return rconn_fail_io(r, "connect", why);
	if (fdio_cloexec_set(r->ctx->fd) == -1 ||
	    redisSetTimeout(r->ctx, command_tv) != REDIS_OK)
		return rconn_fail_io(r, "set up", why);
	if (log_in(r, why) == -1 || read_run_id(r, why) == -1) {
		rconn_close(r);
		return -1;
	}
	return 1;
}

bool rconn_peer(const struct rconn *r, char *out, size_t size)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	char host[NI_MAXHOST];
	char port[NI_MAXSERV];
	int made;

	if (!r->ctx)
		return false;
	if (r->port == 0) {
		made = snprintf(out, size, "unix:%s", r->host);
	} else {
		if (getpeername(r->ctx->fd, (struct sockaddr *)&ss, &len) ==
		    -1 ||
		    getnameinfo((struct sockaddr *)&ss, len, host,
				sizeof(host), port, sizeof(port),
				NI_NUMERICHOST | NI_NUMERICSERV) != 0)
			return false;
		made = snprintf(out, size, "tcp:%s:%s", host, port);
	}
	return made > 0 && (size_t)made < size;
}
