/* SPDX-License-Identifier: MIT */
/* The settings of maild-amqp; each is described in its row in amqpconf.c. */
#ifndef AMQP_AMQPCONF_H
#define AMQP_AMQPCONF_H

#include "base/compiler.h"
#include "base/fault.h"
#include "conf/conf.h"
#include "daemon/fence.h"
#include "redis/redisconf.h"

#include <stdint.h>

#define AMQP_HOSTS_MAX 8
#define AMQP_HOST_MAX 254	/* bytes with NUL */

struct amqpconf {
	char *user, *group, *pid_file, *log, *log_level;
	bool seccomp, landlock;
	struct redisconf redis;
	char *amqp;
	char *amqp_tls, *amqp_tls_ca_file;
	char *amqp_user, *amqp_password_file, *amqp_vhost;
	char *queue, *refused;
	bool declare;
	int64_t prefetch;
	int64_t message_age;	/* ms */
	int64_t intake_limit;
	int64_t give_back;	/* ms */
	int64_t stop_grace;	/* ms */
	char *alert_command;
	int64_t alert_interval;	/* ms */

	/* Not in the table: read by amqpconf_secrets_read(). */
	struct redis_secrets redis_secrets;
	char *amqp_password;
};

extern const struct conf_table amqpconf_table;

/* Reads the file (NULL = defaults) and checks what must hold.  0, or -1 with
 * FAULT_CONFIG.  amqpconf_release() frees. */
int amqpconf_load(const char *path, struct amqpconf *conf, struct fault *why)
	MUST_USE;

/* Reads the files that only root may be able to read.  0, or -1. */
int amqpconf_secrets_read(struct amqpconf *conf, struct fault *why) MUST_USE;

/* The same at a reload: a file that cannot be read any more leaves the secret
 * as it was, if its name is the same; what is taken from old is gone there. */
int amqpconf_secrets_keep(struct amqpconf *fresh, struct amqpconf *old,
			  struct fault *why) MUST_USE;

void amqpconf_release(struct amqpconf *conf);

/* One of the hosts of RabbitMQ. */
struct amqpconf_place {
	char name[AMQP_HOST_MAX];
	int port;
	bool tls;
};

/* Reads host number i of the list.  Returns 1, 0 if there are not so many, -1
 * with FAULT_CONFIG. */
int amqpconf_place_at(const struct amqpconf *conf, size_t i,
		  struct amqpconf_place *out, struct fault *why) MUST_USE;

struct fence amqpconf_fence(const struct amqpconf *conf);

#endif
