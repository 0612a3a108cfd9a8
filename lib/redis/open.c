/* SPDX-License-Identifier: MIT */
/* One connection to Redis: its address, and the way there. */
#include "config.h"

#include "redis/rconn.h"

#include "base/alloc.h"
#include "base/fdio.h"
#include "base/str.h"
#include "daemon/names.h"
#include "redis/impl.h"

#include <hiredis.h>

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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

static int parse_address(struct rconn *r, const struct rconn_opts *opts,
			 struct fault *why)
{
	const char *address = opts->address;

	if (str_starts_with(address, "unix:/")) {
		r->host = alloc_text(address + strlen("unix:"));
		return 0;
	}
	if (str_starts_with(address, "tcp:") &&
	    rconn_place_read(address + 4, strlen(address + 4), &r->host,
			     &r->port))
		return 0;
	if (str_starts_with(address, "sentinel:")) {
		r->group = rconn_group_new(address + strlen("sentinel:"),
					   opts->sentinel_password, why);
		if (!r->group)
			return -1;
		r->host = alloc_text(rconn_group_name(r->group));
		return 0;
	}
	return fault_set(why, FAULT_CONFIG,
			 "redis: \"%s\" is not unix:/path, tcp:HOST:PORT or "
			 "sentinel:NAME@HOST:PORT,HOST:PORT", address);
}

bool rconn_has_names(const char *address)
{
	char *host = NULL;
	bool has = str_starts_with(address, "sentinel:");
	int port;

	if (str_starts_with(address, "tcp:") &&
	    rconn_place_read(address + 4, strlen(address + 4), &host, &port))
		has = !names_is_address(host);
	free(host);
	return has;
}

struct rconn *rconn_new(const struct rconn_opts *opts, struct fault *why)
{
	struct rconn *r = alloc_zeroed(1, sizeof(*r));

	if (parse_address(r, opts, why) == -1) {
		rconn_free(r);
		return NULL;
	}
	if (opts->password && opts->password[0])
		r->password = alloc_text(opts->password);
	r->names = opts->names;
	r->connect_timeout_ms = opts->connect_timeout_ms;
	r->command_timeout_ms = opts->command_timeout_ms;
	return r;
}

void rconn_free(struct rconn *r)
{
	if (!r)
		return;
	rconn_close(r);
	rconn_group_free(r->group);
	free(r->host);
	secret_free(r->password);
	free(r);
}

int rconn_ctx_set_up(redisContext *ctx, int limit_ms)
{
	struct timeval tv = { limit_ms / 1000, limit_ms % 1000 * 1000 };

	return fdio_cloexec_set(ctx->fd) == -1 ||
	       redisSetTimeout(ctx, tv) != REDIS_OK ? -1 : 0;
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

redisContext *rconn_dial(struct names *names, const char *host, int port,
			 int limit_ms, char said[RCONN_SAID])
{
	struct names_found found;
	redisContext *ctx = NULL;

	if (!names)
		return dial_address(host, port, limit_ms, said);
	names_find(names, host, &found);
	if (found.count == 0)
		(void)str_copy(said, RCONN_SAID, "its address is not known");
	for (size_t i = 0; i < found.count && !ctx; i++)
		ctx = dial_address(found.address[i], port,
				   limit_ms / (int)found.count, said);
	if (!ctx)
		names_doubt(names, host);
	return ctx;
}

int rconn_open_direct(struct rconn *r, int limit_ms, struct fault *why)
{
	struct timeval tv = { limit_ms / 1000, limit_ms % 1000 * 1000 };
	char said[RCONN_SAID];

	errno = 0;
	if (r->port) {
		r->ctx = rconn_dial(r->names, r->host, r->port, limit_ms,
				    said);
		if (!r->ctx)
			return fault_set(why, FAULT_RETRY,
					 "redis %s: connect: %s", r->host,
					 said);
	} else {
		r->ctx = redisConnectUnixWithTimeout(r->host, tv);
		if (!r->ctx || r->ctx->err)
			return rconn_fail_io(r, "connect", why);
	}
	if (rconn_ctx_set_up(r->ctx, limit_ms) == -1)
		return rconn_fail_io(r, "set up", why);
	if (log_in(r, why) == -1 || read_run_id(r, why) == -1) {
		rconn_close(r);
		return -1;
	}
	return 0;
}

int rconn_open(struct rconn *r, struct fault *why)
{
	int opened;

	if (r->ctx)
		return 0;
	opened = r->group ? rconn_group_open(r, why)
			  : rconn_open_direct(r, r->connect_timeout_ms, why);
	if (opened == -1)
		return -1;
	if (rconn_ctx_set_up(r->ctx, r->command_timeout_ms) == -1)
		return rconn_fail_io(r, "set up", why);
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

bool rconn_is_literal(const char *address)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST };
	struct addrinfo *found;
	char *host = NULL;
	bool literal;
	int port;

	if (str_starts_with(address, "unix:/"))
		return true;
	if (!str_starts_with(address, "tcp:") ||
	    !rconn_place_read(address + 4, strlen(address + 4), &host, &port))
		return false;
	literal = getaddrinfo(host, NULL, &hints, &found) == 0;
	if (literal)
		freeaddrinfo(found);
	free(host);
	return literal;
}
