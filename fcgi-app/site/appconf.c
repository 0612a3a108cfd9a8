/* SPDX-License-Identifier: MIT */
/* The settings table of booking.fcgi and bookctl, and its checks. */
#include "config.h"

#include "site/appconf.h"

#include "base/fdio.h"
#include "base/str.h"
#include "conf/check.h"
#include "daemon/alert_run.h"
#include "daemon/fenceconf.h"
#include "daemon/names.h"
#include "daemon/prefork.h"
#include "domain/booking.h"
#include "domain/offer.h"
#include "domain/token.h"
#include "queue/envelope.h"
#include "site/palette.h"

#include <sched.h>
#include <stddef.h>

#define TEMPLATE_DIR SYSCONFDIR "/reservoir/templates"
#define LOCALE_DIR SYSCONFDIR "/reservoir/locale"
#define SECOND INT64_C(1000)
#define DAY (24 * 3600 * SECOND)

/* More would only take turns; fewer, and some slow pages leave nobody. */
#define WORKERS_A_CORE 3
#define WORKERS_MIN 4

#define ROW(kind, member, value, ...) \
	CONF_ROW(kind, struct appconf, member, value, __VA_ARGS__)
#define TEXT(member, value, longest, ...) \
	ROW(CONF_TEXT, member, value, .max = (longest), .help = __VA_ARGS__)
#define PATH(member, value, ...) \
	ROW(CONF_PATH, member, value, .max = 4095, .help = __VA_ARGS__)
#define NUMBER(member, kind, value, least, most, ...) \
	ROW(kind, member, value, .min = (least), .max = (most), \
	    .help = __VA_ARGS__)
#define CHOICE(member, value, words, ...) \
	ROW(CONF_CHOICE, member, value, .choices = (words), \
	    .help = __VA_ARGS__)
#define RESTART .restart = true

/* The four settings of an account of its own. */
#define OWN_ROW(kind, account, member, longest, ...) \
	{ .name = #account "_" #member, .type = (kind), .fallback = "", \
	  .offset = offsetof(struct appconf, account.member), \
	  .max = (longest), .help = __VA_ARGS__, RESTART }
#define ACCOUNT_ROWS(account, whose) \
	OWN_ROW(CONF_TEXT, account, mysql_user, 80, \
		"Account of " whose " in the database. Empty: mysql_user, " \
		"with its password."), \
	OWN_ROW(CONF_PATH, account, mysql_password_file, 4095, \
		"File with that account's password, mode 0600."), \
	OWN_ROW(CONF_TEXT, account, redis_user, 80, \
		"User of " whose " in Redis. Empty: redis_user, with its " \
		"password."), \
	OWN_ROW(CONF_PATH, account, redis_password_file, 4095, \
		"File with that user's password, mode 0600.")

static const struct conf_row rows[] = {
	TEXT(listen, "unix:" RUNSTATEDIR "/reservoir/booking.sock", 255,
	     "Where the web server reaches us: unix:/path or tcp:HOST:PORT. "
	     "Empty: the socket that spawn-fcgi hands over; one that "
	     "systemd hands over is used in any case.", RESTART),
	NUMBER(listen_mode, CONF_MODE, "0660", 0, 0777,
	       "Mode of the unix socket. Whoever may connect may book.",
	       RESTART),
	TEXT(listen_group, "", 64,
	     "Group of the unix socket: the web server's. Empty: ours.",
	     RESTART),
	NUMBER(workers, CONF_COUNT, "0", 0, PREFORK_MAX - 2,
	       "Processes that answer requests, each with one connection to "
	       "the database. 0: three for each core, and 4 at least.",
	       RESTART),
	TEXT(user, "", 64,
	     "User to become after starting as root. Empty: no change.",
	     RESTART),
	TEXT(group, "", 64, "Group to become. Empty: the user's.", RESTART),
	PATH(pid_file, RUNSTATEDIR "/reservoir/booking.pid",
	     "Where the master writes its pid, locked while it runs.", RESTART),
	TEXT(log, "syslog", 4100, "syslog, stderr, or file:/path."),
	CHOICE(log_level, "info", "error|warning|info|debug",
	       "How much is logged: error, warning, info or debug. Only debug "
	       "may name addresses."),
	FENCECONF_ROWS(struct appconf),
	PATH(mysql_socket, "",
	     "Unix socket of MySQL or MariaDB. Empty: TCP to mysql_host."),
	TEXT(mysql_host, "127.0.0.1", 1024,
	     "Host of the database, or those of its group, in the order in "
	     "which they are to be used: HOST, HOST:PORT."),
	NUMBER(mysql_port, CONF_COUNT, "3306", 1, 65535,
	       "Port of those hosts that name none."),
	CHOICE(mysql_tls, "auto", "auto|required|off",
	       "TLS to the database, with its certificate verified. auto: "
	       "required to another host by TCP."),
	PATH(mysql_tls_ca_file, "",
	     "PEM file with the authorities that vouch for the database. "
	     "Empty: the system's."),
	TEXT(mysql_tls_name, "", 253,
	     "Name that the database's certificate must have. Empty: the "
	     "host's."),
	TEXT(mysql_user, "reservoir", 80, "Account in the database."),
	PATH(mysql_password_file, "",
	     "File with the account's password, mode 0600. Empty: none.",
	     RESTART),
	TEXT(mysql_database, "reservoir", 64, "Name of the database."),
	REDISCONF_ROWS(struct appconf),
	ACCOUNT_ROWS(relay, "the relay"),
	ACCOUNT_ROWS(bookctl, "bookctl"),
	PATH(grants_file, "",
	     "SQL that bookctl migrate runs at its end, each time: what the "
	     "other accounts may do. Empty: nothing."),
	TEXT(base_url, "http://127.0.0.1", 200,
	     "The site's address in links of mails, without a slash at the "
	     "end. If it has a path, the site is below that path."),
	PATH(server_key_file, "",
	     "File with at least 32 random characters (openssl rand -hex 32), "
	     "mode 0600: the key of all links to bookings. Changing it "
	     "breaks all links that were sent, unless server_key_old_file "
	     "has the one before.", RESTART),
	PATH(server_key_old_file, "",
	     "File with the key before: links made with it still open, and "
	     "none is made with it. Empty: none.", RESTART),
	TEXT(ref_prefix, "", TOKEN_PREFIX_MAX,
	     "What each new reference begins with, one or two of "
	     "0123456789ABCDEFGHJKMNPQRSTVWXYZ, where several sites share "
	     "one address (doc/scale.md). Empty: nothing."),
	TEXT(message_domain, "localhost", 200,
	     "Domain in the identifiers of calendar entries; never taken "
	     "from a request."),
	TEXT(mail_from_address, "", 254,
	     "Address that maild sends from, as in maild.conf: whom calendar "
	     "entries are from. Empty: maild says it, in its mails alone."),
	ROW(CONF_BOOL, mail_jsonld, "no",
	    .help = "Put the booking as JSON-LD into mails, for mail services "
	    "with which the sender is registered for it. Filters that disarm "
	    "scripts show it to readers as text."),
	TEXT(site_name, "", 200,
	     "Name of the organisation: in the head and the titles of pages, "
	     "in mails, and on the page about privacy. Empty: the "
	     "catalogue's."),
	TEXT(site_logo, "", 200,
	     "Its logo: the path of a picture that the web server has, below "
	     "base_url, such as /brand/logo.png. Mails show it, too, if "
	     "base_url is https; many mail programs do not show SVG. Empty: "
	     "none."),
	TEXT(site_colour, "", 7,
	     "Its colour, #rrggbb. Pages and mails make theirs of it, darker "
	     "or lighter where text could not be read. Empty: ours."),
	TEXT(site_contact, "", 254,
	     "Whom visitors ask about their data: an e-mail address, or the "
	     "https address of a page. Empty: nobody is named."),
	TEXT(security_contact, "", 254,
	     "Whom to tell of a hole in this site, for security.txt (RFC "
	     "9116): an e-mail address, or the https address of a page. "
	     "Empty: there is none."),
	TEXT(default_locale, "fr", 16,
	     "Language for visitors whose browser asks for none that we have."),
	TEXT(default_zone, "", ZONE_NAME_MAX,
	     "Time zone of a new service that names none, such as "
	     "Europe/Paris. Empty: this machine's."),
	PATH(data_dir, PKGDATADIR,
	     "Directory of templates, locale and schema."),
	PATH(template_dir, TEMPLATE_DIR,
	     "Your own templates, the same as maild's: each file in its folder "
	     "web replaces the shipped page of that name."),
	PATH(locale_dir, LOCALE_DIR,
	     "Your own languages: each file replaces texts of the shipped one "
	     "with its name, or adds a language."),
	NUMBER(request_time, CONF_MS, "8s", SECOND, 300 * SECOND,
	       "A request that takes longer is given up and its process "
	       "replaced. Keep this below nginx's fastcgi_read_timeout."),
	NUMBER(recycle_requests, CONF_COUNT, "10000", 0, 1000000000,
	       "Requests after which a process is replaced. 0: never."),
	NUMBER(stop_grace, CONF_MS, "10s", 0, 600 * SECOND,
	       "How long processes may take to finish their work at a stop.",
	       RESTART),
	NUMBER(address_mails_a_day, CONF_COUNT, "20", 0, 1000000,
	       "Mails that one visitor's network may cause to one address in "
	       "24 hours: bookings, changes, mails sent again. 0: no limit."),
	NUMBER(client_mails_an_hour, CONF_COUNT, "60", 0, 1000000,
	       "The same to all addresses together, in an hour; a network is "
	       "an address, for IPv6 its /64. 0: no limit."),
	NUMBER(seats_max, CONF_COUNT, "0", 0, BOOKING_SEATS_MAX,
	       "How many places a visitor may book or wait for at once. 0: as "
	       "many as there are."),
	NUMBER(moves_max, CONF_COUNT, "10", 0, 1000000,
	       "How many times a visitor may move one booking. 0: no limit."),
	NUMBER(resend_pause, CONF_MS, "1min", 0, DAY,
	       "How long after an e-mail a visitor must wait to have it sent "
	       "again. Organisers may at any time."),
	TEXT(quiet_hours, "22:00-07:00", 11,
	     "Night, in the time zone of a slot: it does not count as time in "
	     "which a place that became free must be taken. Empty: no night."),
	NUMBER(retention, CONF_MS, "90d", 0, 36500 * DAY,
	       "How long after its end a booking keeps names, addresses and "
	       "notes. 0: for ever."),
	NUMBER(outbox_delay, CONF_MS, "10s", 100, 3600 * SECOND,
	       "After this the relay checks whether a new mail has reached "
	       "the queue."),
	NUMBER(outbox_horizon, CONF_MS, "6d", DAY, 60 * DAY,
	       "A mail that is not accepted by then is given up. Longer "
	       "than maild keeps trying."),
	TEXT(digest_to, "", 254,
	     "Address that gets a mail each day about mails that were not "
	     "delivered or are waiting. Empty: nobody."),
	NUMBER(digest_hour, CONF_COUNT, "6", 0, 23,
	       "Hour of that mail, in UTC."),

	PATH(alert_command, "",
	     "Program to run for an alert, its cause on standard input, "
	     "without a shell and as our user. Empty: none."),
	NUMBER(alert_interval, CONF_MS, "10min", SECOND, DAY,
	       "Shortest time between two runs of alert_command for one "
	       "cause."),
};

const struct conf_table appconf_table = { rows, ARRAY_COUNT(rows), NULL };

static int check_base_url(const char *url, struct fault *why)
{
	const char *host = url;

	if (str_starts_with(url, "https://"))
		host += strlen("https://");
	else if (str_starts_with(url, "http://"))
		host += strlen("http://");
	if (host == url || *host == '\0' || *host == '/')
		return fault_set(why, FAULT_CONFIG,
				 "base_url: \"%s\" is not https://host or "
				 "http://host", url);
	if (str_ends_with(url, "/"))
		return fault_set(why, FAULT_CONFIG,
				 "base_url: \"%s\" ends in a slash", url);
	/* It goes into links and headers as it is. */
	for (const char *p = url; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || strchr("\"'<>?#\\", *p) != NULL)
			return fault_set(why, FAULT_CONFIG,
					 "base_url: \"%s\" may hold no blank, "
					 "quote, query or fragment", url);
	return 0;
}

/* It goes into addresses as it is. */
static bool is_path(const char *path)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._~/";

	return path[0] == '/' && path[1] != '/' &&
	       path[strspn(path, allowed)] == '\0' &&
	       strstr(path, "/..") == NULL;
}

static bool is_contact(const char *contact)
{
	return envelope_address_is_plain(contact) ||
	       (str_starts_with(contact, "https://") &&
		contact[strcspn(contact, " \"'<>\\")] == '\0');
}

/* What the organisation is to look like. */
static int check_brand(const struct appconf *c, struct fault *why)
{
	struct palette none;

	if (conf_check_line("site_name", c->site_name, why) < 0)
		return -1;
	if (*c->site_logo != '\0' && !is_path(c->site_logo))
		return fault_set(why, FAULT_CONFIG, "site_logo: \"%s\" is not "
				 "a path such as /brand/logo.png",
				 c->site_logo);
	if (*c->site_colour != '\0' && !palette_make(c->site_colour, &none))
		return fault_set(why, FAULT_CONFIG, "site_colour: \"%s\" is "
				 "not #rrggbb", c->site_colour);
	if (*c->site_contact != '\0' && !is_contact(c->site_contact))
		return fault_set(why, FAULT_CONFIG, "site_contact: \"%s\" is "
				 "neither an address nor https://...",
				 c->site_contact);
	if (*c->security_contact != '\0' && !is_contact(c->security_contact))
		return fault_set(why, FAULT_CONFIG, "security_contact: \"%s\" "
				 "is neither an address nor https://...",
				 c->security_contact);
	return 0;
}

static int check_account(const char *whose, const struct appconf_account *a,
			 struct fault *why)
{
	if (*a->redis_user && *a->redis_password_file == '\0')
		return fault_set(why, FAULT_CONFIG, "%s_redis_user: needs "
				 "%s_redis_password_file", whose, whose);
	if (*a->mysql_user == '\0' && *a->mysql_password_file)
		return fault_set(why, FAULT_CONFIG, "%s_mysql_password_file: "
				 "needs %s_mysql_user", whose, whose);
	if (*a->redis_user == '\0' && *a->redis_password_file)
		return fault_set(why, FAULT_CONFIG, "%s_redis_password_file: "
				 "needs %s_redis_user", whose, whose);
	return 0;
}

static int check_database(const struct appconf *c, struct fault *why)
{
	struct dbhosts hosts;

	if (!dbhosts_read(c->mysql_host, (unsigned)c->mysql_port, &hosts))
		return fault_set(why, FAULT_CONFIG, "mysql_host: \"%s\" is not "
				 "like db1, db2:3307 (%d at most)",
				 c->mysql_host, DBHOSTS_MAX);
	if (conf_check_host("mysql_tls_name", c->mysql_tls_name, why) < 0)
		return -1;
	return appconf_database_check(c, why);
}

static int check(const struct appconf *c, struct fault *why)
{
	struct quiet_hours quiet;

	if (check_base_url(c->base_url, why) < 0 || check_brand(c, why) < 0)
		return -1;
	if (conf_check_log(c->log, why) < 0 ||
	    conf_check_listen(c->listen, why) < 0 ||
	    check_database(c, why) < 0 ||
	    conf_check_line("mysql_database", c->mysql_database, why) < 0 ||
	    conf_check_domain("message_domain", c->message_domain, why) < 0 ||
	    conf_check_dir("template_dir", c->template_dir, TEMPLATE_DIR,
			   why) < 0 ||
	    conf_check_dir("locale_dir", c->locale_dir, LOCALE_DIR, why) < 0)
		return -1;
	if (!token_prefix_is_good(c->ref_prefix))
		return fault_set(why, FAULT_CONFIG, "ref_prefix: \"%s\" is "
				 "not made of 0-9 and A-Z without I, L, O and "
				 "U", c->ref_prefix);
	if (*c->default_zone != '\0' && !zone_is_known(c->default_zone))
		return fault_set(why, FAULT_CONFIG, "default_zone: \"%s\" is "
				 "not in %s", c->default_zone, zone_dir());
	if (*c->digest_to != '\0' && !envelope_address_is_plain(c->digest_to))
		return fault_set(why, FAULT_CONFIG, "digest_to: \"%s\" is not "
				 "a plain address", c->digest_to);
	if (*c->mail_from_address != '\0' &&
	    !envelope_address_is_plain(c->mail_from_address))
		return fault_set(why, FAULT_CONFIG, "mail_from_address: "
				 "\"%s\" is not a plain address",
				 c->mail_from_address);
	if (*c->mysql_database == '\0')
		return fault_set(why, FAULT_CONFIG,
				 "mysql_database is empty");
	if (!quiet_hours_read(c->quiet_hours, &quiet))
		return fault_set(why, FAULT_CONFIG, "quiet_hours: \"%s\" is "
				 "not like 22:00-07:00", c->quiet_hours);
	if (alert_run_check(c->alert_command, why) < 0)
		return -1;
	if (*c->data_dir == '\0')
		return fault_set(why, FAULT_CONFIG, "data_dir is empty");
	if (c->outbox_delay >= c->outbox_horizon)
		return fault_set(why, FAULT_CONFIG,
				 "outbox_delay is not below outbox_horizon");
	if (check_account("relay", &c->relay, why) < 0 ||
	    check_account("bookctl", &c->bookctl, why) < 0)
		return -1;
	return redisconf_check(&c->redis, why);
}

int appconf_load(const char *path, struct appconf *c, struct fault *why)
{
	*c = (struct appconf){ 0 };
	if (conf_load(&appconf_table, path, c, why) < 0)
		return -1;
	if (check(c, why) < 0) {
		conf_place(path, why);
		appconf_release(c);
		return -1;
	}
	return 0;
}

const char *appconf_zone(const struct appconf *c,
			 char host[ZONE_NAME_MAX + 1])
{
	if (*c->default_zone != '\0')
		return c->default_zone;
	zone_of_host(host);
	return host;
}

void appconf_release(struct appconf *c)
{
	conf_release(&appconf_table, c);
	*c = (struct appconf){ 0 };
}

static void swap(char **one, char **other)
{
	char *held = *one;

	*one = *other;
	*other = held;
}

void appconf_account_use(struct appconf *c, struct appconf_account *account)
{
	if (*account->mysql_user) {
		swap(&c->mysql_user, &account->mysql_user);
		swap(&c->mysql_password_file, &account->mysql_password_file);
	}
	if (*account->redis_user) {
		swap(&c->redis.user, &account->redis_user);
		swap(&c->redis.password_file, &account->redis_password_file);
	}
}

void appconf_be_relay(struct appconf *c, struct appconf_secrets *s)
{
	if (*c->relay.mysql_user)
		swap(&s->mysql_password, &s->relay_mysql_password);
	if (*c->relay.redis_user)
		swap(&s->redis.password, &s->relay_redis_password);
	appconf_account_use(c, &c->relay);
	appconf_forget_relay(s);	/* now what the workers log in with */
}

void appconf_forget_relay(struct appconf_secrets *s)
{
	secret_free(s->relay_mysql_password);
	secret_free(s->relay_redis_password);
	s->relay_mysql_password = NULL;
	s->relay_redis_password = NULL;
}

static int secret_read_if(const char *path, char **out, struct fault *why)
{
	return *path == '\0' ? 0 : secret_read(path, out, why);
}

static int key_read(const char *path, char **out, struct fault *why)
{
	if (secret_key_read(path, out, why) < 0)
		return -1;
	if (strlen(*out) >= TOKEN_KEY_MIN)
		return 0;
	return fault_set(why, FAULT_CONFIG, "%s: shorter than %d bytes", path,
			 TOKEN_KEY_MIN);
}

int appconf_secrets_read(const struct appconf *c, struct appconf_secrets *s,
			 struct fault *why)
{
	*s = (struct appconf_secrets){ 0 };
	if (*c->server_key_file == '\0')
		return fault_set(why, FAULT_CONFIG,
				 "server_key_file is not set");
	if (key_read(c->server_key_file, &s->server_key, why) < 0 ||
	    (*c->server_key_old_file != '\0' &&
	     key_read(c->server_key_old_file, &s->server_key_old, why) < 0))
		goto fail;
	if (secret_read_if(c->mysql_password_file, &s->mysql_password,
			   why) == 0 &&
	    secret_read_if(c->relay.mysql_password_file,
			   &s->relay_mysql_password, why) == 0 &&
	    secret_read_if(c->relay.redis_password_file,
			   &s->relay_redis_password, why) == 0 &&
	    redis_secrets_read(&c->redis, &s->redis, why) == 0)
		return 0;
fail:
	appconf_secrets_release(s);
	return -1;
}

struct dbconn_opts appconf_database(const struct appconf *c)
{
	return (struct dbconn_opts){
		.socket = c->mysql_socket,
		.hosts = c->mysql_host,
		.port = (unsigned)c->mysql_port,
		.user = c->mysql_user,
		.database = c->mysql_database,
		.tls = { .mode = c->mysql_tls, .ca_file = c->mysql_tls_ca_file,
			 .name = c->mysql_tls_name },
	};
}

int appconf_database_check(const struct appconf *c, struct fault *why)
{
	const struct dbconn_opts opts = appconf_database(c);

	return dbtls_check(&opts.tls, why);
}

bool appconf_has_names(const struct appconf *c)
{
	struct dbhosts hosts = { .count = 0 };

	if (*c->mysql_socket == '\0')
		must(dbhosts_read(c->mysql_host, 0, &hosts));
	for (size_t i = 0; i < hosts.count; i++)
		if (!names_is_address(hosts.list[i].name))
			return true;
	return rconn_has_names(c->redis.address);
}

unsigned appconf_workers(const struct appconf *c)
{
	cpu_set_t cpus;
	unsigned count = WORKERS_MIN;

	if (c->workers > 0)
		return (unsigned)c->workers;
	/* A container may leave the machine's other cores to others. */
	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0)
		count = WORKERS_A_CORE * (unsigned)CPU_COUNT(&cpus);
	if (count < WORKERS_MIN)
		return WORKERS_MIN;
	return count < PREFORK_MAX - 2 ? count : PREFORK_MAX - 2;
}

void appconf_secrets_release(struct appconf_secrets *s)
{
	secret_free(s->server_key);
	secret_free(s->server_key_old);
	secret_free(s->mysql_password);
	appconf_forget_relay(s);
	redis_secrets_release(&s->redis);
	*s = (struct appconf_secrets){ 0 };
}
