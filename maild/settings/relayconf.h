/* SPDX-License-Identifier: MIT */
/* The [relay NAME] sections of maild.conf; a setting's row describes it. */
#ifndef SETTINGS_RELAYCONF_H
#define SETTINGS_RELAYCONF_H

#include "base/compiler.h"
#include "base/fault.h"
#include "conf/conf.h"

#include <stdbool.h>
#include <stdint.h>

#define RELAYS_MAX 8		/* relays of one maild */

struct relay_conf {
	struct conf_item item;		/* its name */
	char *host;
	int64_t port;
	char *tls, *tls_min, *tls_ca_file, *tls_name;
	char *auth, *auth_user, *auth_password_file;
	char *auth_token_command, *auth_token_file;
	bool auth_clear;
	int64_t rate;			/* mails an hour, 0 = no limit */
	int64_t connections;		/* 0 = one for each worker */
	int64_t session_mails;
	char *dsn;

	char *password;			/* relayconf_secret_read(), or NULL */
};

extern const struct conf_table relayconf_table;

/* The parts of a conf_section. */
void relayconf_fill_local(void *item);		/* 127.0.0.1, port 25 */
int relayconf_check(const void *item, struct fault *why);
void relayconf_release(void *item);		/* wipes the password */

enum relay_tls { RELAY_CLEAR, RELAY_STARTTLS, RELAY_IMPLICIT };

/* How the connection is encrypted; RELAY_CLEAR = it need not be. */
enum relay_tls relayconf_tls(const struct relay_conf *relay);

/* How it logs in with an OAuth token: "XOAUTH2", "OAUTHBEARER"; NULL = it does
 * not. */
const char *relayconf_token_way(const struct relay_conf *relay);

/* Reads the password if there shall be one.  0, or -1 with FAULT_CONFIG. */
int relayconf_secret_read(struct relay_conf *relay, struct fault *why)
	MUST_USE;

/* The relays of a settings struct's list. */
const struct relay_conf *relayconf_at(const struct conf_list *relays,
				      size_t i);

#endif
