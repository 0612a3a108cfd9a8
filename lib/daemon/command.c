/* SPDX-License-Identifier: MIT */
/* Runs a program that the settings name: no shell, no arguments. */
#include "config.h"

#include "daemon/command.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
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

/* What a program finds in its environment: what says how things are done here,
 * but nothing that a service manager told us, such as where it listens. */
static bool is_passed_on(const char *entry)
{
	static const char *const names[] = {
		"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE",
		"TZ", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
		"http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE",
		"SSL_CERT_DIR",
	};
	size_t len = strcspn(entry, "=");

	if (str_starts_with(entry, "LC_"))
		return true;
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		if (strlen(names[i]) == len &&
		    strncmp(names[i], entry, len) == 0)
			return true;
	return false;
}

/* In place: the child has a copy of its own. */
static void environment_tidy(void)
{
	char **kept = environ;

	for (char **from = environ; *from; from++)
		if (is_passed_on(*from))
			*kept++ = *from;
	*kept = NULL;
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
	closefrom(STDERR_FILENO + 1);
	environment_tidy();
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
