/* SPDX-License-Identifier: MIT */
/* The settings of booking.fcgi and bookctl; each is explained in its row. */
#ifndef SITE_APPCONF_H
#define SITE_APPCONF_H

#include "base/compiler.h"
#include "base/fault.h"
#include "conf/conf.h"
#include "db/conn.h"
#include "domain/zone.h"
#include "redis/redisconf.h"

#include <stdbool.h>
#include <stdint.h>

#define APPCONF_FILE SYSCONFDIR "/reservoir/booking.conf"

/* What one of our programs logs in with, if it is not what all do. */
struct appconf_account {
	char *mysql_user;	/* "" = as all */
	char *mysql_password_file;
	char *redis_user;	/* "" = as all */
	char *redis_password_file;
};

/* Members are named as the settings. */
struct appconf {
	char *listen;
	int64_t listen_mode;
	char *listen_group;
	int64_t workers;	/* 0: appconf_workers() says how many */
	char *user;
	char *group;
	char *pid_file;
	char *log;
	char *log_level;
	bool seccomp;
	bool landlock;
	char *mysql_socket;
	char *mysql_host;
	int64_t mysql_port;
	char *mysql_tls;
	char *mysql_tls_ca_file;
	char *mysql_tls_name;
	char *mysql_user;
	char *mysql_password_file;
	char *mysql_database;
	struct redisconf redis;
	struct appconf_account relay;
	struct appconf_account bookctl;
	char *grants_file;
	char *base_url;
	char *ref_prefix;
	char *server_key_file;
	char *server_key_old_file;
	char *message_domain;
	char *mail_from_address;
	bool mail_jsonld;
	char *site_name;
	char *site_logo;
	char *site_colour;
	char *site_contact;
	char *security_contact;
	char *default_locale;
	char *default_zone;
	char *data_dir;
	char *template_dir;
	char *locale_dir;
	int64_t request_time;		/* ms */
	int64_t recycle_requests;
	int64_t stop_grace;		/* ms */
	int64_t address_mails_a_day;
	int64_t client_mails_an_hour;
	int64_t seats_max;
	int64_t moves_max;
	int64_t resend_pause;		/* ms */
	char *quiet_hours;		/* quiet_hours_read() */
	int64_t retention;		/* ms */
	int64_t outbox_delay;		/* ms */
	int64_t outbox_horizon;		/* ms */
	char *digest_to;
	int64_t digest_hour;
	char *alert_command;
	int64_t alert_interval;		/* ms */
};

/* The table, for -T and the check against the man page. */
extern const struct conf_table appconf_table;

/*
 * Reads path (NULL = defaults only) and checks what no single row can: the
 * address of the site, the log's target, times that depend on each other.
 * Returns 0, or -1 with FAULT_CONFIG and *c empty.
 */
int appconf_load(const char *path, struct appconf *c, struct fault *why)
	MUST_USE;
void appconf_release(struct appconf *c);

/* The time zone of a new service that names none: default_zone, else this
 * machine's in host; "" if neither is known.  Borrowed from either. */
const char *appconf_zone(const struct appconf *c,
			 char host[ZONE_NAME_MAX + 1]);

/* What the *_file settings name; NULL where the setting is empty. */
struct appconf_secrets {
	char *mysql_password;
	struct redis_secrets redis;
	char *server_key;	/* at least TOKEN_KEY_MIN bytes */
	char *server_key_old;	/* the same */
	char *relay_mysql_password;
	char *relay_redis_password;
};

/*
 * Makes an account the one that connections are made with; what it does not
 * name stays as it is for all.
 */
void appconf_account_use(struct appconf *c, struct appconf_account *account);

/* In a child: the relay logs in as itself, all others forget how it does. */
void appconf_be_relay(struct appconf *c, struct appconf_secrets *s);
void appconf_forget_relay(struct appconf_secrets *s);

/*
 * Reads those of booking.fcgi.  An empty server_key_file is refused: every
 * capability hangs on it.  Returns 0, or -1 with FAULT_CONFIG and *s empty.
 */
int appconf_secrets_read(const struct appconf *c, struct appconf_secrets *s,
			 struct fault *why) MUST_USE;

/* How the database is reached: the one place where this is gathered.  Borrows
 * from *c; without password, shared choice and names. */
struct dbconn_opts appconf_database(const struct appconf *c);

/* Can the authorities that the database is trusted by be read?  0, or -1 with
 * FAULT_CONFIG. */
int appconf_database_check(const struct appconf *c, struct fault *why)
	MUST_USE;

/* Is a name to be looked up for the database or for Redis? */
bool appconf_has_names(const struct appconf *c);

/* How many processes are to answer requests. */
unsigned appconf_workers(const struct appconf *c);

/* Wipes and frees. */
void appconf_secrets_release(struct appconf_secrets *s);

#endif
