/* SPDX-License-Identifier: MIT */
/* The supervisor: keeps single-threaded children alive. */
#include "config.h"

#include "daemon/prefork.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "base/ticks.h"
#include "daemon/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 1000

struct child {
	pid_t pid;		/* 0 = none */
	unsigned role;		/* index into the roles */
	unsigned index;		/* within the role */
	int64_t started_ms;
	int64_t not_before_ms;	/* no fork before this instant */
	int pause_ms;		/* last pause after a failure, 0 = none */
	int64_t kill_at_ms;	/* asked to end: KILL then; 0 = not asked */
	bool overdue;		/* killed for its deadline */
	bool wanted;		/* to be forked again when it ends */
};

struct pool {
	const struct prefork_opts *opts;
	struct child children[PREFORK_MAX];
	unsigned count;		/* slots over all roles, reserved ones too */
	bool stopping;
	bool watched;		/* the service manager waits for WATCHDOG=1 */
	int64_t next_tick_ms;
};

/* ---- signals ------------------------------------------------------------ */

/* Handlers only set these; everything happens in the loops. */
static struct flags {
	volatile sig_atomic_t term;	/* how often */
	volatile sig_atomic_t fast;	/* INT or QUIT */
	volatile sig_atomic_t hup;
	volatile sig_atomic_t usr1;
	volatile sig_atomic_t ttin;	/* how often */
	volatile sig_atomic_t ttou;	/* how often */
	volatile sig_atomic_t child;
} flags;

static sigset_t open_mask;	/* inside ppoll() */
static bool has_open_mask;

static void on_signal(int sig)
{
	switch (sig) {
	case SIGTERM:
		flags.term++;
		break;
	case SIGINT:
	case SIGQUIT:
		flags.fast = 1;
		break;
	case SIGHUP:
		flags.hup = 1;
		break;
	case SIGUSR1:
		flags.usr1 = 1;
		break;
	case SIGTTIN:
		flags.ttin++;
		break;
	case SIGTTOU:
		flags.ttou++;
		break;
	case SIGCHLD:
		flags.child = 1;
		break;
	default:
		break;
	}
}

static const int handled[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1,
			       SIGTTIN, SIGTTOU, SIGCHLD };

static void handler_set(int sig, void (*handler)(int))
{
	struct sigaction sa = { .sa_handler = handler };

	(void)sigemptyset(&sa.sa_mask);
	must(sigaction(sig, &sa, NULL) == 0);
}

void prefork_signals_catch(void)
{
	sigset_t blocked;

	(void)sigemptyset(&blocked);
	for (size_t i = 0; i < ARRAY_COUNT(handled); i++) {
		(void)sigaddset(&blocked, handled[i]);
		handler_set(handled[i], on_signal);
	}
	handler_set(SIGPIPE, SIG_IGN);
	must(sigprocmask(SIG_BLOCK, &blocked, &open_mask) == 0);
	for (size_t i = 0; i < ARRAY_COUNT(handled); i++)
		(void)sigdelset(&open_mask, handled[i]);
	has_open_mask = true;
}

const sigset_t *prefork_open_mask(void)
{
	return has_open_mask ? &open_mask : NULL;
}

/* Reopens the log if USR1 has come. */
static void log_tend(void)
{
	if (flags.usr1) {
		flags.usr1 = 0;
		log_reopen();
	}
}

/* ---- in a child --------------------------------------------------------- */

bool prefork_stopping(void)
{
	static const struct timespec none = { 0, 0 };

	/* A busy child never sleeps: let pending signals in. */
	if (!flags.term && has_open_mask)
		(void)ppoll(NULL, 0, &none, &open_mask);
	log_tend();
	return flags.term != 0;
}

int prefork_poll(struct pollfd *fds, nfds_t nfds, int timeout_ms)
{
	int64_t until_ms = ticks_ms() + timeout_ms;

	for (;;) {
		int64_t left_ms = until_ms - ticks_ms();
		struct timespec ts;
		int ready;

		if (flags.term) {
			errno = EINTR;
			return -1;
		}
		if (left_ms < 0)
			left_ms = 0;
		ts.tv_sec = left_ms / 1000;
		ts.tv_nsec = left_ms % 1000 * 1000000;
		ready = ppoll(fds, nfds, timeout_ms < 0 ? NULL : &ts,
			      prefork_open_mask());
		log_tend();
		if (ready >= 0 || errno != EINTR)
			return ready;
	}
}

NORETURN static void become_child(const struct pool *p, unsigned slot,
				  pid_t master)
{
	const struct child *c = &p->children[slot];
	const struct prefork_role *role = &p->opts->roles[c->role];
	char name[32];

	flags = (struct flags){ .term = 0 };
	handler_set(SIGINT, SIG_IGN);	/* ^C reaches all: the master decides */
	handler_set(SIGQUIT, SIG_IGN);
	handler_set(SIGHUP, SIG_IGN);
	handler_set(SIGTTIN, SIG_IGN);
	handler_set(SIGTTOU, SIG_IGN);
	handler_set(SIGCHLD, SIG_DFL);
	/* Nobody supervises an orphan: it finishes its work and ends. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != master)
		_exit(0);
	pidfile_abandon();
	(void)snprintf(name, sizeof(name), "%s %u", role->name, c->index);
	if (role->max == 1)
		(void)snprintf(name, sizeof(name), "%s", role->name);
	log_role_set(name);
	proctitle_set("%s", name);
	_exit(role->run(p->opts->arg, slot, c->index));
}

/* ---- in the master ------------------------------------------------------ */

static void start_child(struct pool *p, unsigned slot)
{
	struct child *c = &p->children[slot];
	pid_t master = getpid();
	pid_t pid = fork();

	if (pid == 0)
		become_child(p, slot, master);
	c->started_ms = ticks_ms();
	c->kill_at_ms = 0;
	c->overdue = false;
	if (pid == -1) {
		log_error("cannot fork: %s", strerror(errno));
		c->not_before_ms = c->started_ms + p->opts->pause_max_ms;
		return;
	}
	c->pid = pid;
}

/*
 * A child that fails soon after its birth will fail again: it waits, longer
 * each time.  One that was killed from outside has shown nothing of the kind.
 */
static void throttle(struct pool *p, struct child *c, bool failed, bool killed)
{
	int64_t now = ticks_ms();

	c->not_before_ms = now;
	if (!failed || now - c->started_ms >= p->opts->min_life_ms) {
		c->pause_ms = 0;
		return;
	}
	c->pause_ms = c->pause_ms && !killed ? c->pause_ms * 2
					     : p->opts->pause_min_ms;
	if (c->pause_ms > p->opts->pause_max_ms)
		c->pause_ms = p->opts->pause_max_ms;
	c->not_before_ms = now + c->pause_ms;
}

static void log_end(const struct prefork_end *end, int pause_ms)
{
	if (WIFSIGNALED(end->wstatus))
		log_warning("lost %s=%u pid=%ld signal=%d%s pause_ms=%d",
			    end->role->name, end->index, (long)end->pid,
			    WTERMSIG(end->wstatus),
			    end->overdue ? " reason=deadline" : "", pause_ms);
	else if (WEXITSTATUS(end->wstatus) != 0)
		log_warning("lost %s=%u pid=%ld status=%d pause_ms=%d",
			    end->role->name, end->index, (long)end->pid,
			    WEXITSTATUS(end->wstatus), pause_ms);
	else
		log_debug("ended %s=%u pid=%ld", end->role->name, end->index,
			  (long)end->pid);
}

static void child_ended(struct pool *p, unsigned slot, int wstatus)
{
	struct child *c = &p->children[slot];
	bool asked = c->kill_at_ms != 0;
	bool failed = !WIFEXITED(wstatus) || WEXITSTATUS(wstatus) != 0;
	struct prefork_end end = {
		.slot = slot, .index = c->index,
		.role = &p->opts->roles[c->role], .pid = c->pid,
		.wstatus = wstatus, .overdue = c->overdue, .asked = asked,
	};

	c->pid = 0;
	throttle(p, c, failed && !asked,
		 WIFSIGNALED(wstatus) && WTERMSIG(wstatus) == SIGKILL);
	log_end(&end, c->pause_ms);
	if (p->opts->gone)
		p->opts->gone(p->opts->arg, &end);
}

static void reap(struct pool *p)
{
	int wstatus;
	pid_t pid;

	while ((pid = waitpid(-1, &wstatus, WNOHANG)) > 0) {
		unsigned i = 0;

		while (i < p->count && p->children[i].pid != pid)
			i++;
		if (i < p->count)
			child_ended(p, i, wstatus);
		else if (p->opts->stranger_gone)
			p->opts->stranger_gone(p->opts->arg, pid, wstatus);
	}
}

/* Asks a child to end; grace_ms later it is killed. */
static void ask_to_end(struct child *c, int grace_ms)
{
	if (c->pid == 0)
		return;
	if (grace_ms > 0)
		(void)kill(c->pid, SIGTERM);
	if (c->kill_at_ms == 0 || grace_ms == 0)
		c->kill_at_ms = ticks_ms() + grace_ms;
}

static void ask_all(struct pool *p, int grace_ms)
{
	for (unsigned i = 0; i < p->count; i++)
		ask_to_end(&p->children[i], grace_ms);
}

static void kill_late(struct pool *p, struct child *c, unsigned slot,
		      int64_t now)
{
	int64_t deadline = p->opts->deadline_ms
			   ? p->opts->deadline_ms(p->opts->arg, slot) : 0;

	if (c->pid == 0)
		return;
	if (deadline != 0 && now >= deadline && !c->overdue) {
		log_error("killing %s=%u pid=%ld: past its deadline",
			  p->opts->roles[c->role].name, c->index,
			  (long)c->pid);
		c->overdue = true;
		(void)kill(c->pid, SIGKILL);
	} else if (c->kill_at_ms != 0 && now >= c->kill_at_ms) {
		(void)kill(c->pid, SIGKILL);
		c->kill_at_ms = now + TICK_MS;
	}
}

/* Does what is due; returns ms until the next thing to do. */
static int tend(struct pool *p)
{
	int64_t now = ticks_ms();
	int64_t next = p->next_tick_ms;

	if (now >= p->next_tick_ms) {
		p->next_tick_ms = next = now + TICK_MS;
		if (p->watched)
			daemon_notify("WATCHDOG=1");
		log_dropped_tell();
		if (p->opts->tick)
			p->opts->tick(p->opts->arg);
	}
	for (unsigned i = 0; i < p->count; i++) {
		struct child *c = &p->children[i];

		kill_late(p, c, i, now);
		if (c->pid == 0 && c->wanted && !p->stopping) {
			if (c->not_before_ms <= now)
				start_child(p, i);
			else if (c->not_before_ms < next)
				next = c->not_before_ms;
		}
		if (c->pid != 0 && c->kill_at_ms != 0 && c->kill_at_ms < next)
			next = c->kill_at_ms;
	}
	now = ticks_ms();
	return next > now ? (int)(next - now) : 0;
}

static void scale(struct pool *p, int by)
{
	struct child *last = NULL;

	for (unsigned i = 0; i < p->count; i++) {
		struct child *c = &p->children[i];

		if (c->role != p->opts->scalable)
			continue;
		if (by > 0 && !c->wanted) {
			c->wanted = true;
			c->not_before_ms = 0;
			log_info("scaled up %s=%u",
				 p->opts->roles[c->role].name, c->index);
			return;
		}
		if (c->wanted)
			last = c;
	}
	/* The first one always stays. */
	if (by < 0 && last && last->index > 0) {
		last->wanted = false;
		log_info("scaled down %s=%u",
			 p->opts->roles[last->role].name, last->index);
		ask_to_end(last, p->opts->grace_ms);
	}
}

/* A reload may have changed what roles are needed. */
static void recount(struct pool *p)
{
	for (unsigned i = 0; i < p->count; i++) {
		struct child *c = &p->children[i];

		if (c->role != p->opts->scalable)
			c->wanted = c->index < p->opts->roles[c->role].count;
	}
}

static void reload(struct pool *p)
{
	if (p->stopping)
		return;
	daemon_notify_reloading();
	if (!p->opts->reload || p->opts->reload(p->opts->arg) == 0) {
		recount(p);
		ask_all(p, p->opts->grace_ms);
	}
	daemon_notify("READY=1");
}

static void handle_signals(struct pool *p)
{
	if (flags.child) {
		flags.child = 0;
		reap(p);
	}
	if (flags.usr1) {
		for (unsigned i = 0; i < p->count; i++)
			if (p->children[i].pid != 0)
				(void)kill(p->children[i].pid, SIGUSR1);
		log_tend();
	}
	if (flags.hup) {
		flags.hup = 0;
		reload(p);
	}
	for (; flags.ttin > 0; flags.ttin--)
		scale(p, 1);
	for (; flags.ttou > 0; flags.ttou--)
		scale(p, -1);
	if (flags.fast || flags.term > 1 || (flags.term && p->stopping)) {
		log_info("stopping now");
		ask_all(p, 0);
		p->stopping = true;
	} else if (flags.term) {
		log_info("stopping");
		daemon_notify("STOPPING=1");
		ask_all(p, p->opts->grace_ms);
		p->stopping = true;
	}
	flags.fast = 0;
	flags.term = 0;
}

static bool all_ended(const struct pool *p)
{
	for (unsigned i = 0; i < p->count; i++)
		if (p->children[i].pid != 0)
			return false;
	return true;
}

static int lay_out(struct pool *p, struct fault *why)
{
	for (unsigned r = 0; r < p->opts->role_count; r++) {
		const struct prefork_role *role = &p->opts->roles[r];

		for (unsigned i = 0; i < role->max; i++) {
			if (p->count == PREFORK_MAX)
				return fault_set(why, FAULT_CONFIG,
						 "more than %d processes",
						 PREFORK_MAX);
			p->children[p->count++] = (struct child){
				.role = r, .index = i,
				.wanted = i < role->count,
			};
		}
	}
	return 0;
}

int prefork_run(const struct prefork_opts *opts, struct fault *why)
{
	struct pool *p = alloc_zeroed(1, sizeof(*p));

	p->opts = opts;
	if (lay_out(p, why) == -1) {
		free(p);
		return -1;
	}
	p->watched = daemon_is_watched();
	prefork_signals_catch();
	/* Not before: a signal sent to a service that is ready must not meet
	 * its default action. */
	daemon_ready();

	while (!(p->stopping && all_ended(p))) {
		int wait_ms = tend(p);
		struct timespec ts = { wait_ms / 1000,
				       wait_ms % 1000 * 1000000L };

		/* Open only here, so no signal is ever missed. */
		(void)ppoll(NULL, 0, &ts, prefork_open_mask());
		handle_signals(p);
	}
	free(p);
	return 0;
}
