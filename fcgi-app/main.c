/* SPDX-License-Identifier: MIT */
/* booking.fcgi: answers the web server and keeps the outbox.  Only wires. */
#include "config.h"

#include "base/logger.h"
#include "conf/check.h"
#include "daemon/alert_run.h"
#include "daemon/daemon.h"
#include "daemon/listener.h"
#include "daemon/startup.h"
#include "domain/zone.h"
#include "redis/rconn.h"
#include "server.h"
#include "site/site.h"
#include "site/texts_check.h"
#include "store/service.h"
#include "store/store.h"

#include <fcgiapp.h>
#include <strings.h>
#include <sysexits.h>
#include <unistd.h>

/* How long libfcgi waits for the peer to close after an answer. */
#define CLOSE_WAIT_MS "200"

/* A reload reads them again, as the user that we are then. */
static void note_settings(const char *conf_path)
{
	struct appconf again;
	struct fault why;

	if (appconf_load(conf_path, &again, &why) < 0)
		(void)fprintf(stderr, "note: a reload will be refused: %s\n",
			      why.text);
	else
		appconf_release(&again);
}

static void note_zones(struct store *store)
{
	struct service *services;
	struct fault why;
	size_t count;

	if (store_services(store, &services, &count, &why) < 0) {
		(void)fprintf(stderr, "note: %s\n", why.text);
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (!zone_is_known(services[i].zone))
			(void)fprintf(stderr, "note: service %s: no time zone "
				      "%s in %s: its times are shown in UTC\n",
				      services[i].slug, services[i].zone,
				      zone_dir());
	store_services_free(services, count);
}

/* A sentence about this setting. */
static void note_at(const char *conf_path, const char *setting,
		    struct fault *why)
{
	conf_place_at(conf_path, setting, why);
	(void)fprintf(stderr, "note: %s\n", why->text);
}

/* Whoever takes a worker over has what its accounts have. */
static void note_excess(struct site *site, const char *conf_path)
{
	char right[160];
	struct fault why;

	if (store_rights_excess(site->store, right, sizeof(right), &why) == 1) {
		(void)fault_set(&why, FAULT_CONFIG, "mysql_user may do more "
				"than it needs: %s; schema/grants.sql says "
				"what that is", right);
		note_at(conf_path, "mysql_user", &why);
	}
}

/* What may start later is only logged: no fault. */
static void note_what_is_away(struct site *site, const char *conf_path)
{
	const char *server = *site->conf.mysql_socket ? "mysql_socket"
						      : "mysql_host";
	struct fault why;

	if (site_connect(site, &why) < 0) {
		note_at(conf_path, "redis", &why);
	} else if (store_ping(site->store, &why) < 0) {
		note_at(conf_path, store_setting(site->store), &why);
	} else if (store_may_write(site->store, &why) != 1) {
		struct fault read = why;

		(void)fault_set(&why, why.class, "nothing can be booked: %s",
				read.text);
		note_at(conf_path, server, &why);
	} else if (store_rights_check(site->store, &why) < 0) {
		note_at(conf_path, "mysql_user", &why);
	} else {
		note_zones(site->store);
		note_excess(site, conf_path);
	}
	if (site->probe != NULL && redis_note(site->probe, &why) < 0)
		note_at(conf_path, "redis", &why);
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

/* WCAG 2.2 wants text of 4.5:1; a brighter colour is not what pages show. */
static void note_colour(const struct appconf *c)
{
	struct palette p;

	if (!palette_make(c->site_colour, &p))
		return;
	if (strcasecmp(p.accent, c->site_colour) != 0)
		(void)fprintf(stderr, "note: site_colour: text in %s has less "
			      "than 4.5:1 on light pages, which use %s\n",
			      c->site_colour, p.accent);
	if (strcasecmp(p.dark_accent, c->site_colour) != 0)
		(void)fprintf(stderr, "note: site_colour: text in %s has less "
			      "than 4.5:1 on dark pages, which use %s\n",
			      c->site_colour, p.dark_accent);
}

static int check(const struct startup *startup, struct site *site)
{
	struct findings found = { 0, 0 };
	struct fault why;

	if (texts_check(&site->conf, note_text, &found, &why) < 0)
		return startup_refuse(startup, &why);
	note_settings(startup->conf_path);
	note_what_is_away(site, startup->conf_path);
	note_colour(&site->conf);
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

static int serve(const struct startup *startup, struct site *site,
		 const struct listener *l)
{
	const struct server_opts server = {
		.site = site,
		.startup = startup,
		.listen_fd = l->fd,
	};
	struct fault why;

	/* It installs handlers for TERM, USR1 and PIPE, which only take a
	 * note, until the supervisor sets ours. */
	must(FCGX_Init() == 0);
	log_info("serving on=%s workers=%u version=%s", l->name,
		 appconf_workers(&site->conf), PACKAGE_VERSION);
	if (server_run(&server, &why) < 0)
		return startup_refuse(startup, &why);
	log_info("stopped");
	return 0;
}

/* What the user must be able to run and read, by startup_run(). */
struct load {
	struct site *site;
	const char *conf_path;
};

static int load(void *arg, struct fault *why)
{
	const struct load *l = arg;

	if (alert_run_check(l->site->conf.alert_command, why) == 0 &&
	    appconf_database_check(&l->site->conf, why) == 0)
		return site_load_texts(l->site, why);
	conf_place(l->conf_path, why);
	return -1;
}

/* As root: read the secrets, bind, load as the user that reads it again at a
 * reload.  Then become that user and serve, or say what is missing. */
static int start(const struct startup *startup, struct site *site)
{
	const struct appconf *c = &site->conf;
	const struct listener_opts listen = {
		.address = c->listen,
		.mode = (mode_t)c->listen_mode,
		.group = c->listen_group,
	};
	struct load what = { .site = site, .conf_path = startup->conf_path };
	struct startup_settings settings = server_settings(c);
	struct started started;
	struct fault why;
	int status;

	settings.listen = &listen;
	settings.load = load;
	settings.arg = &what;
	if (appconf_secrets_read(c, &site->secrets, &why) < 0)
		return startup_refuse(startup, &why);
	if (startup_run(startup, &settings, &started, &why) < 0)
		return startup_refuse(startup, &why);
	status = startup->test ? check(startup, site)
			       : serve(startup, site, &started.listener);
	startup_end(&started);
	return status;
}

int main(int argc, char **argv)
{
	struct startup startup = {
		.program = "booking.fcgi",
		.conf_path = APPCONF_FILE,
	};
	struct fault why;
	struct site site;

	/* Read by libfcgi, from an environment that proctitle_init() moves; a
	 * setting of the operator's goes first. */
	(void)setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", CLOSE_WAIT_MS, 0);
	proctitle_init(argc, argv);
	int status = startup_options(&startup, argc, argv);

	if (status != -1)
		return status;
	if (site_load(&site, startup.conf_path, &why) < 0)
		return startup_refuse(&startup, &why);
	if (startup.show)
		conf_print(&appconf_table, &site.conf, stdout);
	else
		status = start(&startup, &site);
	site_release(&site);
	return status == -1 ? 0 : status;
}
