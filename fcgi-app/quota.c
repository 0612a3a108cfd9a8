/* SPDX-License-Identifier: MIT */
/* Counts mails by address and by client, in Redis. */
#include "config.h"

#include "quota.h"

#include "alloc.h"
#include "logger.h"
#include "str.h"
#include "ticks.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SKIP_MS 5000		/* after a failure */
#define DAY_S "86400"
#define HOUR_S "3600"
#define HASH_BYTES 16
#define CLIENT_ROOM 64
#define COUNTERS_MAX 2

/* One round trip.  A count begins its time with the first mail, so trying again
 * does not prolong it; who is over one limit does not use up the next. */
static const struct rscript count_script = {
	.index = RSCRIPT_MAX - 1,
	.name = "quota",
	.text =
	"for i = 1, #KEYS do\n"
	"  local n = redis.call('INCR', KEYS[i])\n"
	"  if n == 1 then\n"
	"    redis.call('EXPIRE', KEYS[i], ARGV[2 * i])\n"
	"  end\n"
	"  if n > tonumber(ARGV[2 * i - 1]) then return i end\n"
	"end\n"
	"return 0\n",
};

struct quota {
	struct rconn *r;
	char *prefix;
	struct token_key key;
	int64_t address_a_day;
	int64_t client_an_hour;
	int64_t skip_until_ms;	/* ticks */
	bool away;		/* has been logged */
};

struct quota *quota_new(const struct quota_opts *opts, struct fault *why)
{
	struct rconn *r = rconn_new(&opts->redis, why);

	if (!r)
		return NULL;

	struct quota *l = alloc_zeroed(1, sizeof(*l));

	l->r = r;
	l->prefix = alloc_text(opts->prefix);
	l->key = opts->key;
	l->address_a_day = opts->address_a_day;
	l->client_an_hour = opts->client_an_hour;
	return l;
}

void quota_free(struct quota *l)
{
	if (!l)
		return;
	rconn_free(l->r);
	free(l->prefix);
	free(l);
}

/* "{maild}:cap:a:HASH"; the caller frees it. */
static char *key_of(const struct quota *l, char kind, const char *text)
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

/* One thing that is counted. */
struct counter {
	const char *name;
	char *key;
	char limit[24];
	const char *period_s;
};

static bool count(struct quota *l, const struct counter *counters, size_t n)
{
	struct fault why = { .class = FAULT_NONE };
	struct rarg args[3 * COUNTERS_MAX];

	for (size_t i = 0; i < n; i++) {
		const struct counter *c = &counters[i];

		args[i] = (struct rarg){ c->key, strlen(c->key) };
		args[n + 2 * i] = (struct rarg){ c->limit, strlen(c->limit) };
		args[n + 2 * i + 1] = (struct rarg){ c->period_s,
						     strlen(c->period_s) };
	}

	struct redisReply *reply = rconn_script(l->r, &count_script, n, 3 * n,
						args, &why);

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
	if (over > 0 && (size_t)over <= n)
		log_warning("over the limit of=%s", counters[over - 1].name);
	return over == 0;
}

static size_t counter_add(const struct quota *l, struct counter *counters,
			  size_t n, const char *name, const char *text)
{
	bool client = name[0] == 'c';
	int64_t limit = client ? l->client_an_hour : l->address_a_day;
	struct counter *c = &counters[n];

	if (limit == 0 || *text == '\0')
		return n;
	c->name = name;
	c->key = key_of(l, name[0], text);
	(void)snprintf(c->limit, sizeof(c->limit), "%lld", (long long)limit);
	c->period_s = client ? HOUR_S : DAY_S;
	return n + 1;
}

bool quota_allow(struct quota *l, const char *email, const char *client)
{
	struct counter counters[COUNTERS_MAX];
	char lower[256];
	char network[CLIENT_ROOM];
	size_t n = 0;
	bool allowed;

	if (ticks_ms() < l->skip_until_ms)
		return true;
	/* "Zoe@" and "zoe@" are one mailbox nearly everywhere. */
	(void)snprintf(lower, sizeof(lower), "%s", email);
	for (char *p = lower; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	client_network(client, network);
	n = counter_add(l, counters, n, "client", network);
	n = counter_add(l, counters, n, "address", lower);
	allowed = n == 0 || count(l, counters, n);
	while (n > 0)
		free(counters[--n].key);
	return allowed;
}
