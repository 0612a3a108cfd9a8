/* SPDX-License-Identifier: MIT */
/* One connection to Redis: its address, commands and scripts. */
#include "config.h"

#include "redis/rconn.h"

#include "base/alloc.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/ticks.h"
#include "daemon/prefork.h"
#include "redis/impl.h"

#include <hiredis.h>

#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BLOCKING_ARGS_MAX 16
#define WORDS_MAX 16

void rconn_lead(struct rconn *r, char *host, int port)
{
	free(r->host);
	free(r->where);
	r->host = host;
	r->port = port;
	r->where = !port ? alloc_text(host) :
		   alloc_printf(strchr(host, ':') ? "[%s]:%d" : "%s:%d", host,
				port);
}

/* Reads "tcp:HOST:PORT" or "rediss:HOST:PORT", the latter perhaps with "@" and
 * what rconn_peer() writes behind; *name is that or NULL, borrowed. */
static bool read_single(const char *address, char **host, int *port,
			const char **name)
{
	bool secured = str_starts_with(address, "rediss:");
	const char *place = address + strcspn(address, ":") + 1;
	const char *at = secured ? strchr(place, '@') : NULL;

	/* A URL has other things behind "//", and a password among them. */
	if ((!secured && !str_starts_with(address, "tcp:")) ||
	    str_starts_with(place, "//") || (at && at[1] == '\0'))
		return false;
	*name = at ? at + 1 : NULL;
	return rconn_place_read(place, at ? (size_t)(at - place)
					  : strlen(place), host, port);
}

static int parse_address(struct rconn *r, const struct rconn_opts *opts,
			 struct fault *why)
{
	const char *address = opts->address;
	const char *name;
	char *host;
	int port;

	if (str_starts_with(address, "unix:/")) {
		if (opts->tls)
			return fault_set(why, FAULT_CONFIG, "redis_tls: there "
					 "is no TLS over a unix socket");
		rconn_lead(r, alloc_text(address + strlen("unix:")), 0);
		return 0;
	}
	if (opts->tls || str_starts_with(address, "rediss:")) {
		r->tls = rconn_tls_new(opts, why);
		if (!r->tls)
			return -1;
	}
	if (read_single(address, &host, &port, &name)) {
		rconn_lead(r, host, port);
		if (name)
			rconn_tls_require(r->tls, name);
		return 0;
	}
	if (str_starts_with(address, "sentinel:"))
		r->group = rconn_sentinel_new(address + strlen("sentinel:"),
					      opts->sentinel_password, why);
	else if (str_starts_with(address, "cluster:"))
		r->group = rconn_cluster_new(address + strlen("cluster:"),
					     opts, why);
	else if (str_starts_with(address, "rediss:") ||
		 str_starts_with(address, "redis:"))
		/* It may be a URL, with a password. */
		return fault_set(why, FAULT_CONFIG,
				 "redis: \"%.*s...\" is not known so; write "
				 "tcp:HOST:PORT, or rediss:HOST:PORT for TLS",
				 (int)strcspn(address, ":") + 1, address);
	else
		return fault_set(why, FAULT_CONFIG,
				 "redis: \"%s\" is not unix:/path, "
				 "tcp:HOST:PORT, rediss:HOST:PORT, "
				 "sentinel:NAME@HOST:PORT,HOST:PORT or "
				 "cluster:HOST:PORT,HOST:PORT",
				 address);
	if (!r->group)
		return -1;
	/* Until somebody has said where it is. */
	rconn_lead(r, alloc_text(r->group->name), 0);
	return 0;
}

enum leads { LEADS_NOWHERE, LEADS_BY_NAME, LEADS_BY_ADDRESS };

/* Must a name be looked up on the way there? */
static enum leads leads_of(const char *address)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST };
	struct addrinfo *found = NULL;
	enum leads leads = LEADS_BY_NAME;
	const char *name;
	char *host = NULL;
	int port;

	if (str_starts_with(address, "unix:/"))
		return LEADS_BY_ADDRESS;
	if (str_starts_with(address, "sentinel:") ||
	    str_starts_with(address, "cluster:"))
		return LEADS_BY_NAME;
	if (!read_single(address, &host, &port, &name))
		return LEADS_NOWHERE;
	if (getaddrinfo(host, NULL, &hints, &found) == 0) {
		leads = LEADS_BY_ADDRESS;
		freeaddrinfo(found);
	}
	free(host);
	return leads;
}

bool rconn_has_names(const char *address)
{
	return leads_of(address) == LEADS_BY_NAME;
}

bool rconn_is_literal(const char *address)
{
	return leads_of(address) == LEADS_BY_ADDRESS;
}

struct rconn *rconn_new(const struct rconn_opts *opts, struct fault *why)
{
	struct rconn *r = alloc_zeroed(1, sizeof(*r));

	if (parse_address(r, opts, why) == -1) {
		rconn_free(r);
		return NULL;
	}
	if (opts->user && opts->user[0])
		r->user = alloc_text(opts->user);
	if (opts->password && opts->password[0])
		r->password = alloc_text(opts->password);
	if (opts->prefix)
		r->guard = alloc_printf("%sguard", opts->prefix);
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
	rconn_tls_free(r->tls);
	free(r->host);
	free(r->where);
	free(r->guard);
	free(r->user);
	secret_free(r->password);
	free(r);
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

bool rconn_is_stray(const struct rconn *r)
{
	return r->ctx && r->clustered && !r->group;
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
		made = !r->tls ? snprintf(out, size, "tcp:%s:%s", host, port) :
		       snprintf(out, size, "rediss:%s:%s@%s", host, port,
				rconn_tls_name(r->tls, r->host));
	}
	return made > 0 && (size_t)made < size;
}

bool rconn_is_open(const struct rconn *r)
{
	return r->ctx != NULL;
}

const char *rconn_run_id(const struct rconn *r)
{
	return r->run_id;
}

bool rconn_was_oom(const struct rconn *r)
{
	return r->oom;
}

redisReply *rconn_call(struct rconn *r, size_t count, const struct rarg *args,
		       struct fault *why)
{
	if (rconn_open(r, why) == -1)
		return NULL;
	return rconn_call_open(r, count, args, why);
}

redisReply *rconn_words(struct rconn *r, struct fault *why, ...)
{
	struct rarg args[WORDS_MAX];
	size_t count = 0;
	const char *word;
	va_list list;

	va_start(list, why);
	while ((word = va_arg(list, const char *)) != NULL) {
		must(count < WORDS_MAX);
		args[count++] = (struct rarg){ word, strlen(word) };
	}
	va_end(list);
	return rconn_call(r, count, args, why);
}

/* Sends what is buffered.  Returns 0, or -1 (closed). */
static int flush(struct rconn *r, const char *what, struct fault *why)
{
	int done = 0;

	while (!done) {
		errno = 0;
		if (redisBufferWrite(r->ctx, &done) != REDIS_OK)
			return rconn_fail_io(r, what, why);
	}
	return 0;
}

redisReply *rconn_blocking_call(struct rconn *r,
				const struct rblocking *command,
				struct fault *why)
{
	const char *argv[BLOCKING_ARGS_MAX];
	size_t lens[BLOCKING_ARGS_MAX];
	struct pollfd pfd = { .events = POLLIN };
	void *reply = NULL;
	int64_t until_ms;

	must(command->count > 0 && command->count <= BLOCKING_ARGS_MAX);
	if (rconn_open(r, why) == -1 || rconn_drop_answer(r, why) == -1)
		return NULL;
	for (size_t i = 0; i < command->count; i++) {
		argv[i] = command->args[i].data;
		lens[i] = command->args[i].len;
	}
	if (redisAppendCommandArgv(r->ctx, (int)command->count, argv, lens) !=
	    REDIS_OK) {
		rconn_fail_io(r, argv[0], why);
		return NULL;
	}
	if (flush(r, argv[0], why) == -1)
		return NULL;
	until_ms = ticks_ms() + command->wait_ms + r->command_timeout_ms;
	pfd.fd = r->ctx->fd;
	while (!reply) {
		int64_t left_ms = until_ms - ticks_ms();
		int ready = prefork_poll(&pfd, 1,
					 left_ms > 0 ? (int)left_ms : 0);

		if (ready == -1) {
			/* Asked to stop.  Whatever Redis answers now is in the
			 * processing list and will be reclaimed. */
			rconn_close(r);
			fault_set(why, FAULT_NONE, "asked to stop");
			return NULL;
		}
		if (ready == 0) {
			rconn_close(r);
			fault_set(why, FAULT_RETRY,
				  "redis %s: %s: no answer in time", r->where,
				  argv[0]);
			return NULL;
		}
		errno = 0;
		if (redisBufferRead(r->ctx) != REDIS_OK ||
		    redisGetReplyFromReader(r->ctx, &reply) != REDIS_OK) {
			rconn_fail_io(r, argv[0], why);
			return NULL;
		}
	}
	return rconn_reply_check(r, argv[0], reply, why);
}

static int load_script(struct rconn *r, const struct rscript *script,
		       struct fault *why)
{
	struct rarg args[] = {
		{ "SCRIPT", 6 }, { "LOAD", 4 },
		{ script->text, strlen(script->text) },
	};
	redisReply *reply = rconn_call_open(r, 3, args, why);
	int result = 0;

	if (!reply)
		return -1;
	if (!reply->str || !str_copy(r->hashes[script->index],
				     sizeof(r->hashes[0]), reply->str))
		result = fault_set(why, FAULT_REJECT,
				   "redis %s: SCRIPT LOAD %s gave no hash",
				   r->where, script->name);
	freeReplyObject(reply);
	return result;
}

/*
 * The words of a call of the script, but for its hash.  keys holds a number.
 * Returns how many.
 */
static size_t fill_call(const struct rconn *r, struct rarg all[RCONN_ARGS_MAX],
			char keys[16], const struct rargs *args)
{
	struct rarg *next = all + 3;
	size_t rest = args->count - args->key_count;
	bool guarded = r->clustered && r->guard;

	must(args->count + 4 <= RCONN_ARGS_MAX);
	(void)snprintf(keys, 16, "%zu", args->key_count + guarded);
	all[0] = (struct rarg){ "EVALSHA", 7 };
	all[2] = (struct rarg){ keys, strlen(keys) };
	memcpy(next, args->list, args->key_count * sizeof(*next));
	next += args->key_count;
	/* Behind all others, so that these keep their numbers. */
	if (guarded)
		*next++ = (struct rarg){ r->guard, strlen(r->guard) };
	memcpy(next, args->list + args->key_count, rest * sizeof(*next));
	return (size_t)(next + rest - all);
}

bool rconn_script_ask(struct rconn *r, const struct rscript *script,
		      struct rargs args)
{
	struct rarg all[RCONN_ARGS_MAX];
	const char *argv[BLOCKING_ARGS_MAX];
	size_t lens[BLOCKING_ARGS_MAX];
	char keys[16];
	size_t count;

	if (!r->ctx || r->asked || !r->hashes[script->index][0])
		return false;
	count = fill_call(r, all, keys, &args);
	must(count <= BLOCKING_ARGS_MAX);
	all[1] = (struct rarg){ r->hashes[script->index], 40 };
	for (size_t i = 0; i < count; i++) {
		argv[i] = all[i].data;
		lens[i] = all[i].len;
	}
	if (redisAppendCommandArgv(r->ctx, (int)count, argv, lens) !=
	    REDIS_OK) {
		rconn_fail_io(r, script->name, NULL);
		return false;
	}
	if (flush(r, script->name, NULL) == -1)
		return false;
	r->asked = script->name;
	return true;
}

redisReply *rconn_script(struct rconn *r, const struct rscript *script,
			 struct rargs args, struct fault *why)
{
	struct rarg all[RCONN_ARGS_MAX];
	char keys[16];
	struct fault inner;

	must(script->index < RSCRIPT_MAX);
	for (int round = 0;; round++) {
		redisReply *reply;
		size_t count;

		if (rconn_open(r, why) == -1)
			return NULL;
		if (!r->hashes[script->index][0] &&
		    load_script(r, script, why) == -1)
			return NULL;
		/* Only now it is known who is at the other end. */
		count = fill_call(r, all, keys, &args);
		all[1] = (struct rarg){ r->hashes[script->index], 40 };
		reply = rconn_call_open(r, count, all, &inner);
		if (reply)
			return reply;
		/* A FLUSHALL or SCRIPT FLUSH forgets scripts. */
		if (round == 0 && strstr(inner.text, "NOSCRIPT")) {
			r->hashes[script->index][0] = '\0';
			continue;
		}
		fault_set(why, inner.class, "%s (script %s)", inner.text,
			  script->name);
		return NULL;
	}
}
