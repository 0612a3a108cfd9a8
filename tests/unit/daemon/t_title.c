/* SPDX-License-Identifier: MIT */
/* Tests what ps and the like see of a process that says what it does. */
#include "config.h"

#include "daemon/daemon.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define LOOKS 20000

static void say_one_thing_after_the_other(void)
{
	/* It would outlive a test that is killed, busy for ever. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (true) {
		proctitle_set("worker 3: idle");
		proctitle_set("worker 3: RCPT to mx.example.org");
	}
}

static void who_looks_at_any_time_finds_the_name(void **state)
{
	char path[64];
	pid_t pid;

	(void)state;
	proctitle_set("worker 3: starting");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		say_one_thing_after_the_other();
	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	for (int i = 0; i < LOOKS; i++) {
		char title[4096] = "";
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t len = read(fd, title, sizeof(title) - 1);

		(void)close(fd);
		if (len <= 0 || !strstr(title, "t_title: worker 3: ")) {
			(void)kill(pid, SIGKILL);
			fail_msg("look %d: \"%s\"", i, title);
		}
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_looks_at_any_time_finds_the_name),
	};

	proctitle_init(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
