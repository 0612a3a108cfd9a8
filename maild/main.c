/* SPDX-License-Identifier: MIT */
/* maild: takes jobs from Redis and sends them as mail.  Only wires. */
#include "config.h"

#include "check.h"
#include "conf/check.h"
#include "daemon/daemon.h"
#include "daemon/startup.h"
#include "master.h"
#include "settings/mailconf.h"
#include "testmail.h"

#include <stdio.h>
#include <sysexits.h>

static int check(const struct startup *startup, const struct mailconf *conf)
{
	if (check_all(conf, startup->conf_path) > 0)
		return EX_CONFIG;
	(void)printf("%s: settings and templates are good\n",
		     startup->conf_path);
	return 0;
}

/* What the user must be able to read, by startup_run(). */
struct load {
	const struct mailconf *conf;
	const char *conf_path;
};

static int load(void *arg, struct fault *why)
{
	const struct load *l = arg;

	if (check_start(l->conf, why) == 0)
		return 0;
	conf_place(l->conf_path, why);
	return -1;
}

static int start(const struct startup *startup, struct mailconf *conf)
{
	struct load what = { .conf = conf, .conf_path = startup->conf_path };
	struct startup_settings settings = master_settings(conf);
	struct started started;
	struct fault why;
	int status;

	settings.load = load;
	settings.arg = &what;
	if (startup_run(startup, &settings, &started, &why) == -1)
		return startup_refuse(startup, &why);
	status = startup->test ? check(startup, conf)
			       : master_run(conf, startup);
	startup_end(&started);
	return status;
}

static int test_mail(const struct startup *startup,
		     const struct mailconf *conf, const char *address,
		     const char *relay)
{
	const struct startup_settings settings = master_settings(conf);
	struct fault why;

	if (startup_become(startup, &settings, &why) == -1)
		return startup_refuse(startup, &why);
	return testmail_run(conf, address, relay);
}

int main(int argc, char **argv)
{
	const char *address = NULL;
	const char *relay = NULL;
	const struct startup_extra extras[] = {
		{ "test-mail", 0, "ADDRESS", "send one mail, show how, leave",
		  &address },
		{ "relay", 'r', "NAME", "over this relay, not the first one",
		  &relay },
		{ .name = NULL },
	};
	struct startup startup = {
		.program = "maild",
		.conf_path = SYSCONFDIR "/reservoir/maild.conf",
		.extras = extras,
	};
	struct mailconf conf;
	struct fault why;
	int status;

	proctitle_init(argc, argv);
	status = startup_options(&startup, argc, argv);
	if (status != -1)
		return status;
	if (mailconf_load(startup.conf_path, &conf, &why) == -1)
		return startup_refuse(&startup, &why);
	if (startup.show) {
		conf_print(&mailconf_table, &conf, stdout);
	} else if (mailconf_secrets_read(&conf, &why) == -1) {
		conf_place(startup.conf_path, &why);
		status = startup_refuse(&startup, &why);
	} else if (address) {
		status = test_mail(&startup, &conf, address, relay);
	} else {
		status = start(&startup, &conf);
	}
	mailconf_release(&conf);
	return status == -1 ? 0 : status;
}
