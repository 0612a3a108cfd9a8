/* SPDX-License-Identifier: MIT */
/* Counts mails by address and by client, in Redis. */
#include "config.h"

#include "outbox/quota.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "domain/sha.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SKIP_MS 5000		/* after a failure */
#define DAY_S "86400"
#define HOUR_S "3600"
#define HASH_BYTES 16
#define CLIENT_ROOM 64
#define ADDRESS_ROOM 256
#define COUNTERS_MAX 2

/* One round trip: all limits first, so that an act over one uses up none.  A
 * count begins its time with the first mail.  ARGV: pairs of limit and seconds
 * for each counter; if the request is to be known again there is one more, and
 * another of KEYS. */
static const struct rscript count_script = {
	.index = RSCRIPT_MAX - 1,
	.name = "quota",
	.text =
	"local n = math.floor(#ARGV / 2)\n"
	"local mark = #ARGV % 2 == 1 and KEYS[n + 1]\n"
	"local known = mark and redis.call('EXISTS', mark) == 1\n"
	"local mine = known and 0 or 1\n"
	"for i = 1, n do\n"
	"  local now = tonumber(redis.call('GET', KEYS[i]) or '0')\n"
	"  if now + mine > tonumber(ARGV[2 * i - 1]) then return i end\n"
	"end\n"
	"if known then return -1 end\n"
	"for i = 1, n do\n"
	"  if redis.call('INCR', KEYS[i]) == 1 then\n"
	"    redis.call('EXPIRE', KEYS[i], ARGV[2 * i])\n"
	"  end\n"
	"end\n"
	"if mark then redis.call('SET', mark, '1', 'EX', " DAY_S ") end\n"
	"return 0\n",
};

/* Settles it; giving back does not begin a count that has run out meanwhile.
 * ARGV has two more: by how much, and whether to forget the request. */
static const struct rscript adjust_script = {
	.index = RSCRIPT_MAX - 2,
	.name = "quota_adjust",
	.text =
	"local n = (#ARGV - 2) / 2\n"
	"local by = tonumber(ARGV[#ARGV - 1])\n"
	"for i = 1, n do\n"
	"  if by > 0 or tonumber(redis.call('GET', KEYS[i]) or '0') > 0 then\n"
	"    if redis.call('INCRBY', KEYS[i], by) == by then\n"
	"      redis.call('EXPIRE', KEYS[i], ARGV[2 * i])\n"
	"    end\n"
	"  end\n"
	"end\n"
	"if ARGV[#ARGV] == '1' then\n"
	"  redis.call('DEL', KEYS[n + 1])\n"
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
static char *key_of(const struct quota *l, const char *kind, const void *bytes,
		    size_t len)
{
	uint8_t mac[SHA_BYTES];
	char hex[2 * HASH_BYTES + 1];
	struct buf key = BUF_INIT;

	sha_mac((struct sha_piece){ l->key.bytes, l->key.len },
		&(struct sha_piece){ bytes, len }, 1, mac);
	str_hex(hex, mac, HASH_BYTES);
	buf_addstr(&key, l->prefix);
	buf_addstr(&key, "cap:");
	buf_addstr(&key, kind);
	buf_addch(&key, ':');
	buf_addstr(&key, hex);
	return buf_detach(&key);
}

/* One home or office has one IPv4 address, however it is written, or a /64 of
 * IPv6. */
static void client_network(const char *client, char out[CLIENT_ROOM])
{
	struct in6_addr address;

	(void)snprintf(out, CLIENT_ROOM, "%.60s", client);
	if (inet_pton(AF_INET6, client, &address) != 1)
		return;
	if (IN6_IS_ADDR_V4MAPPED(&address)) {
		must(inet_ntop(AF_INET, address.s6_addr + 12, out,
			       CLIENT_ROOM));
		return;
	}
	memset(address.s6_addr + 8, 0, 8);
	must(inet_ntop(AF_INET6, &address, out, CLIENT_ROOM));
}

/* The keys of one act, with their limits. */
struct counters {
	char *keys[COUNTERS_MAX + 1];	/* the last: of the request */
	const char *names[COUNTERS_MAX];
	char limits[COUNTERS_MAX][STR_INT_SIZE];
	const char *periods_s[COUNTERS_MAX];
	size_t count;		/* of counters */
	size_t key_count;
};

static void counter_add(const struct quota *l, struct counters *c,
			const char *name, const char *text)
{
	bool client = name[0] == 'c';
	int64_t limit = client ? l->client_an_hour : l->address_a_day;
	size_t i = c->count;

	if (limit == 0 || *text == '\0')
		return;
	c->names[i] = name;
	c->keys[i] = key_of(l, client ? "c" : "a", text, strlen(text));
	(void)str_int(c->limits[i], limit);
	c->periods_s[i] = client ? HOUR_S : DAY_S;
	c->count = c->key_count = i + 1;
}

static void counters_init(const struct quota *l, struct counters *c,
			  const struct quota_act *act)
{
	char network[CLIENT_ROOM];
	char pair[ADDRESS_ROOM + CLIENT_ROOM];
	size_t local = strcspn(act->email, "+@");

	*c = (struct counters){ .count = 0 };
	client_network(act->client, network);
	/* "Zoe@" and "zoe@", and "zoe+rdv@" are one mailbox nearly everywhere.
	 * An address has no blank. */
	(void)snprintf(pair, sizeof(pair), "%.*s%.*s %s", (int)local,
		       act->email, ADDRESS_ROOM - 2 - (int)local,
		       act->email + strcspn(act->email, "@"), network);
	for (char *p = pair; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	counter_add(l, c, "client", network);
	counter_add(l, c, "address", pair);
	if (c->count > 0 && act->once)
		c->keys[c->key_count++] = key_of(l, "r", act->once,
						 act->once_bytes);
}

static void counters_release(struct counters *c)
{
	for (size_t i = 0; i < c->key_count; i++)
		free(c->keys[i]);
}

/* Runs a script on the counters, with up to two more arguments (NULL: none).
 * Its answer, or -2 if Redis is away. */
static int64_t run(struct quota *l, const struct rscript *script,
		   const struct counters *c, const char *const more[2])
{
	struct fault why = { .class = FAULT_NONE };
	struct rarg args[COUNTERS_MAX + 1 + 2 * COUNTERS_MAX + 2];
	size_t n = 0;

	for (size_t i = 0; i < c->key_count; i++)
		args[n++] = (struct rarg){ c->keys[i], strlen(c->keys[i]) };
	for (size_t i = 0; i < c->count; i++) {
		args[n++] = (struct rarg){ c->limits[i],
					   strlen(c->limits[i]) };
		args[n++] = (struct rarg){ c->periods_s[i],
					   strlen(c->periods_s[i]) };
	}

	for (size_t i = 0; i < 2 && more[i]; i++)
		args[n++] = (struct rarg){ more[i], strlen(more[i]) };

	struct redisReply *reply =
		rconn_script(l->r, script,
			     (struct rargs){ c->key_count, n, args }, &why);

	if (!reply) {
		l->skip_until_ms = ticks_ms() + SKIP_MS;
		if (!l->away)
			log_warning("mails are not counted: %s", why.text);
		l->away = true;
		return -2;
	}
	if (l->away)
		log_info("mails are counted again");
	l->away = false;

	int64_t said = rreply_int(reply);

	rreply_free(reply);
	return said;
}

enum quota_said quota_count(struct quota *l, const struct quota_act *act)
{
	const char *const more[2] = { act->once ? "1" : NULL };
	enum quota_said said = QUOTA_UNCOUNTED;
	struct counters c;
	int64_t over;

	if (ticks_ms() < l->skip_until_ms)
		return QUOTA_UNCOUNTED;
	counters_init(l, &c, act);
	over = c.count > 0 ? run(l, &count_script, &c, more) : -2;
	if (over == 0)
		said = QUOTA_COUNTED;
	else if (over == -1)
		said = QUOTA_REPEATED;
	else if (over > 0 && (size_t)over <= c.count) {
		log_warning("over the limit of=%s", c.names[over - 1]);
		said = QUOTA_OVER;
	}
	counters_release(&c);
	return said;
}

static void adjust(struct quota *l, const struct quota_act *act,
		   const char *const more[2])
{
	struct counters c;

	if (ticks_ms() < l->skip_until_ms)
		return;
	counters_init(l, &c, act);
	if (c.count > 0)
		(void)run(l, &adjust_script, &c, more); /* says what fails */
	counters_release(&c);
}

void quota_return(struct quota *l, const struct quota_act *act)
{
	const char *const more[2] = { "-1", act->once ? "1" : "0" };

	adjust(l, act, more);
}

void quota_adjust(struct quota *l, const struct quota_act *act, int by)
{
	const char *const more[2] = { by > 0 ? "1" : "-1", "0" };

	adjust(l, act, more);
}
