/* SPDX-License-Identifier: MIT */
/* Tests what a program of the settings gets from us, and what the processes
 * around it may not be. */
#include "config.h"

#include "daemon/command.h"
#include "daemon/daemon.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char script[] =
	"#!/bin/sh\n"
	"/usr/bin/env\n"
	"test ! -e /proc/$$/fd/42 || echo file of ours\n";

/* All that the program says of what it finds. */
static void run(char *said, size_t size)
{
	char path[] = "/tmp/t_command.XXXXXX";
	int fd = mkstemp(path);
	int ends[2];
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, script, sizeof(script) - 1),
			 sizeof(script) - 1);
	assert_int_equal(fchmod(fd, 0700), 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = command_start(path, &(struct command_ends){ -1, ends[1], -1 });
	assert_true(pid > 0);
	assert_int_equal(close(ends[1]), 0);
	while ((n = read(ends[0], said + len, size - 1 - len)) > 0)
		len += (size_t)n;
	said[len] = '\0';
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(unlink(path), 0);
}

static void a_command_has_no_more_than_it_needs(void **state)
{
	char said[8192];

	(void)state;
	/* As a service manager hands over a socket. */
	assert_int_equal(dup2(STDIN_FILENO, 42), 42);
	assert_int_equal(setenv("LISTEN_FDS", "1", 1), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", "@x", 1), 0);
	assert_int_equal(setenv("A_TOKEN", "secret", 1), 0);
	assert_int_equal(setenv("LC_TIME", "C", 1), 0);
	assert_int_equal(setenv("https_proxy", "http://proxy:1", 1), 0);
	run(said, sizeof(said));
	print_message("%s", said);
	assert_non_null(strstr(said, "PATH="));
	assert_non_null(strstr(said, "LC_TIME=C\n"));
	assert_non_null(strstr(said, "https_proxy=http://proxy:1\n"));
	assert_null(strstr(said, "LISTEN_FDS"));
	assert_null(strstr(said, "NOTIFY_SOCKET"));
	assert_null(strstr(said, "secret"));
	assert_null(strstr(said, "file of ours"));
	assert_int_equal(close(42), 0);
}

/* As a kernel with fs.suid_dumpable = 1 leaves it. */
static int drop_and_look(const struct privileges *to)
{
	struct fault why;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (prctl(PR_SET_DUMPABLE, 1) == -1 ||
		    privileges_drop(to, &why) == -1)
			_exit(2);
		_exit(prctl(PR_GET_DUMPABLE));
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void who_gave_up_root_cannot_be_looked_into(void **state)
{
	static const struct privileges same = { .change = false };
	static const struct privileges other = {
		.change = true, .user = "nobody", .uid = 65534, .gid = 65534,
	};

	(void)state;
	assert_int_equal(drop_and_look(&same), 0);
	if (geteuid() == 0)
		assert_int_equal(drop_and_look(&other), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_has_no_more_than_it_needs),
		cmocka_unit_test(who_gave_up_root_cannot_be_looked_into),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
