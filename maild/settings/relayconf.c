/* SPDX-License-Identifier: MIT */
/* The [relay NAME] sections of maild.conf. */
#include "config.h"

#include "settings/relayconf.h"

#include "base/alloc.h"
#include "base/fdio.h"
#include "base/str.h"
#include "conf/check.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PASSWORD_MAX 512	/* what fits into libesmtp's buffers */
#define IMPLICIT_PORT 465	/* submissions */

#define ROW(kind, name, fallback, ...) \
	CONF_ROW(kind, struct relay_conf, name, fallback, __VA_ARGS__)
#define TEXT(name, fallback, most, ...) \
	ROW(CONF_TEXT, name, fallback, .max = (most), .help = __VA_ARGS__)
#define PATH(name, fallback, ...) \
	ROW(CONF_PATH, name, fallback, .max = PATH_MAX, .help = __VA_ARGS__)
#define COUNT(name, fallback, least, most, ...) \
	ROW(CONF_COUNT, name, fallback, .min = (least), .max = (most), \
	    .help = __VA_ARGS__)
#define CHOICE(name, fallback, words, ...) \
	ROW(CONF_CHOICE, name, fallback, .choices = (words), \
	    .help = __VA_ARGS__)

static const struct conf_row rows[] = {
	TEXT(host, "", 253, "Name or IPv4 address of the mail server."),
	COUNT(port, "25", 1, 65535, "Its port; 587 or 465 at most providers."),
	CHOICE(tls, "auto", "auto|required|implicit|off|off-anywhere",
	       "required: nothing is sent without STARTTLS and a valid "
	       "certificate.  implicit: the same with TLS from the first "
	       "byte.  off: in clear text, only for this host.  auto: implicit "
	       "for port 465, else off for this host, else required.  "
	       "off-anywhere: in clear text over the network, for everybody on "
	       "the way to read."),
	CHOICE(tls_min, "1.2", "1.2|1.3",
	       "Oldest version of TLS that the server may speak."),
	PATH(tls_ca_file, "",
	     "File with the certificates to trust; empty = the system's."),
	TEXT(tls_name, "", 253,
	     "Name that the server's certificate must have; empty = host."),
	CHOICE(auth, "password", "password|xoauth2|oauthbearer",
	       "What the user logs in with: a password, or an OAuth access "
	       "token by one of the two ways that servers know."),
	TEXT(auth_user, "", 256, "Log in as this user; empty = do not."),
	PATH(auth_password_file, "",
	     "File with the user's password, mode 0600."),
	PATH(auth_token_command, "",
	     "Program that prints an access token and, in a second line, for "
	     "how many seconds it is good (3600 if it does not say).  It is "
	     "run without a shell and as our user, each time that most of "
	     "these seconds have passed."),
	PATH(auth_token_file, "",
	     "File with an access token that somebody else renews, mode 0600; "
	     "read again when it changes.  Either this or the command."),
	ROW(CONF_BOOL, auth_clear, "no",
	    .help = "May the password or token go over a connection that is "
		    "not encrypted?"),
	ROW(CONF_RATE, rate, "0", .max = 3600LL * 100000,
	    .help = "Most mails that this host sends: 5/s, 100/min, 500/h; "
		    "0 = no limit."),
	COUNT(connections, "0", 0, 255,
	      "Most connections at once; 0 = one for each worker."),
	COUNT(session_mails, "100", 1, 10000,
	      "Most mails over one connection."),
	CHOICE(dsn, "no", "no|never|failure|delay|all",
	       "Which reports to request about a mail's fate, where the server "
	       "can: no = do not ask, never, failure, delay = failure and "
	       "delay, all = also success."),
};

const struct conf_table relayconf_table = { rows, ARRAY_COUNT(rows), NULL };

void relayconf_fill_local(void *item)
{
	struct relay_conf *relay = item;

	free(relay->host);
	relay->host = alloc_text("127.0.0.1");
}

enum relay_tls relayconf_tls(const struct relay_conf *relay)
{
	bool is_auto = strcmp(relay->tls, "auto") == 0;

	/* RFC 8314: that port means nothing else, here or elsewhere. */
	if (strcmp(relay->tls, "implicit") == 0 ||
	    (is_auto && relay->port == IMPLICIT_PORT))
		return RELAY_IMPLICIT;
	if (strcmp(relay->tls, "required") == 0 ||
	    (is_auto && !conf_is_this_host(relay->host)))
		return RELAY_STARTTLS;
	return RELAY_CLEAR;
}

const char *relayconf_token_way(const struct relay_conf *relay)
{
	if (strcmp(relay->auth, "xoauth2") == 0)
		return "XOAUTH2";
	return strcmp(relay->auth, "oauthbearer") == 0 ? "OAUTHBEARER" : NULL;
}

/* Does what the user logs in with come from exactly one place? */
static int check_source(const struct relay_conf *relay, struct fault *why)
{
	bool command = relay->auth_token_command[0] != '\0';
	bool file = relay->auth_token_file[0] != '\0';

	if (!relayconf_token_way(relay) && (command || file))
		return fault_set(why, FAULT_CONFIG, "%s is set and auth is "
				 "password: set auth = xoauth2, or "
				 "oauthbearer", command ? "auth_token_command"
				 : "auth_token_file");
	if (!relayconf_token_way(relay))
		return 0;
	if (relay->auth_password_file[0])
		return fault_set(why, FAULT_CONFIG, "auth_password_file is set "
				 "and auth = %s logs in with a token",
				 relay->auth);
	if (command == file)
		return fault_set(why, FAULT_CONFIG, "auth = %s needs "
				 "auth_token_command or auth_token_file%s",
				 relay->auth, command ? ", not both" : "");
	return 0;
}

static int check_auth(const struct relay_conf *relay, struct fault *why)
{
	bool token = relayconf_token_way(relay) != NULL;

	if (check_source(relay, why) == -1)
		return -1;
	if (!relay->auth_user[0] && (token || relay->auth_password_file[0]))
		return fault_set(why, FAULT_CONFIG, "%s is set and auth_user "
				 "is not", token ? "auth"
				 : "auth_password_file");
	if (!relay->auth_user[0])
		return 0;
	if (!token && !relay->auth_password_file[0])
		return fault_set(why, FAULT_CONFIG, "auth_user is set and "
				 "auth_password_file is not");
	if (relayconf_tls(relay) == RELAY_CLEAR && !relay->auth_clear)
		return fault_set(why, FAULT_CONFIG, "would show the %s "
				 "in clear: set tls = required, or "
				 "auth_clear = yes", token ? "access token"
				 : "password");
	/* A control character would end the user's name in what the server is
	 * told (RFC 7628). */
	return token ? conf_check_line("auth_user", relay->auth_user, why) : 0;
}

int relayconf_check(const void *item, struct fault *why)
{
	const struct relay_conf *relay = item;

	if (relay->host[0] == '\0')
		return fault_set(why, FAULT_CONFIG, "host is missing");
	if (strpbrk(relay->host, ": \t/"))
		return fault_set(why, FAULT_CONFIG,
				 "host: \"%s\" is not a host name (IPv6 "
				 "numbers need a name)", relay->host);
	if (conf_check_host("host", relay->host, why) == -1 ||
	    conf_check_host("tls_name", relay->tls_name, why) == -1)
		return -1;
	if (strcmp(relay->tls, "off") == 0 && !conf_is_this_host(relay->host))
		return fault_set(why, FAULT_CONFIG, "tls = off is for this "
				 "host only, and %s is another; tls = "
				 "off-anywhere if you mean it", relay->host);
	return check_auth(relay, why);
}

void relayconf_release(void *item)
{
	struct relay_conf *relay = item;

	secret_free(relay->password);
	relay->password = NULL;
}

int relayconf_secret_read(struct relay_conf *relay, struct fault *why)
{
	if (relay->auth_password_file[0] == '\0')
		return 0;
	if (secret_read(relay->auth_password_file, &relay->password, why) == -1)
		return -1;
	if (strlen(relay->password) <= PASSWORD_MAX)
		return 0;
	relayconf_release(relay);
	return fault_set(why, FAULT_CONFIG, "%s: longer than %d bytes",
			 relay->auth_password_file, PASSWORD_MAX);
}

const struct relay_conf *relayconf_at(const struct conf_list *relays, size_t i)
{
	return (const struct relay_conf *)relays->items + i;
}
