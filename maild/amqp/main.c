/* SPDX-License-Identifier: MIT */
/* maild-amqp: carries mails from RabbitMQ to maild's queue.  Only wires. */
#include "config.h"

#include "amqp/bridge.h"
#include "amqp/broker.h"
#include "amqp/master.h"
#include "conf/check.h"
#include "daemon/daemon.h"
#include "daemon/startup.h"

#include <errno.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

/* ---- -t: what may come later -------------------------------------------- */

static void note(const struct startup *startup, const char *setting,
		 struct fault *why)
{
	conf_place_at(startup->conf_path, setting, why);
	(void)fprintf(stderr, "note: %s\n", why->text);
}

/* Reads them anew as a reload would: by now we are the daemon's user. */
static void note_settings(const struct startup *startup)
{
	struct amqpconf again;
	struct fault why;

	if (amqpconf_load(startup->conf_path, &again, &why) == -1)
		(void)fprintf(stderr, "note: a reload will be refused: %s\n",
			      why.text);
	else
		amqpconf_release(&again);
}

static void note_redis(const struct startup *startup,
		       const struct amqpconf *conf)
{
	struct fault why;
	struct rconn *r = bridge_rconn(conf, &why);

	if (!r || redis_note(r, &why) == -1)
		note(startup, "redis", &why);
	rconn_free(r);
}

/* Each host, also those that would not be asked today. */
static void note_rabbitmq(const struct startup *startup,
			  const struct amqpconf *conf)
{
	struct amqpconf_place place;
	struct fault why;

	for (size_t i = 0; amqpconf_place_at(conf, i, &place, &why) == 1; i++) {
		struct broker *b = broker_open_at(conf, &place, &why);

		if (!b)
			note(startup, "amqp", &why);
		broker_close(b);
	}
}

static int check(const struct startup *startup, const struct amqpconf *conf)
{
	note_settings(startup);
	note_redis(startup, conf);
	note_rabbitmq(startup, conf);
	(void)printf("%s: settings are good\n", startup->conf_path);
	return 0;
}

/* ---- a start ------------------------------------------------------------ */

/* What the user must be able to read, by startup_run(). */
struct load {
	const struct amqpconf *conf;
	const char *conf_path;
};

static int load(void *arg, struct fault *why)
{
	const struct load *l = arg;
	const char *file = l->conf->amqp_tls_ca_file;

	if (file[0] == '\0' || access(file, R_OK) == 0)
		return 0;
	fault_set_errno(why, FAULT_CONFIG, errno, "amqp_tls_ca_file: %s", file);
	conf_place(l->conf_path, why);
	return -1;
}

static int start(const struct startup *startup, struct amqpconf *conf)
{
	struct load what = { .conf = conf, .conf_path = startup->conf_path };
	struct startup_settings settings = bridge_master_settings(conf);
	struct started started;
	struct fault why;
	int status;

	settings.load = load;
	settings.arg = &what;
	if (startup_run(startup, &settings, &started, &why) == -1)
		return startup_refuse(startup, &why);
	status = startup->test ? check(startup, conf)
			       : bridge_master_run(conf, startup);
	startup_end(&started);
	return status;
}

int main(int argc, char **argv)
{
	struct startup startup = {
		.program = "maild-amqp",
		.conf_path = SYSCONFDIR "/reservoir/amqp.conf",
	};
	struct amqpconf conf;
	struct fault why;
	int status;

	proctitle_init(argc, argv);
	status = startup_options(&startup, argc, argv);
	if (status != -1)
		return status;
	if (amqpconf_load(startup.conf_path, &conf, &why) == -1)
		return startup_refuse(&startup, &why);
	if (startup.show) {
		conf_print(&amqpconf_table, &conf, stdout);
		status = 0;
	} else if (amqpconf_secrets_read(&conf, &why) == -1) {
		conf_place(startup.conf_path, &why);
		status = startup_refuse(&startup, &why);
	} else {
		status = start(&startup, &conf);
	}
	amqpconf_release(&conf);
	return status;
}
