/* SPDX-License-Identifier: MIT */
/* maild: takes jobs from Redis and sends them as mail.  Only wires. */
#include "config.h"

#include "alloc.h"
#include "check.h"
#include "conf_check.h"
#include "daemon.h"
#include "mailconf.h"
#include "master.h"
#include "sender.h"
#include "startup.h"
#include "testmail.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

static int check(const struct startup *startup, const struct mailconf *conf)
{
	struct fault why;

	if (check_all(conf, startup->conf_path) > 0)
		return EX_CONFIG;
	if (sender_check(&conf->relays, &why) == -1)
		return startup_refuse(startup, &why);
	(void)printf("%s: settings and templates are good\n",
		     startup->conf_path);
	return 0;
}

static int serve(const struct startup *startup, struct mailconf *conf)
{
	struct startup_settings settings = master_settings(conf);
	char *pid_file = alloc_text(conf->pid_file);	/* outlives a reload */
	struct fault why;
	int pid_fd = -1;
	int status;

	if (check_start(conf, &why) == -1)
		conf_place(startup->conf_path, &why);
	else
		pid_fd = startup_run(startup, &settings, &why);
	if (pid_fd == -1) {
		status = startup_refuse(startup, &why);
	} else {
		status = master_run(conf, startup);
		pidfile_close(pid_fd, pid_file);
	}
	free(pid_file);
	return status;
}

int main(int argc, char **argv)
{
	const char *test_mail = NULL;
	const char *relay = NULL;
	const struct startup_extra extras[] = {
		{ "test-mail", 0, "ADDRESS", "send one mail, show how, leave",
		  &test_mail },
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
	if (startup.show)
		conf_print(&mailconf_table, &conf, stdout);
	else if (mailconf_secrets_read(&conf, &why) == -1)
		status = startup_refuse(&startup, &why);
	else if (test_mail)
		status = testmail_run(&conf, test_mail, relay);
	else if (startup.test)
		status = check(&startup, &conf);
	else
		status = serve(&startup, &conf);
	mailconf_release(&conf);
	return status == -1 ? 0 : status;
}
