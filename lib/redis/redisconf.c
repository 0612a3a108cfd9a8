/* SPDX-License-Identifier: MIT */
/* The settings that say how Redis is reached. */
#include "config.h"

#include "redis/redisconf.h"

#include "base/fdio.h"
#include "conf/check.h"

#include <string.h>

int redisconf_check(const struct redisconf *c, struct fault *why)
{
	const struct rconn_opts opts = redisconf_opts(c, NULL, 0, 0);
	struct rconn *r;

	if (*c->prefix == '\0')
		return fault_set(why, FAULT_CONFIG, "queue_prefix is empty");
	if (conf_check_line("queue_prefix", c->prefix, why) == -1)
		return -1;
	if (conf_check_host("redis_tls_name", c->tls_name, why) == -1)
		return -1;
	r = rconn_new(&opts, why);
	rconn_free(r);
	if (r && *c->user && *c->password_file == '\0')
		return fault_set(why, FAULT_CONFIG, "redis_user: needs "
				 "redis_password_file");
	return r ? 0 : -1;
}

int redis_secrets_read(const struct redisconf *c, struct redis_secrets *s,
		       struct fault *why)
{
	*s = (struct redis_secrets){ .password = NULL };
	if ((*c->password_file == '\0' ||
	     secret_read(c->password_file, &s->password, why) == 0) &&
	    (*c->sentinel_password_file == '\0' ||
	     secret_read(c->sentinel_password_file, &s->sentinel_password,
			 why) == 0))
		return 0;
	redis_secrets_release(s);
	return -1;
}

void redis_secrets_release(struct redis_secrets *s)
{
	secret_free(s->password);
	secret_free(s->sentinel_password);
	*s = (struct redis_secrets){ .password = NULL };
}

struct rconn_opts redisconf_opts(const struct redisconf *c,
				 const struct redis_secrets *s,
				 int connect_ms, int command_ms)
{
	return (struct rconn_opts){
		.address = c->address,
		.prefix = c->prefix,
		.user = c->user,
		.password = s ? s->password : NULL,
		.sentinel_password = s ? s->sentinel_password : NULL,
		.tls = strcmp(c->tls, "required") == 0,
		.tls_ca_file = c->tls_ca_file,
		.tls_name = c->tls_name,
		.connect_timeout_ms = connect_ms,
		.command_timeout_ms = command_ms,
	};
}

int redis_note(struct rconn *r, struct fault *why)
{
	struct redisReply *reply;
	struct fault refused;

	if (rconn_verify(r, why) == -1)
		return -1;
	if (rconn_is_stray(r))
		return fault_set(why, FAULT_CONFIG, "a node of a cluster, and "
				 "the right one only until another one has the "
				 "keys: write redis = cluster:HOST:PORT,"
				 "HOST:PORT");
	/* Asked for a setting; nothing is changed. */
	reply = rconn_words(r, &refused, "CONFIG", "GET", "maxmemory",
			    (char *)NULL);
	rreply_free(reply);
	return !reply ? 0 :
		fault_set(why, FAULT_CONFIG, "redis_user may do more than it "
			  "needs, even administer Redis; redis-users.conf says "
			  "what that is");
}
