/* SPDX-License-Identifier: MIT */
/* Runs the operator's command for alerts. */
#include "config.h"

#include "daemon/alert_run.h"

#include "base/fdio.h"
#include "base/logger.h"
#include "base/str.h"
#include "daemon/alert.h"
#include "daemon/command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEYS_MAX 32		/* keys whose last run is remembered */
#define TAKE_MAX 50000		/* lines in one round */

struct entry {
	char key[ALERT_KEY_MAX];	/* "" = free */
	char text[ALERT_TEXT_MAX];	/* of the latest */
	int waiting;			/* raised since the last run */
	int64_t raised_ms;		/* the latest */
	int64_t run_ms;			/* last run, 0 = never */
};

static struct {
	struct entry entries[KEYS_MAX];
	pid_t pid;		/* the command that runs, 0 = none */
	int64_t kill_at_ms;
} runner;

int alert_run_check(const char *command, struct fault *why)
{
	return command_check("alert_command", command, why);
}

/* The key's entry; the one that was silent for longest makes room. */
static struct entry *entry_of(const char *key)
{
	struct entry *oldest = &runner.entries[0];

	for (size_t i = 0; i < KEYS_MAX; i++) {
		struct entry *e = &runner.entries[i];

		if (strcmp(e->key, key) == 0)
			return e;
		if (e->raised_ms < oldest->raised_ms)
			oldest = e;
	}
	*oldest = (struct entry){ .waiting = 0 };
	must(str_copy(oldest->key, sizeof(oldest->key), key));
	return oldest;
}

static void take_all(int64_t now_ms)
{
	char key[ALERT_KEY_MAX];
	char text[ALERT_TEXT_MAX];

	/* More than a pipe holds, so that a child that goes on and on does not
	 * hold its master. */
	for (int i = 0; i < TAKE_MAX && alert_take(key, text) == 1; i++) {
		struct entry *e = entry_of(key);

		if (e->waiting < INT_MAX)
			e->waiting++;
		e->raised_ms = now_ms;
		memcpy(e->text, text, sizeof(e->text));
	}
}

/* The pipe of the command's standard input, with all of it inside. */
static int input_make(const struct entry *e)
{
	char text[ALERT_KEY_MAX * 2 + ALERT_TEXT_MAX + 64];
	int fds[2];
	int len = snprintf(text, sizeof(text), "%s: %s\n", e->key, e->text);

	if (e->waiting > 1 && len > 0 && (size_t)len < sizeof(text))
		len += snprintf(text + len, sizeof(text) - (size_t)len,
				"%s: %d more since it was told last\n", e->key,
				e->waiting - 1);
	if (pipe2(fds, O_CLOEXEC) == -1)
		return -1;
	/* An empty pipe takes more than this without waiting. */
	if (len < 0 || fdio_write_all(fds[1], text, (size_t)len) == -1) {
		(void)close(fds[0]);
		fds[0] = -1;
	}
	(void)close(fds[1]);
	return fds[0];
}

static void run(const char *command, struct entry *e, int64_t now_ms)
{
	const struct command_ends ends = {
		.input = input_make(e), .output = -1, .errors = -1,
	};
	pid_t pid = ends.input == -1 ? -1 : command_start(command, &ends);

	if (pid == -1)
		log_warning("cannot run alert_command: %s", strerror(errno));
	if (ends.input != -1)
		(void)close(ends.input);
	e->run_ms = now_ms;
	if (pid == -1)
		return;		/* told with the next, an interval later */
	e->waiting = 0;
	runner.pid = pid;
	runner.kill_at_ms = now_ms + COMMAND_LIMIT_MS;
}

static void kill_late(int64_t now_ms)
{
	if (runner.pid == 0 || now_ms < runner.kill_at_ms)
		return;
	log_warning("killing alert_command pid=%ld: past its deadline",
		    (long)runner.pid);
	command_kill(runner.pid);
	runner.kill_at_ms = now_ms + COMMAND_LIMIT_MS;
}

void alert_run_tend(const struct alert_run_opts *opts, int64_t now_ms)
{
	bool wanted = opts->command && opts->command[0];

	take_all(now_ms);
	kill_late(now_ms);
	for (size_t i = 0; i < KEYS_MAX; i++) {
		struct entry *e = &runner.entries[i];

		if (!wanted)
			e->waiting = 0;
		if (runner.pid == 0 && e->waiting > 0 &&
		    (e->run_ms == 0 ||
		     now_ms - e->run_ms >= opts->interval_ms))
			run(opts->command, e, now_ms);
	}
}

void alert_run_ended(pid_t pid, int wstatus)
{
	if (pid != runner.pid)
		return;
	runner.pid = 0;
	if (WIFSIGNALED(wstatus))
		log_warning("alert_command was killed signal=%d",
			    WTERMSIG(wstatus));
	else if (WEXITSTATUS(wstatus) != 0)
		log_warning("alert_command failed status=%d",
			    WEXITSTATUS(wstatus));
}
