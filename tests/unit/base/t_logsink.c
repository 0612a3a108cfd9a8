/* SPDX-License-Identifier: MIT */
/* Tests lines into a pipe that is another user's: whole, or not, and at once. */
#include "config.h"

#include "base/logsink.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int set_up(void **state)
{
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	/* What waits is ended, and seen as failed. */
	(void)alarm(60);
	return 0;
}

/* What a user finds who may not open the pipe of whoever started him. */
static void a_pipe_of_another_user_is_written_whole_or_not(void **state)
{
	struct logsink sink = { .way = LOGSINK_SPLICE };
	char some[4096];
	char line[1000];
	int fds[2];
	int count = 0;
	ssize_t all = 0;
	ssize_t got;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	sink.fd = fds[1];
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\n';
	/* Others write, too, and leave no room for a line in the last page. */
	assert_int_equal(write(fds[1], line, 7), 7);
	while (logsink_put(&sink, line, sizeof(line)) == LOGSINK_WHOLE)
		count++;
	assert_true(count >= 10);
	assert_int_equal(logsink_put(&sink, line, sizeof(line)),
			 LOGSINK_NOTHING);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	while ((got = read(fds[0], some, sizeof(some))) > 0)
		all += got;
	assert_int_equal(all, 7 + count * (int)sizeof(line));
	assert_int_equal(logsink_put(&sink, line, sizeof(line)),
			 LOGSINK_WHOLE);
	(void)close(fds[0]);
	assert_int_equal(logsink_put(&sink, line, sizeof(line)),
			 LOGSINK_NOTHING);
	(void)close(fds[1]);
}

static void writers_who_may_not_open_the_pipe_never_wait_in_a_race(void **state)
{
	struct logsink sink = { .way = LOGSINK_SPLICE };
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	sink.fd = fds[1];
	for (int child = 0; child < 8; child++) {
		if (fork() != 0)
			continue;
		(void)alarm(30);
		for (int i = 0; i < 5000; i++)
			(void)!logsink_put(&sink, "a line\n", 7);
		_exit(0);
	}
	/* The reader takes a little now and then. */
	for (int child = 0; child < 8; ) {
		char some[512];
		int wstatus;
		pid_t pid = waitpid(-1, &wstatus, WNOHANG);

		if (pid > 0) {
			child++;
			assert_true(WIFEXITED(wstatus));
		}
		assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
		(void)!read(fds[0], some, sizeof(some));
	}
	(void)close(fds[0]);
	(void)close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_pipe_of_another_user_is_written_whole_or_not),
		cmocka_unit_test(
			writers_who_may_not_open_the_pipe_never_wait_in_a_race),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
