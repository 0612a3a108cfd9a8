/* SPDX-License-Identifier: MIT */
/* The settings that say how Redis is reached, the same for all programs. */
#ifndef REDIS_REDISCONF_H
#define REDIS_REDISCONF_H

#include "base/compiler.h"
#include "base/fault.h"
#include "conf/conf.h"
#include "redis/rconn.h"

struct redisconf {
	char *address;		/* as of struct rconn_opts */
	char *user;		/* "" = the default one */
	char *password_file;	/* "" = none */
	char *sentinel_password_file;	/* "" = none */
	char *tls;		/* "off" or "required" */
	char *tls_ca_file;	/* "" = the system's */
	char *tls_name;		/* "" = the host's */
	char *prefix;		/* how all our keys begin */
};

/* Their rows in the table of a struct that has a redisconf named redis. */
#define REDISCONF_ROW(kind, of, setting, member, value, most, ...) \
	{ .name = (setting), .type = (kind), .fallback = (value), \
	  .offset = offsetof(of, redis.member), .max = (most), \
	  .help = __VA_ARGS__ }
#define REDISCONF_ROWS(of) \
	REDISCONF_ROW(CONF_TEXT, of, "redis", address, \
		      "tcp:127.0.0.1:6379", 1024, \
		      "Redis: unix:/path, tcp:HOST:PORT, rediss:HOST:PORT " \
		      "(TLS), the sentinels that know where it is: " \
		      "sentinel:NAME@HOST:PORT,HOST:PORT, or nodes of a " \
		      "cluster: cluster:HOST:PORT,HOST:PORT."), \
	REDISCONF_ROW(CONF_TEXT, of, "redis_user", user, "", 80, \
		      "User in Redis (its ACL), with a password. Empty: the " \
		      "default user."), \
	REDISCONF_ROW(CONF_PATH, of, "redis_password_file", password_file, \
		      "", 4095, "File with the password of Redis, mode 0600. " \
		      "Empty: none.", .restart = true), \
	REDISCONF_ROW(CONF_PATH, of, "redis_sentinel_password_file", \
		      sentinel_password_file, "", 4095, "File with the " \
		      "sentinels' password, mode 0600. Empty: none.", \
		      .restart = true), \
	REDISCONF_ROW(CONF_CHOICE, of, "redis_tls", tls, "off", 16, \
		      "required: only over TLS, to sentinels and a cluster's " \
		      "nodes as well, with a certificate that is valid for " \
		      "the host's name. off: in clear text, but for rediss:.", \
		      .choices = "off|required"), \
	REDISCONF_ROW(CONF_PATH, of, "redis_tls_ca_file", tls_ca_file, "", \
		      4095, "PEM file with the authorities that vouch for " \
		      "Redis. Empty: the system's."), \
	REDISCONF_ROW(CONF_TEXT, of, "redis_tls_name", tls_name, "", 253, \
		      "Name that the certificates of Redis must have. Empty: " \
		      "each host's."), \
	REDISCONF_ROW(CONF_TEXT, of, "queue_prefix", prefix, "{maild}:", 48, \
		      "Beginning of all keys, the same in both settings " \
		      "files; the word in braces keeps them on one node of a " \
		      "cluster.")

/* Can the address be understood?  0, or -1 with FAULT_CONFIG. */
int redisconf_check(const struct redisconf *c, struct fault *why) MUST_USE;

/* What the files hold; NULL where there is none. */
struct redis_secrets {
	char *password;
	char *sentinel_password;
};

/* Reads both files.  Returns 0 (redis_secrets_release() wipes and frees), or -1
 * with FAULT_CONFIG and *s empty. */
int redis_secrets_read(const struct redisconf *c, struct redis_secrets *s,
		       struct fault *why) MUST_USE;
void redis_secrets_release(struct redis_secrets *s);

/*
 * How Redis is reached, with both passwords (s = NULL: none): the one place
 * where these are gathered.  Borrows from *c and *s; the limits are to connect
 * and for each command.
 */
struct rconn_opts redisconf_opts(const struct redisconf *c,
				 const struct redis_secrets *s,
				 int connect_ms, int command_ms);

/*
 * For a check: does Redis answer, and may our user do no more than it needs?
 * 0, or -1 with a sentence; the connection may be closed by it.
 */
int redis_note(struct rconn *r, struct fault *why) MUST_USE;

#endif
