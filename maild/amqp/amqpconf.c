/* SPDX-License-Identifier: MIT */
/* maild-amqp's settings: the table, and what must hold between them. */
#include "config.h"

#include "amqp/amqpconf.h"

#include "base/alloc.h"
#include "base/fdio.h"
#include "base/logger.h"
#include "base/str.h"
#include "conf/check.h"
#include "daemon/alert_run.h"
#include "daemon/fenceconf.h"
#include "queue/queue.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#define SEC 1000LL
#define MIN (60 * SEC)
#define HOUR (60 * MIN)
#define DAY (24 * HOUR)

#define ROW(kind, name, fallback, ...) \
	CONF_ROW(kind, struct amqpconf, name, fallback, __VA_ARGS__)
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
	TEXT(user, "", 32, "User to become after starting as root; empty = "
	     "no change.", RESTART),
	TEXT(group, "", 32, "Group to become; empty = the user's.", RESTART),
	PATH(pid_file, RUNSTATEDIR "/reservoir/maild-amqp.pid",
	     "Where the master writes its process number, locked while it "
	     "runs.", RESTART),
	TEXT(log, "syslog", PATH_MAX,
	     "Where log lines go: stderr, syslog or file:/path."),
	ROW(CONF_CHOICE, log_level, "info", .max = 16,
	    .choices = "error|warning|info|debug",
	    .help = "The least important lines to log: error, warning, info or "
		    "debug."),
	FENCECONF_ROWS(struct amqpconf),
	REDISCONF_ROWS(struct amqpconf),
	TEXT(amqp, "127.0.0.1:5672", 1024,
	     "RabbitMQ: HOST:PORT, or several of them separated by commas, "
	     "which are tried in turn."),
	ROW(CONF_CHOICE, amqp_tls, "auto", .max = 16,
	    .choices = "auto|required|off",
	    .help = "required: only over TLS, with a certificate that is valid "
		    "for the host's name.  off: in clear text, for everybody "
		    "on the way to read.  auto: off for this host, else "
		    "required."),
	PATH(amqp_tls_ca_file, "",
	     "File with the certificates to trust; empty = the system's."),
	TEXT(amqp_user, "reservoir", 127, "User in RabbitMQ."),
	PATH(amqp_password_file, "",
	     "File with that user's password, mode 0600."),
	TEXT(amqp_vhost, "/", 127, "Virtual host in RabbitMQ."),
	TEXT(queue, "reservoir.mails", 255,
	     "Queue that holds the envelopes."),
	TEXT(refused, "reservoir.refused", 255,
	     "Queue for what is no envelope, or comes too late, with the "
	     "reason in a header."),
	ROW(CONF_BOOL, declare, "yes",
	    .help = "Make both queues if they are not there.  no: somebody "
		    "else does, and ours is only to be there."),
	COUNT(prefetch, "200", 1, QUEUE_BATCH_MAX,
	      "Most messages in hand; so many go to Redis in one step."),
	TIME(message_age, "6d", MIN, 60 * DAY,
	     "Age from which a message is refused; shorter than maild's "
	     "sent_memory, which knows what was sent already."),
	COUNT(intake_limit, "1000000", 1, 100000000,
	      "When so many envelopes wait in Redis, the others stay in "
	      "RabbitMQ."),
	TIME(give_back, "30s", SEC, 20 * MIN,
	     "How long messages in hand wait for Redis, before RabbitMQ gets "
	     "them back and gives them to another maild-amqp."),
	TIME(stop_grace, "10s", 0, HOUR,
	     "How long a stop waits for the messages in hand.", RESTART),
	PATH(alert_command, "",
	     "Program to run for an alert, its cause on standard input, "
	     "without a shell and as our user; empty = none."),
	TIME(alert_interval, "10min", SEC, DAY,
	     "Shortest time between two runs of alert_command for one cause."),
};

const struct conf_table amqpconf_table = { rows, ARRAY_COUNT(rows), NULL };

/* ---- hosts -------------------------------------------------------------- */

/* Reads "host:port" or "[number]:port". */
static bool read_host(const char *text, size_t len, struct amqpconf_place *out)
{
	char word[AMQP_HOST_MAX + 8];
	char *name = word;
	char *colon;
	int64_t port;

	if (len >= sizeof(word))
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	colon = strrchr(word, ':');
	if (!colon || colon == word ||
	    !str_to_int(colon + 1, 1, 65535, &port))
		return false;
	*colon = '\0';
	if (word[0] == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		name++;
	} else if (strchr(word, ':')) {
		return false;
	}
	out->port = (int)port;
	return name[0] && str_copy(out->name, sizeof(out->name), name) &&
	       conf_check_host("amqp", out->name, NULL) == 0;
}

int amqpconf_place_at(const struct amqpconf *conf, size_t i,
		  struct amqpconf_place *out, struct fault *why)
{
	const char *text = conf->amqp;
	size_t len;

	for (; i > 0 && text; i--) {
		text = strchr(text, ',');
		text = text ? text + 1 : NULL;
	}
	if (!text)
		return 0;
	text += strspn(text, " ");
	len = strcspn(text, ",");
	while (len > 0 && text[len - 1] == ' ')
		len--;
	if (!read_host(text, len, out))
		return fault_set(why, FAULT_CONFIG, "amqp: \"%.*s\" is not "
				 "HOST:PORT", (int)len, text);
	out->tls = strcmp(conf->amqp_tls, "required") == 0 ||
		   (strcmp(conf->amqp_tls, "auto") == 0 &&
		    !conf_is_this_host(out->name));
	return 1;
}

static int check_hosts(const struct amqpconf *conf, struct fault *why)
{
	struct amqpconf_place host;

	for (size_t i = 0;; i++) {
		int found = amqpconf_place_at(conf, i, &host, why);

		if (found <= 0)
			return found;
		if (i == AMQP_HOSTS_MAX)
			return fault_set(why, FAULT_CONFIG, "amqp: more than "
					 "%d hosts", AMQP_HOSTS_MAX);
	}
}

/* ---- all of it ---------------------------------------------------------- */

static int check_names(const struct amqpconf *conf, struct fault *why)
{
	const char *const texts[][2] = {
		{ "amqp_user", conf->amqp_user },
		{ "amqp_vhost", conf->amqp_vhost },
		{ "queue", conf->queue }, { "refused", conf->refused },
	};

	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		if (texts[i][1][0] == '\0')
			return fault_set(why, FAULT_CONFIG, "%s is empty",
					 texts[i][0]);
		if (conf_check_line(texts[i][0], texts[i][1], why) == -1)
			return -1;
	}
	if (strcmp(conf->queue, conf->refused) == 0)
		return fault_set(why, FAULT_CONFIG, "refused is the same queue "
				 "as queue");
	return 0;
}

static int check(const struct amqpconf *conf, struct fault *why)
{
	if (conf_check_log(conf->log, why) == -1 ||
	    check_names(conf, why) == -1 || check_hosts(conf, why) == -1 ||
	    alert_run_check(conf->alert_command, why) == -1)
		return -1;
	return redisconf_check(&conf->redis, why);
}

int amqpconf_load(const char *path, struct amqpconf *conf, struct fault *why)
{
	*conf = (struct amqpconf){ .prefetch = 0 };
	if (conf_load(&amqpconf_table, path, conf, why) == -1)
		return -1;
	if (check(conf, why) == 0)
		return 0;
	conf_place(path, why);
	amqpconf_release(conf);
	return -1;
}

int amqpconf_secrets_read(struct amqpconf *conf, struct fault *why)
{
	struct fault inner;

	if (conf->amqp_password_file[0] == '\0')
		return fault_set(why, FAULT_CONFIG, "amqp_password_file is "
				 "missing");
	if (secret_read(conf->amqp_password_file, &conf->amqp_password,
			&inner) == -1)
		return fault_set(why, FAULT_CONFIG, "amqp_password_file: %s",
				 inner.text);
	return redis_secrets_read(&conf->redis, &conf->redis_secrets, why);
}

int amqpconf_secrets_keep(struct amqpconf *fresh, struct amqpconf *old,
			  struct fault *why)
{
	if (secret_read(fresh->amqp_password_file, &fresh->amqp_password,
			why) == -1) {
		if (strcmp(fresh->amqp_password_file,
			   old->amqp_password_file) != 0)
			return -1;
		fresh->amqp_password = old->amqp_password;
		old->amqp_password = NULL;
	}
	fresh->redis_secrets = old->redis_secrets;
	old->redis_secrets = (struct redis_secrets){ .password = NULL };
	return 0;
}

struct fence amqpconf_fence(const struct amqpconf *conf)
{
	return (struct fence){
		.seccomp = conf->seccomp, .landlock = conf->landlock,
		.read = { conf->amqp_tls_ca_file, conf->redis.tls_ca_file },
		.write = { log_file_of(conf->log) },
	};
}

void amqpconf_release(struct amqpconf *conf)
{
	conf_release(&amqpconf_table, conf);
	secret_free(conf->amqp_password);
	conf->amqp_password = NULL;
	redis_secrets_release(&conf->redis_secrets);
}
