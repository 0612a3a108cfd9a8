/* SPDX-License-Identifier: MIT */
/* The settings of maild; each is described in its row in mailconf.c. */
#ifndef SETTINGS_MAILCONF_H
#define SETTINGS_MAILCONF_H

#include "base/compiler.h"
#include "base/fault.h"
#include "conf/conf.h"
#include "daemon/fence.h"
#include "redis/redisconf.h"
#include "settings/relayconf.h"

#include <stdint.h>

#define STORM_LIMIT_MAX 64	/* largest storm_limit */

struct mailconf {
	int64_t workers;
	char *user, *group, *pid_file, *log, *log_level;
	bool seccomp, landlock;
	struct redisconf redis;
	char *data_dir, *template_dir, *default_locale;
	char *hello_name;
	char *mail_from_name, *mail_from_address, *envelope_from;
	char *message_domain;
	char *bounce_to, *bounce_delimiter, *bounce_key_file, *bounce_keep;
	int64_t connect_timeout, greeting_timeout, envelope_timeout;
	int64_t transfer_timeout, final_timeout;
	int64_t session_time, session_idle;
	int64_t retry_min, retry_max, max_age, breaker_max;
	int64_t mail_from_pause, storm_limit, storm_hold;
	int64_t crash_pause, crash_limit, uncertain_limit;
	int64_t ready_window, sent_memory, host_lease, stop_grace;

	char *journal_dir;

	char *alert_command;
	int64_t alert_interval;
	struct conf_list relays;	/* of struct relay_conf, in order of
					   preference; at least one */

	char *bulk_kinds, *hold_kinds;	/* see queue_kind_is_in() */
	int64_t bulk_share, dead_memory;

	struct redis_secrets redis_secrets;	/* of mailconf_secrets_read() */
	char *bounce_key;	/* ... too; NULL = bounce_to is empty */
};

extern const struct conf_table mailconf_table;

/*
 * Reads and checks the file (NULL = defaults), without the secrets it names.
 * Returns 0 (mailconf_release() frees), or -1 with FAULT_CONFIG.
 */
int mailconf_load(const char *path, struct mailconf *conf, struct fault *why)
	MUST_USE;

/* Reads the secret files, before privileges are dropped.  0, or -1 with
 * FAULT_CONFIG. */
int mailconf_secrets_read(struct mailconf *conf, struct fault *why) MUST_USE;

/* The same without those of the relays, for the program that reads what comes
 * back. */
int mailconf_bounce_secrets_read(struct mailconf *conf, struct fault *why)
	MUST_USE;

/* How Redis is reached, with both passwords if they were read.  Borrows from
 * *conf; the limits are to connect and for each command. */
struct rconn_opts mailconf_redis(const struct mailconf *conf, int connect_ms,
				 int command_ms);

/* What a child may still do once its templates are read; borrows from *conf. A
 * certificate's file is read again when a server is refused. */
struct fence mailconf_fence(const struct mailconf *conf);

/*
 * After a reload: fresh gets its secrets.  Their files were read by root, and
 * we may be another user now: Redis's password stays, while those of the relays
 * and the key for bounces are read again where possible, or else stay if they
 * came from the same file.  0, or -1 with FAULT_CONFIG; old then keeps Redis's
 * password.
 */
int mailconf_secrets_keep(struct mailconf *fresh, struct mailconf *old,
			  struct fault *why) MUST_USE;

void mailconf_release(struct mailconf *conf);

/* bounce_to, envelope_from or mail_from_address, the first that is not empty.
 * Borrowed. */
const char *mailconf_envelope_from(const struct mailconf *conf);

#endif
