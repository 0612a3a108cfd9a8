/* SPDX-License-Identifier: MIT */
/* maild: takes jobs from Redis and sends them as mail.  Only wires. */
#include "config.h"

#include "daemon.h"
#include "mailconf.h"
#include "master.h"
#include "startup.h"

#include <stdio.h>
#include <sysexits.h>

int main(int argc, char **argv)
{
	struct startup startup = {
		.program = "maild",
		.conf_path = SYSCONFDIR "/reservoir/maild.conf",
	};
	struct startup_settings settings;
	struct mailconf conf;
	struct fault why;
	int pid_fd;
	int status;

	proctitle_init(argc, argv);
	status = startup_options(&startup, argc, argv);
	if (status != -1)
		return status;
	if (mailconf_load(startup.conf_path, &conf, &why) == -1)
		return startup_refuse(&startup, &why);
	status = 0;
	if (startup.show) {
		conf_print(&mailconf_table, &conf, stdout);
	} else if (startup.test) {
		status = master_check(&conf) == 0 ? 0 : EX_CONFIG;
		if (status == 0)
			(void)printf("%s: settings and templates are good\n",
				     startup.conf_path);
	} else {
		settings = (struct startup_settings){
			.log = conf.log, .log_level = conf.log_level,
			.pid_file = conf.pid_file, .user = conf.user,
			.group = conf.group,
		};
		pid_fd = startup_run(&startup, &settings, &why);
		if (pid_fd == -1) {
			status = startup_refuse(&startup, &why);
		} else {
			status = master_run(&conf, startup.conf_path);
			pidfile_close(pid_fd, conf.pid_file);
		}
	}
	mailconf_release(&conf);
	return status;
}
