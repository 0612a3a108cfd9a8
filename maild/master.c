/* SPDX-License-Identifier: MIT */
/* maild's master: supervises, reloads. */
#include "config.h"

#include "master.h"

#include "base/alloc.h"
#include "base/crashpoint.h"
#include "base/logger.h"
#include "base/ticks.h"
#include "check.h"
#include "conf/check.h"
#include "daemon/alert.h"
#include "daemon/alert_run.h"
#include "daemon/daemon.h"
#include "daemon/fence.h"
#include "daemon/prefork.h"
#include "delivery/worker.h"
#include "dispatch/dispatcher.h"
#include "dispatch/herald.h"
#include "dispatch/overdue.h"
#include "policy/backoff.h"
#include "state/replay.h"
#include "state/scoreboard.h"
#include "token/keeper.h"

#include <limits.h>
#include <stdio.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define MIN_LIFE_MS 2000
#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 30000
#define FIRST_WORKER 1		/* the first child is the dispatcher */

struct master {
	struct mailconf *conf;
	const struct startup *startup;
	char name[QUEUE_INSTANCE_MAX];
	struct instance self;
	struct herald *herald;
	struct keeper *keeper;
};

/* A name that no other master has or ever had. */
static void name_instance(char name[QUEUE_INSTANCE_MAX])
{
	char host[HOST_NAME_MAX + 1];

	if (gethostname(host, sizeof(host)) == -1)
		host[0] = '\0';
	host[sizeof(host) - 1] = '\0';
	(void)snprintf(name, QUEUE_INSTANCE_MAX, "%.64s:%ld:%08llx", host,
		       (long)getpid(),
		       (unsigned long long)backoff_dice() & 0xffffffff);
}

/* Each relay of the settings has its place in shared memory. */
static void name_relays(struct master *m,
			void (*give)(struct scoreboard *, const char *const *,
				     size_t))
{
	const struct conf_list *relays = &m->conf->relays;
	const char *names[RELAYS_MAX];

	must(relays->count <= RELAYS_MAX);
	for (size_t i = 0; i < relays->count; i++)
		names[i] = relayconf_at(relays, i)->item.name;
	give(m->self.board, names, relays->count);
}

static int run_dispatcher(void *arg, unsigned child, unsigned index)
{
	struct master *m = arg;

	(void)child;
	(void)index;
	herald_abandon(m->herald);
	keeper_abandon(m->keeper);
	return dispatcher_run(&m->self);
}

static int run_worker(void *arg, unsigned child, unsigned index)
{
	struct master *m = arg;

	(void)child;
	herald_abandon(m->herald);
	keeper_abandon(m->keeper);
	return worker_run(&m->self, index);
}

static void worker_gone(void *arg, const struct prefork_end *end)
{
	struct master *m = arg;
	struct score *score;
	bool clean = WIFEXITED(end->wstatus) && WEXITSTATUS(end->wstatus) == 0;
	bool killed;
	struct score_view was;

	if (end->slot < FIRST_WORKER)
		return;
	score = &m->self.board->score[end->index];
	was = score_view(score);
	score_worker_gone(score, ticks_ms());
	if (clean)
		return;		/* it has given everything back itself */
	name_relays(m, scoreboard_relays_mend);
	keeper_share(m->keeper);
	/* We killed it: the mail server hung, no fault of the job. */
	killed = end->overdue || end->asked;
	if (end->overdue)
		overdue_tell(m->self.board, end->index, &was,
			     m->conf->breaker_max);
	atomic_store(&score->crashed, !killed);
	herald_reclaim(m->herald, end->index, !killed);
}

static int64_t deadline_of(void *arg, unsigned child)
{
	struct master *m = arg;
	struct score *score = m->self.board->score;

	if (child < FIRST_WORKER)
		return 0;
	return atomic_load(&score[child - FIRST_WORKER].deadline_ms);
}

static void tick(void *arg)
{
	struct master *m = arg;
	const struct alert_run_opts alert = {
		.command = m->conf->alert_command,
		.interval_ms = m->conf->alert_interval,
	};

	alert_run_tend(&alert, ticks_ms());
	keeper_tend(m->keeper, ticks_ms());
	herald_tend(m->herald);
}

static void stranger_gone(void *arg, pid_t pid, int wstatus)
{
	struct master *m = arg;

	alert_run_ended(pid, wstatus);
	keeper_ended(m->keeper, pid, wstatus, ticks_ms());
}

/* It carries on without: what the rings hold is lost only with the master. */
static void check_journal(const struct mailconf *conf)
{
	struct fault why;

	if (replay_journal_check(conf, &why) == -1)
		log_warning("no journal: %s", why.text);
}

struct startup_settings master_settings(const struct mailconf *conf)
{
	return (struct startup_settings){
		.log = conf->log, .log_level = conf->log_level,
		.pid_file = conf->pid_file, .user = conf->user,
		.group = conf->group,
	};
}

static int load_fresh(struct master *m, struct mailconf *fresh,
		      struct fault *why)
{
	if (mailconf_load(m->startup->conf_path, fresh, why) == -1)
		return -1;
	if (check_start(fresh, why) == -1)
		conf_place(m->startup->conf_path, why);
	else if (mailconf_secrets_keep(fresh, m->conf, why) == 0)
		return 0;
	mailconf_release(fresh);
	return -1;
}

/*
 * Reads and checks everything before anything changes: a mistake in a file
 * never stops a running service.  Secrets whose files only root may read stay
 * as they are, since we are no longer root.
 */
static int reload(void *arg)
{
	struct master *m = arg;
	struct mailconf fresh;
	struct startup_settings settings;
	struct fault why;

	CRASH_POINT("maild: reloading");
	if (load_fresh(m, &fresh, &why) == -1) {
		log_error("reload refused, the old settings stay: %s",
			  why.text);
		return -1;
	}
	conf_warn_restart(&mailconf_table, m->conf, &fresh);
	alert_forget();		/* what is still broken is reported again */
	herald_close(m->herald);
	mailconf_release(m->conf);
	*m->conf = fresh;
	name_relays(m, scoreboard_relays_set);
	keeper_relays_set(m->keeper, &m->conf->relays);
	settings = master_settings(m->conf);
	if (startup_log_open(m->startup, &settings, &why) == -1)
		log_error("the old log stays: %s", why.text);
	CRASH_POINT("maild: reloaded");
	check_journal(m->conf);
	log_info("reloaded settings=%s", m->startup->conf_path);
	return 0;
}

int master_run(struct mailconf *conf, const struct startup *startup)
{
	struct master m = { .conf = conf, .startup = startup };
	struct prefork_role roles[] = {
		{ "dispatcher", 1, 1, run_dispatcher },
		{ "worker", (unsigned)conf->workers, QUEUE_SLOTS_MAX - 1,
		  run_worker },
	};
	struct prefork_opts opts = {
		.roles = roles, .role_count = ARRAY_COUNT(roles),
		.scalable = 1, .min_life_ms = MIN_LIFE_MS,
		.pause_min_ms = PAUSE_MIN_MS, .pause_max_ms = PAUSE_MAX_MS,
		.grace_ms = (int)conf->stop_grace, .arg = &m,
		.gone = worker_gone, .stranger_gone = stranger_gone,
		.reload = reload, .tick = tick, .deadline_ms = deadline_of,
	};
	const struct fence fence = mailconf_fence(conf);
	struct fault why;
	int status = 0;

	m.self = (struct instance){
		.conf = conf, .board = alloc_shared(sizeof(*m.self.board)),
		.name = m.name, .started_ms = wall_ms(),
	};
	name_relays(&m, scoreboard_relays_set);
	name_instance(m.name);
	if (alert_open(&why) == -1 || fence_master(&fence, &why) == -1) {
		log_error("cannot start: %s", why.text);
		return EX_OSERR;
	}
	m.herald = herald_new(&m.self);
	m.keeper = keeper_new(m.self.board);
	keeper_relays_set(m.keeper, &conf->relays);
	log_info("started instance=%s workers=%lld", m.name,
		 (long long)conf->workers);
	check_journal(conf);
	proctitle_set("master");
	if (prefork_run(&opts, &why) == -1) {
		log_error("cannot start: %s", why.text);
		status = EX_OSERR;
	}
	herald_leave(m.herald);
	herald_free(m.herald);
	keeper_free(m.keeper);
	log_info("stopped");
	return status;
}
