/* SPDX-License-Identifier: MIT */
/* Counts mails by address and by client, in Redis. */
#include "config.h"

#include "limits.h"

#include "alloc.h"
#include "logger.h"
#include "rconn.h"
#include "str.h"
#include "ticks.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_MS 100		/* to connect, and for the one command */
#define SKIP_MS 5000		/* after a failure */
#define DAY_S "86400"
#define HOUR_S "3600"
#define HASH_BYTES 16
#define CLIENT_ROOM 64

/* One round trip; a count begins its own time with the first mail.  What is
 * over its limit is not counted on, so that trying again does not prolong it. */
static const struct rscript count_script = {
	.index = RSCRIPT_MAX - 1,
	.name = "limits",
	.text =
	"local over = 0\n"
	"for i = 1, #KEYS do\n"
	"  local limit = tonumber(ARGV[2 * i - 1])\n"
	"  local n = tonumber(redis.call('GET', KEYS[i]) or '0')\n"
	"  if limit > 0 and n >= limit then over = i end\n"
	"end\n"
	"if over > 0 then return over end\n"
	"for i = 1, #KEYS do\n"
	"  if redis.call('INCR', KEYS[i]) == 1 then\n"
	"    redis.call('EXPIRE', KEYS[i], ARGV[2 * i])\n"
	"  end\n"
	"end\n"
	"return 0\n",
};

struct limits {
	struct rconn *r;
	char *prefix;
	struct token_key key;
	int64_t address_a_day;
	int64_t client_an_hour;
	int64_t skip_until_ms;	/* ticks */
	bool away;		/* has been logged */
};

struct limits *limits_new(const struct limits_opts *opts, struct fault *why)
{
	const struct rconn_opts redis = {
		.address = opts->redis,
		.password = opts->password,
		.connect_timeout_ms = LIMIT_MS,
		.command_timeout_ms = LIMIT_MS,
	};
	struct rconn *r = rconn_new(&redis, why);

	if (!r)
		return NULL;

	struct limits *l = alloc_zeroed(1, sizeof(*l));

	l->r = r;
	l->prefix = alloc_text(opts->prefix);
	l->key = opts->key;
	l->address_a_day = opts->address_a_day;
	l->client_an_hour = opts->client_an_hour;
	return l;
}

void limits_free(struct limits *l)
{
	if (!l)
		return;
	rconn_free(l->r);
	free(l->prefix);
	free(l);
}

/* "{maild}:cap:a:HASH"; the caller frees it. */
static char *key_of(const struct limits *l, char kind, const char *text)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	char hex[2 * HASH_BYTES + 1];

	must(HMAC(EVP_sha256(), l->key.bytes, (int)l->key.len,
		  (const unsigned char *)text, strlen(text), mac, &len));
	must(len >= HASH_BYTES);
	str_hex(hex, mac, HASH_BYTES);
	return alloc_printf("%scap:%c:%s", l->prefix, kind, hex);
}

/* One home or office has one IPv4 address, or a /64 of IPv6. */
static void client_network(const char *client, char out[CLIENT_ROOM])
{
	struct in6_addr address;

	if (inet_pton(AF_INET6, client, &address) == 1) {
		memset(address.s6_addr + 8, 0, 8);
		if (inet_ntop(AF_INET6, &address, out, CLIENT_ROOM))
			return;
	}
	(void)snprintf(out, CLIENT_ROOM, "%.60s", client);
}

static bool count(struct limits *l, char *const *keys)
{
	char limits[2][24];
	struct fault why = { .class = FAULT_NONE };

	(void)snprintf(limits[0], sizeof(limits[0]), "%lld",
		       (long long)l->address_a_day);
	(void)snprintf(limits[1], sizeof(limits[1]), "%lld",
		       (long long)l->client_an_hour);

	const struct rarg args[] = {
		{ keys[0], strlen(keys[0]) },
		{ keys[1], strlen(keys[1]) },
		{ limits[0], strlen(limits[0]) },
		{ DAY_S, strlen(DAY_S) },
		{ limits[1], strlen(limits[1]) },
		{ HOUR_S, strlen(HOUR_S) },
	};
	struct redisReply *reply = rconn_script(l->r, &count_script, 2,
						ARRAY_COUNT(args), args, &why);

	if (!reply) {
		l->skip_until_ms = ticks_ms() + SKIP_MS;
		if (!l->away)
			log_warning("mails are not counted: %s", why.text);
		l->away = true;
		return true;
	}
	if (l->away)
		log_info("mails are counted again");
	l->away = false;

	int64_t over = rreply_int(reply);

	rreply_free(reply);
	if (over)
		log_warning("over the limit of=%s",
			    over == 1 ? "address" : "client");
	return over == 0;
}

bool limits_allow(struct limits *l, const char *email, const char *client)
{
	char lower[256];
	char network[CLIENT_ROOM];
	char *keys[2];

	if ((!l->address_a_day && !l->client_an_hour) ||
	    ticks_ms() < l->skip_until_ms)
		return true;
	/* "Zoe@" and "zoe@" are one mailbox nearly everywhere. */
	(void)snprintf(lower, sizeof(lower), "%s", email);
	for (char *p = lower; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	client_network(client, network);
	keys[0] = key_of(l, 'a', lower);
	keys[1] = key_of(l, 'c', network);

	bool allowed = count(l, keys);

	free(keys[0]);
	free(keys[1]);
	return allowed;
}
