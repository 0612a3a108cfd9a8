/* SPDX-License-Identifier: MIT */
/* Runs a program that the settings name: no shell, no arguments. */
#include "config.h"

#include "daemon/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

int command_check(const char *setting, const char *path, struct fault *why)
{
	struct stat st;

	if (!path || path[0] == '\0')
		return 0;
	if (stat(path, &st) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno, "%s: %s",
				       setting, path);
	if (S_ISREG(st.st_mode) &&
	    faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
		return 0;
	return fault_set(why, FAULT_CONFIG,
			 "%s: %s is not a program that can be run", setting,
			 path);
}

NORETURN static void become(const char *path, const struct command_ends *ends)
{
	char *const argv[] = { (char *)(uintptr_t)path, NULL };
	const int given[] = { ends->input, ends->output, ends->errors };
	struct sigaction deflt = { .sa_handler = SIG_DFL };
	sigset_t none;
	int null;

	for (int sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &deflt, NULL);	/* KILL and STOP fail */
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)setsid();		/* so that all of it can be killed */
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null == -1)
		_exit(COMMAND_NO_EXEC);
	for (int std = 0; std <= STDERR_FILENO; std++)
		if (dup2(given[std] == -1 ? null : given[std], std) == -1)
			_exit(COMMAND_NO_EXEC);
	(void)execv(path, argv);
	_exit(COMMAND_NO_EXEC);
}

pid_t command_start(const char *path, const struct command_ends *ends)
{
	pid_t pid = fork();

	if (pid == 0)
		become(path, ends);
	return pid;
}

void command_kill(pid_t pid)
{
	/* It leads a group of its own by now; the child alone if not. */
	if (kill(-pid, SIGKILL) == -1)
		(void)kill(pid, SIGKILL);
}
