/* SPDX-License-Identifier: MIT */
/* maild's settings: the table, and what must hold between them. */
#include "config.h"

#include "settings/mailconf.h"

#include "base/alloc.h"
#include "base/fdio.h"
#include "base/logger.h"
#include "conf/check.h"
#include "daemon/alert_run.h"
#include "daemon/fenceconf.h"
#include "queue/envelope.h"
#include "queue/queue.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#define TEMPLATE_DIR SYSCONFDIR "/reservoir/templates"
#define BOUNCE_NAME_MAX 24
#define BOUNCE_KEY_MIN 16	/* bytes */
#define SEC 1000LL
#define MIN (60 * SEC)
#define HOUR (60 * MIN)
#define DAY (24 * HOUR)

#define ROW(kind, name, fallback, ...) \
	CONF_ROW(kind, struct mailconf, name, fallback, __VA_ARGS__)
#define TEXT(name, fallback, most, ...) \
	ROW(CONF_TEXT, name, fallback, .max = (most), .help = __VA_ARGS__)
#define PATH(name, fallback, ...) \
	ROW(CONF_PATH, name, fallback, .max = PATH_MAX, .help = __VA_ARGS__)
#define COUNT(name, fallback, least, most, ...) \
	ROW(CONF_COUNT, name, fallback, .min = (least), .max = (most), \
	    .help = __VA_ARGS__)
#define TIME(name, fallback, least, most, ...) \
	ROW(CONF_MS, name, fallback, .min = (least), .max = (most), \
	    .help = __VA_ARGS__)
#define RESTART .restart = true

static const struct conf_row rows[] = {
	COUNT(workers, "16", 1, QUEUE_SLOTS_MAX - 1,
	      "Worker processes.  One mail costs three round trips to the mail "
	      "server, so its latency decides the number, not the cores.",
	      RESTART),
	TEXT(user, "", 32, "User to become after starting as root; empty = "
	     "no change.", RESTART),
	TEXT(group, "", 32, "Group to become; empty = the user's.", RESTART),
	PATH(pid_file, RUNSTATEDIR "/reservoir/maild.pid",
	     "Where the master writes its process number, locked while it "
	     "runs.", RESTART),
	TEXT(log, "syslog", PATH_MAX,
	     "Where log lines go: stderr, syslog or file:/path."),
	ROW(CONF_CHOICE, log_level, "info", .max = 16,
	    .choices = "error|warning|info|debug",
	    .help = "The least important lines to log: error, warning, info or "
		    "debug."),
	FENCECONF_ROWS(struct mailconf),
	REDISCONF_ROWS(struct mailconf),
	PATH(data_dir, PKGDATADIR, "Shipped templates and catalogues."),
	PATH(template_dir, TEMPLATE_DIR,
	     "Your own mail templates; each file here replaces the shipped one "
	     "of the same name."),
	TEXT(default_locale, "fr", 16,
	     "Language of a mail whose envelope names none that exists."),
	TEXT(hello_name, "", 253,
	     "Name to say in EHLO; empty = this host's name."),
	TEXT(mail_from_name, "", 200,
	     "Sender's name as readers see it; empty = the organiser's."),
	TEXT(mail_from_address, "reservations@localhost", 254,
	     "Sender's address as readers see it."),
	TEXT(envelope_from, "", 254,
	     "Address that gets bounces; empty = mail_from_address."),
	TEXT(message_domain, "localhost", 253,
	     "Domain in Message-ID; the same on every attempt."),
	TEXT(bounce_to, "", 254,
	     "Address that gets bounces, with the mail's id and a proof before "
	     "its '@', so that reservoir-bounce(8) knows the mail for sure; "
	     "empty = they go to envelope_from."),
	ROW(CONF_CHOICE, bounce_delimiter, "+", .choices = "+|-|=|_",
	    .max = 1,
	    .help = "What your mail server has between a mailbox and what is "
		    "added to it: +, -, = or _."),
	PATH(bounce_key_file, "",
	     "File with the key of that proof, at least 16 bytes, mode 0600; "
	     "the same on all hosts."),
	PATH(bounce_keep, "",
	     "Maildir for mails to that address of which reservoir-bounce(8) "
	     "can make nothing; empty = they are dropped."),
	TIME(connect_timeout, "10s", SEC, 5 * MIN,
	     "Longest wait for the connection, DNS included."),
	TIME(greeting_timeout, "30s", SEC, 10 * MIN,
	     "Longest wait for the server's greeting and its answer to EHLO."),
	TIME(envelope_timeout, "30s", SEC, 10 * MIN,
	     "Longest wait for the answer to MAIL, RCPT and DATA."),
	TIME(transfer_timeout, "60s", SEC, 10 * MIN,
	     "Longest pause while the message is being sent."),
	TIME(final_timeout, "5min", SEC, 30 * MIN,
	     "Longest wait for the answer to the whole message.  Shorter means "
	     "more mails of unknown fate, which are sent again."),
	TIME(session_time, "30s", SEC, HOUR,
	     "Age after which an SMTP session takes no further mail."),
	TIME(session_idle, "1s", 0, MIN,
	     "How long an open SMTP session waits for another mail."),
	TIME(retry_min, "10min", 100, DAY,
	     "Pause after a recipient's first temporary refusal; it doubles, "
	     "with jitter."),
	TIME(retry_max, "4000s", 100, DAY, "Longest such pause."),
	TIME(mail_from_pause, "60s", 100, HOUR,
	     "Pause for a mail whose sender the server refuses for now."),
	COUNT(storm_limit, "20", 0, STORM_LIMIT_MAX,
	      "When recipients in this many domains in a row do not exist, an "
	      "alert is raised; 0 = never, and no refusal is doubted at all."),
	TIME(storm_hold, "60s", 100, HOUR,
	     "Pause for a mail whose refusal is doubted: it may be our fault."),
	TIME(max_age, "5d", MIN, 60 * DAY,
	     "Age at which a mail that was never accepted is given up."),
	TIME(breaker_max, "300s", 100, HOUR,
	     "Longest pause between two tries while the mail server is down."),
	TIME(crash_pause, "10s", 0, HOUR,
	     "Pause for a job on which a second worker crashed; it doubles."),
	COUNT(crash_limit, "3", 1, 100,
	      "Crashes after which a job is a dead letter."),
	COUNT(uncertain_limit, "3", 0, 100,
	      "How often a mail of unknown fate is sent again, always with the "
	      "same Message-ID."),
	COUNT(ready_window, "50000", 100, 10000000,
	      "Most jobs taken out of the intake; the rest wait there, where "
	      "they need less memory."),
	TIME(sent_memory, "8d", HOUR, 60 * DAY,
	     "How long Redis remembers that a mail was sent; longer than "
	     "booking's outbox_horizon."),
	TIME(dead_memory, "30d", DAY, 3650 * DAY,
	     "How long dead letters are kept; longer than booking's "
	     "outbox_horizon."),
	TEXT(bulk_kinds, "", 1000,
	     "Kinds of mail that wait in a lane of their own and let all "
	     "others pass, separated by blanks; \"name.*\" means all that "
	     "begin with \"name.\"."),
	COUNT(bulk_share, "10", 1, 90,
	      "How many of a hundred mails started while both lanes have some "
	      "are from that lane."),
	TEXT(hold_kinds, "", 1000,
	     "Kinds of mail that are not sent again when they may have been "
	     "sent, but become dead letters at once; written as in "
	     "bulk_kinds."),
	TIME(host_lease, "30s", 5 * SEC, HOUR,
	     "Silence after which another maild's claimed jobs are taken "
	     "over."),
	TIME(stop_grace, "30s", 0, HOUR,
	     "How long a stop waits for the mail in hand.", RESTART),

	PATH(journal_dir, LOCALSTATEDIR "/lib/reservoir",
	     "Where a worker notes a mail that was sent while Redis did not "
	     "answer, so that it is not sent again even if all of maild ends "
	     "meanwhile.  One directory for each maild; empty = none."),

	PATH(alert_command, "",
	     "Program to run for an alert, its cause on standard input, "
	     "without a shell and as our user; empty = none."),
	TIME(alert_interval, "10min", SEC, DAY,
	     "Shortest time between two runs of alert_command for one cause."),
};

static const struct conf_section relay_section = {
	.kind = "relay", .table = &relayconf_table,
	.size = sizeof(struct relay_conf), .max = RELAYS_MAX,
	.offset = offsetof(struct mailconf, relays),
	.fallback = "local", .fill = relayconf_fill_local,
	.check = relayconf_check, .release = relayconf_release,
};

const struct conf_table mailconf_table = {
	rows, ARRAY_COUNT(rows), &relay_section
};

static int check_addresses(const struct mailconf *conf, struct fault *why)
{
	if (!envelope_address_is_plain(conf->mail_from_address))
		return fault_set(why, FAULT_CONFIG,
				 "mail_from_address: \"%s\" is not a plain "
				 "address", conf->mail_from_address);
	if (conf->envelope_from[0] &&
	    !envelope_address_is_plain(conf->envelope_from))
		return fault_set(why, FAULT_CONFIG,
				 "envelope_from: \"%s\" is not a plain address",
				 conf->envelope_from);
	return 0;
}

static int check_bounces(const struct mailconf *conf, struct fault *why)
{
	if (!conf->bounce_to[0] && conf->bounce_key_file[0])
		return fault_set(why, FAULT_CONFIG, "bounce_key_file is set "
				 "and bounce_to is not");
	if (!conf->bounce_to[0])
		return 0;
	if (!envelope_address_is_plain(conf->bounce_to))
		return fault_set(why, FAULT_CONFIG,
				 "bounce_to: \"%s\" is not a plain address",
				 conf->bounce_to);
	/* 64 bytes, less what is added for the mail of a booking. */
	if (strcspn(conf->bounce_to, "@") > BOUNCE_NAME_MAX)
		return fault_set(why, FAULT_CONFIG, "bounce_to: more than %d "
				 "bytes before the \"@\" leave no room for a "
				 "mail's id", BOUNCE_NAME_MAX);
	if (conf->envelope_from[0])
		return fault_set(why, FAULT_CONFIG, "envelope_from is set, and "
				 "bounce_to is, which takes its place");
	if (!conf->bounce_key_file[0])
		return fault_set(why, FAULT_CONFIG, "bounce_to is set and "
				 "bounce_key_file is not");
	return 0;
}

/* What both programs require of these settings. */
static int check_common(const struct mailconf *conf, struct fault *why)
{
	if (conf_check_log(conf->log, why) == -1 ||
	    conf_check_host("hello_name", conf->hello_name, why) == -1 ||
	    conf_check_line("mail_from_name", conf->mail_from_name, why) ==
	    -1 ||
	    conf_check_domain("message_domain", conf->message_domain, why) ==
	    -1 ||
	    conf_check_dir("template_dir", conf->template_dir,
			   TEMPLATE_DIR, why) == -1)
		return -1;
	return alert_run_check(conf->alert_command, why);
}

static int check(const struct mailconf *conf, struct fault *why)
{
	if (check_common(conf, why) == -1 ||
	    check_addresses(conf, why) == -1 || check_bounces(conf, why) == -1)
		return -1;
	if (conf->retry_max < conf->retry_min)
		return fault_set(why, FAULT_CONFIG,
				 "retry_max is shorter than retry_min");
	if (!queue_kinds_are_names(conf->bulk_kinds))
		return fault_set(why, FAULT_CONFIG, "bulk_kinds: \"%s\" is not "
				 "a list of kinds", conf->bulk_kinds);
	if (!queue_kinds_are_names(conf->hold_kinds))
		return fault_set(why, FAULT_CONFIG, "hold_kinds: \"%s\" is not "
				 "a list of kinds", conf->hold_kinds);
	return redisconf_check(&conf->redis, why);
}

int mailconf_load(const char *path, struct mailconf *conf, struct fault *why)
{
	*conf = (struct mailconf){ .workers = 0 };
	if (conf_load(&mailconf_table, path, conf, why) == -1)
		return -1;
	if (check(conf, why) == -1) {
		conf_place(path, why);
		mailconf_release(conf);
		return -1;
	}
	return 0;
}

static int bounce_key_read(struct mailconf *conf, struct fault *why)
{
	struct fault inner;

	if (!conf->bounce_key_file[0])
		return 0;
	if (secret_read(conf->bounce_key_file, &conf->bounce_key, &inner) == -1)
		return fault_set(why, FAULT_CONFIG, "bounce_key_file: %s",
				 inner.text);
	if (strlen(conf->bounce_key) >= BOUNCE_KEY_MIN)
		return 0;
	secret_free(conf->bounce_key);
	conf->bounce_key = NULL;
	return fault_set(why, FAULT_CONFIG, "bounce_key_file: the key in %s "
			 "has less than %d bytes", conf->bounce_key_file,
			 BOUNCE_KEY_MIN);
}

static int bounce_key_keep(struct mailconf *fresh, struct mailconf *old,
			   struct fault *why)
{
	if (bounce_key_read(fresh, why) == 0)
		return 0;
	if (!old->bounce_key ||
	    strcmp(old->bounce_key_file, fresh->bounce_key_file) != 0)
		return -1;
	fresh->bounce_key = alloc_text(old->bounce_key);
	return 0;
}

/* The relays in their own settings; ours to change. */
static struct relay_conf *relay_of(struct mailconf *conf, size_t i)
{
	return (struct relay_conf *)conf->relays.items + i;
}

int mailconf_secrets_keep(struct mailconf *fresh, struct mailconf *old,
			  struct fault *why)
{
	for (size_t i = 0; i < fresh->relays.count; i++) {
		struct relay_conf *to = relay_of(fresh, i);

		if (relayconf_secret_read(to, why) == 0)
			continue;
		for (size_t j = 0; j < old->relays.count; j++) {
			struct relay_conf *from = relay_of(old, j);

			if (!from->password ||
			    strcmp(from->auth_password_file,
				   to->auth_password_file) != 0)
				continue;
			to->password = alloc_text(from->password);
			break;
		}
		if (!to->password)
			return -1;
	}
	if (bounce_key_keep(fresh, old, why) == -1)
		return -1;
	fresh->redis_secrets = old->redis_secrets;
	old->redis_secrets = (struct redis_secrets){ .password = NULL };
	return 0;
}

int mailconf_secrets_read(struct mailconf *conf, struct fault *why)
{
	for (size_t i = 0; i < conf->relays.count; i++)
		if (relayconf_secret_read(relay_of(conf, i), why) == -1)
			return -1;
	return mailconf_bounce_secrets_read(conf, why);
}

int mailconf_bounce_secrets_read(struct mailconf *conf, struct fault *why)
{
	if (bounce_key_read(conf, why) == -1)
		return -1;
	return redis_secrets_read(&conf->redis, &conf->redis_secrets, why);
}

struct fence mailconf_fence(const struct mailconf *conf)
{
	struct fence f = {
		.seccomp = conf->seccomp, .landlock = conf->landlock,
		.binds = true,		/* the tunnel of TLS does */
		.read = { conf->data_dir, conf->redis.tls_ca_file },
		.write = { log_file_of(conf->log), conf->journal_dir },
	};
	size_t n = 2;

	for (size_t i = 0; i < conf->relays.count; i++)
		f.read[n++] = relayconf_at(&conf->relays, i)->tls_ca_file;
	must(n < FENCE_PATHS);
	return f;
}

struct rconn_opts mailconf_redis(const struct mailconf *conf, int connect_ms,
				 int command_ms)
{
	return redisconf_opts(&conf->redis, &conf->redis_secrets, connect_ms,
			      command_ms);
}

void mailconf_release(struct mailconf *conf)
{
	conf_release(&mailconf_table, conf);
	secret_free(conf->bounce_key);
	conf->bounce_key = NULL;
	redis_secrets_release(&conf->redis_secrets);
}

const char *mailconf_envelope_from(const struct mailconf *conf)
{
	if (conf->bounce_to[0])
		return conf->bounce_to;
	return conf->envelope_from[0] ? conf->envelope_from
				      : conf->mail_from_address;
}
