/* SPDX-License-Identifier: MIT */
/* booking.fcgi: answers the web server and keeps the outbox.  Only wires. */
#include "config.h"

#include "alloc.h"
#include "app.h"
#include "conf_check.h"
#include "daemon.h"
#include "listener.h"
#include "logger.h"
#include "server.h"
#include "rconn.h"
#include "site.h"
#include "startup.h"
#include "store.h"
#include "str.h"
#include "texts_check.h"
#include "zone.h"

#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

/* -T: the settings alone, whatever the folders hold. */
static int show(const struct startup *startup)
{
	struct appconf conf;
	struct fault why;

	if (appconf_load(startup->conf_path, &conf, &why) < 0)
		return startup_refuse(startup, &why);
	conf_print(&appconf_table, &conf, stdout);
	appconf_release(&conf);
	return 0;
}

/* What may be started later is told, and is no fault. */
static void note_what_is_away(struct site *site, const char *conf_path)
{
	struct fault why;

	if (site_connect(site, &why) < 0 || store_ping(site->store, &why) < 0) {
		const char *setting = "mysql_database";

		if (str_starts_with(why.text, "mysql: connect"))
			setting = *site->conf.mysql_socket ? "mysql_socket"
							   : "mysql_host";
		conf_place_at(conf_path, setting, &why);
		(void)fprintf(stderr, "note: %s\n", why.text);
	} else if (store_rights_check(site->store, &why) < 0) {
		conf_place_at(conf_path, "mysql_user", &why);
		(void)fprintf(stderr, "note: %s\n", why.text);
	}
	if (site->probe != NULL && rconn_open(site->probe, &why) < 0) {
		conf_place_at(conf_path, "redis", &why);
		(void)fprintf(stderr, "note: %s\n", why.text);
	}
	if (!zone_is_known("UTC"))
		(void)fprintf(stderr, "note: no time zones in %s: all times "
			      "will be shown in UTC; install tzdata\n",
			      zone_dir());
}

struct findings {
	size_t faults;
	size_t gaps;
};

static void note_text(void *arg, const struct texts_report *r)
{
	struct findings *found = arg;

	if (r->kind == TEXTS_GAP) {
		found->gaps++;
		return;
	}
	found->faults++;
	(void)fprintf(stderr, "%s\n", r->sentence);
}

/* -t: accounts and secrets belong to what must be right. */
static int check(const struct startup *startup, struct site *site)
{
	struct findings found = { 0, 0 };
	struct fault why;

	if (texts_check(&site->conf, note_text, &found, &why) < 0)
		return startup_refuse(startup, &why);

	if (conf_check_user(site->conf.user, site->conf.group, &why) < 0) {
		conf_place(startup->conf_path, &why);
		return startup_refuse(startup, &why);
	}
	if (appconf_secrets_read(&site->conf, &site->secrets, &why) < 0)
		return startup_refuse(startup, &why);
	note_what_is_away(site, startup->conf_path);
	if (found.gaps > 0)
		(void)fprintf(stderr, "note: languages lack texts: bookctl "
			      "check-templates names them count=%zu\n",
			      found.gaps);
	if (found.faults > 0)
		return EX_CONFIG;
	(void)printf("%s: settings, texts and templates are good\n",
		     startup->conf_path);
	return 0;
}

/* Detaching gives 0 to 2 to /dev/null: an inherited socket moves away. */
static int open_listener(const struct appconf *c, struct listener *l,
			 struct fault *why)
{
	const struct listener_opts opts = {
		.address = c->listen,
		.mode = (mode_t)c->listen_mode,
		.group = c->listen_group,
	};

	if (listener_open(l, &opts, why) < 0)
		return -1;
	if (l->fd > STDERR_FILENO)
		return 0;
	int fd = fcntl(l->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (fd < 0) {
		listener_close(l);
		return fault_set(why, FAULT_CONFIG, "cannot move the socket");
	}
	l->fd = fd;
	return 0;
}

/* As root: bind, read the secrets.  Then become the user, and serve. */
static int serve(const struct startup *startup, struct site *site,
		 struct fault *why)
{
	const struct appconf *c = &site->conf;
	const struct startup_settings settings = server_settings(c);
	char *pid_file = alloc_text(c->pid_file);	/* outlives a reload */
	struct listener l;
	int pid_fd;
	int result = -1;

	if (pidfile_check(pid_file, why) < 0 ||
	    open_listener(c, &l, why) < 0)
		goto out;
	if (appconf_secrets_read(c, &site->secrets, why) < 0)
		goto out_listener;
	/* Before the supervisor sets its handlers: libfcgi has its own. */
	app_init();
	pid_fd = startup_run(startup, &settings, why);
	if (pid_fd < 0)
		goto out_listener;
	log_info("serving on=%s workers=%lld version=%s", l.name,
		 (long long)c->workers, PACKAGE_VERSION);

	proctitle_set("master");

	const struct server_opts server = {
		.site = site,
		.startup = startup,
		.listen_fd = l.fd,
	};

	result = server_run(&server, why);
	log_info("stopped");
	pidfile_close(pid_fd, pid_file);
out_listener:
	listener_close(&l);
out:
	free(pid_file);
	return result;
}

int main(int argc, char **argv)
{
	struct startup startup = {
		.program = "booking.fcgi",
		.conf_path = APPCONF_FILE,
	};
	struct fault why;
	struct site site;

	app_environment_set();
	proctitle_init(argc, argv);
	int status = startup_options(&startup, argc, argv);

	if (status != -1)
		return status;
	if (startup.show)
		return show(&startup);
	if (site_load(&site, startup.conf_path, &why) < 0)
		return startup_refuse(&startup, &why);
	if (startup.test)
		status = check(&startup, &site);
	else if (serve(&startup, &site, &why) < 0)
		status = startup_refuse(&startup, &why);
	else
		status = 0;
	site_release(&site);
	return status;
}
