/* SPDX-License-Identifier: MIT */
/* maild-amqp's master: supervises the bridge, reloads. */
#include "config.h"

#include "amqp/master.h"

#include "amqp/bridge.h"
#include "base/alloc.h"
#include "base/crashpoint.h"
#include "base/logger.h"
#include "base/ticks.h"
#include "daemon/alert.h"
#include "daemon/alert_run.h"
#include "daemon/daemon.h"
#include "daemon/fence.h"
#include "daemon/prefork.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define MIN_LIFE_MS 2000
#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 30000
#define STATUS_MAX 100

struct master {
	struct amqpconf *conf;
	const struct startup *startup;
	struct bridge_board *board;
	char told[STATUS_MAX];
};

static int run_bridge(void *arg, unsigned child, unsigned index)
{
	const struct master *m = arg;

	(void)child;
	(void)index;
	return bridge_run(m->conf, m->board);
}

static void bridge_gone(void *arg, const struct prefork_end *end)
{
	const struct master *m = arg;

	(void)end;
	atomic_store(&m->board->deadline_ms, 0);
}

static int64_t deadline_of(void *arg, unsigned child)
{
	const struct master *m = arg;

	(void)child;
	return atomic_load(&m->board->deadline_ms);
}

/* One line for "systemctl status", when it has changed. */
static void tell_status(struct master *m)
{
	char line[STATUS_MAX];

	(void)snprintf(line, sizeof(line), "STATUS=%" PRId64 " messages handed "
		       "over, %" PRId64 " refused since the start",
		       atomic_load(&m->board->passed),
		       atomic_load(&m->board->refused));
	if (strcmp(line, m->told) == 0)
		return;
	memcpy(m->told, line, sizeof(line));
	daemon_notify(line);
}

static void tick(void *arg)
{
	struct master *m = arg;
	const struct alert_run_opts alert = {
		.command = m->conf->alert_command,
		.interval_ms = m->conf->alert_interval,
	};

	alert_run_tend(&alert, ticks_ms());
	tell_status(m);
}

static void stranger_gone(void *arg, pid_t pid, int wstatus)
{
	(void)arg;
	alert_run_ended(pid, wstatus);
}

struct startup_settings bridge_master_settings(const struct amqpconf *conf)
{
	return (struct startup_settings){
		.log = conf->log, .log_level = conf->log_level,
		.pid_file = conf->pid_file, .user = conf->user,
		.group = conf->group,
	};
}

/* A mistake in a file never stops a running service. */
static int reload(void *arg)
{
	struct master *m = arg;
	struct amqpconf fresh;
	struct startup_settings settings;
	struct fault why;

	CRASH_POINT("maild-amqp: reloading");
	if (amqpconf_load(m->startup->conf_path, &fresh, &why) == -1) {
		log_error("reload refused, the old settings stay: %s",
			  why.text);
		return -1;
	}
	if (amqpconf_secrets_keep(&fresh, m->conf, &why) == -1) {
		log_error("reload refused, the old settings stay: %s",
			  why.text);
		amqpconf_release(&fresh);
		return -1;
	}
	conf_warn_restart(&amqpconf_table, m->conf, &fresh);
	alert_forget();		/* what is still broken is reported again */
	amqpconf_release(m->conf);
	*m->conf = fresh;
	settings = bridge_master_settings(m->conf);
	if (startup_log_open(m->startup, &settings, &why) == -1)
		log_error("the old log stays: %s", why.text);
	log_info("reloaded settings=%s", m->startup->conf_path);
	return 0;
}

int bridge_master_run(struct amqpconf *conf, const struct startup *startup)
{
	struct master m = { .conf = conf, .startup = startup,
			    .board = alloc_shared(sizeof(*m.board)) };
	const struct prefork_role roles[] = {
		{ "bridge", 1, 1, run_bridge },
	};
	const struct prefork_opts opts = {
		.roles = roles, .role_count = ARRAY_COUNT(roles),
		.min_life_ms = MIN_LIFE_MS, .pause_min_ms = PAUSE_MIN_MS,
		.pause_max_ms = PAUSE_MAX_MS,
		.grace_ms = (int)conf->stop_grace, .arg = &m,
		.gone = bridge_gone, .stranger_gone = stranger_gone,
		.reload = reload, .tick = tick, .deadline_ms = deadline_of,
	};
	const struct fence fence = amqpconf_fence(conf);
	struct fault why;
	int status = 0;

	if (alert_open(&why) == -1 || fence_master(&fence, &why) == -1) {
		log_error("cannot start: %s", why.text);
		return EX_OSERR;
	}
	log_info("started");
	proctitle_set("master");
	if (prefork_run(&opts, &why) == -1) {
		log_error("cannot start: %s", why.text);
		status = EX_OSERR;
	}
	log_info("stopped");
	return status;
}
