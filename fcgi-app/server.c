/* SPDX-License-Identifier: MIT */
/* Keeps workers and relay running, and takes new settings on SIGHUP. */
#include "config.h"

#include "server.h"

#include "app.h"
#include "base/alloc.h"
#include "base/crashpoint.h"
#include "base/logger.h"
#include "base/ticks.h"
#include "daemon/alert.h"
#include "daemon/alert_run.h"
#include "daemon/daemon.h"
#include "daemon/fence.h"
#include "daemon/names.h"
#include "daemon/prefork.h"
#include "daemon/startup.h"
#include "domain/zone.h"
#include "metrics/metrics.h"
#include "site/site.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define MIN_LIFE_MS 1000
#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 30000

#define STATUS_MAX 160

/* Two slots are for the other roles. */
#define WORKERS_MAX (PREFORK_MAX - 2)

enum { ROLE_WORKER, ROLE_RELAY, ROLE_NAMES, ROLE_COUNT };

struct server {
	const struct server_opts *opts;
	struct app_slots *slots;
	struct prefork_role roles[ROLE_COUNT];
	char told[STATUS_MAX];	/* the last line to the service manager */
};

/* What our processes need of files: pages are in memory by then, but organisers
 * look at templates of mails, and programs at the interface's description. */
static struct fence fence_of(const struct appconf *c)
{
	return (struct fence){
		.seccomp = c->seccomp, .landlock = c->landlock,
		.read = { c->data_dir, c->template_dir, zone_dir(),
			  c->mysql_tls_ca_file, c->redis.tls_ca_file },
		.write = { log_file_of(c->log) },
	};
}

/* The last step of a child before it meets anybody.  0, or an exit status. */
static int fence_in(const struct server *s)
{
	const struct fence f = fence_of(&s->opts->site->conf);
	struct fault why;

	if (fence_child(&f, &why) == 0)
		return 0;
	log_error("could not start: %s", why.text);
	return EX_CONFIG;
}

static int run_worker(void *arg, unsigned slot, unsigned index)
{
	const struct server *s = arg;
	const struct app_worker worker = {
		.site = s->opts->site,
		.slots = s->slots,
		.listen_fd = s->opts->listen_fd,
	};
	int status;

	appconf_forget_relay(&s->opts->site->secrets);
	status = fence_in(s);
	return status ? status : app_worker_run(&worker, slot, index);
}

static int run_relay(void *arg, unsigned slot, unsigned index)
{
	const struct server *s = arg;
	int status;

	(void)slot;
	(void)index;
	appconf_be_relay(&s->opts->site->conf, &s->opts->site->secrets);
	status = fence_in(s);
	return status ? status : app_relay_run(s->opts->site);
}

static int run_names(void *arg, unsigned slot, unsigned index)
{
	const struct server *s = arg;
	int status;

	(void)slot;
	(void)index;
	/* It hears strangers, and needs nothing of ours. */
	appconf_secrets_release(&s->opts->site->secrets);
	status = fence_in(s);
	return status ? status : names_run(s->opts->site->names);
}

static int64_t deadline_ms(void *arg, unsigned slot)
{
	const struct server *s = arg;

	return atomic_load(&s->slots->deadline_ms[slot]);
}

/* A deadline that outlived its worker would kill the next one at birth. */
static void gone(void *arg, const struct prefork_end *end)
{
	const struct server *s = arg;

	CRASH_POINT("booking: child gone");
	atomic_store(&s->slots->deadline_ms[end->slot], 0);
}

/* One line for "systemctl status", when it has changed. */
static void tell_status(struct server *s)
{
	struct metrics_copy count;
	char line[STATUS_MAX];
	unsigned busy = 0;

	metrics_read(s->opts->site->metrics, &count);
	for (unsigned i = 0; i < PREFORK_MAX; i++)
		busy += atomic_load(&s->slots->deadline_ms[i]) != 0;
	(void)snprintf(line, sizeof(line), "STATUS=%u requests in hand; %llu "
		       "booked, %llu could not be since the start", busy,
		       (unsigned long long)count.bookings[METRICS_BOOKED],
		       (unsigned long long)(
			       count.bookings[METRICS_UNAVAILABLE] +
			       count.bookings[METRICS_UNSURE]));
	if (strcmp(line, s->told) == 0)
		return;
	memcpy(s->told, line, sizeof(line));
	daemon_notify(line);
}

static void tick(void *arg)
{
	struct server *s = arg;
	const struct appconf *c = &s->opts->site->conf;
	const struct alert_run_opts alert = {
		.command = c->alert_command,
		.interval_ms = c->alert_interval,
	};

	alert_run_tend(&alert, ticks_ms());
	tell_status(s);
}

static void stranger_gone(void *arg, pid_t pid, int wstatus)
{
	(void)arg;
	alert_run_ended(pid, wstatus);
}

struct startup_settings server_settings(const struct appconf *c)
{
	return (struct startup_settings){
		.log = c->log, .log_level = c->log_level,
		.pid_file = c->pid_file, .user = c->user, .group = c->group,
	};
}

/*
 * Reads and checks everything before anything changes: a mistake in a file
 * never stops a service that runs.  Secrets stay: their files were read as
 * root, which we no longer are.
 */
static int reload(void *arg)
{
	struct server *s = arg;
	struct site *site = s->opts->site;
	struct fault why;
	struct site fresh;
	struct startup_settings settings;

	CRASH_POINT("booking: reloading");
	if (site_load(&fresh, s->opts->startup->conf_path, &why) < 0 ||
	    site_load_texts(&fresh, &why) < 0) {
		log_error("kept the old settings: %s", why.text);
		site_release(&fresh);
		return -1;
	}
	conf_warn_restart(&appconf_table, &site->conf, &fresh.conf);
	fresh.secrets = site->secrets;
	site->secrets = (struct appconf_secrets){ 0 };
	fresh.metrics = site->metrics;
	fresh.names = site->names;
	fresh.db_choice = site->db_choice;
	site_release(site);
	*site = fresh;
	s->roles[ROLE_NAMES].count = appconf_has_names(&site->conf);
	settings = server_settings(&site->conf);
	if (startup_log_open(s->opts->startup, &settings, &why) < 0)
		log_error("kept the old log: %s", why.text);
	alert_forget();		/* what is still broken is said again */
	site_alert(site);
	CRASH_POINT("booking: reloaded");
	log_info("reloaded");
	return 0;
}

static void roles_set(struct server *server, const struct appconf *c)
{
	unsigned workers = appconf_workers(c);
	unsigned most = workers * 2;

	server->roles[ROLE_WORKER] = (struct prefork_role){
		.name = "worker",
		.count = workers,
		.max = most < WORKERS_MAX ? most : WORKERS_MAX,
		.run = run_worker,
	};
	server->roles[ROLE_RELAY] = (struct prefork_role){
		.name = "relay", .count = 1, .max = 1, .run = run_relay,
	};
	server->roles[ROLE_NAMES] = (struct prefork_role){
		.name = "names", .count = appconf_has_names(c), .max = 1,
		.run = run_names,
	};
}

int server_run(const struct server_opts *opts, struct fault *why)
{
	const struct appconf *c = &opts->site->conf;
	struct server server = {
		.opts = opts,
		.slots = alloc_shared(sizeof(struct app_slots)),
	};

	opts->site->metrics = metrics_new();
	opts->site->names = names_new();
	opts->site->db_choice = alloc_shared(sizeof(dbhosts_choice));
	roles_set(&server, c);

	const struct prefork_opts prefork = {
		.roles = server.roles,
		.role_count = ROLE_COUNT,
		.scalable = ROLE_WORKER,
		.min_life_ms = MIN_LIFE_MS,
		.pause_min_ms = PAUSE_MIN_MS,
		.pause_max_ms = PAUSE_MAX_MS,
		.grace_ms = (int)c->stop_grace,
		.arg = &server,
		.gone = gone,
		.stranger_gone = stranger_gone,
		.reload = reload,
		.tick = tick,
		.deadline_ms = deadline_ms,
	};

	const struct fence fence = fence_of(c);
	int result = alert_open(why);

	if (result == 0)
		result = fence_master(&fence, why);
	if (result == 0) {
		site_alert(opts->site);
		proctitle_set("master");
		result = prefork_run(&prefork, why);
	}
	names_free(opts->site->names);
	opts->site->names = NULL;
	return result;
}
