/* SPDX-License-Identifier: MIT */
/* Tests that nobody waits for a log, and what is told of lines that were lost. */
#include "config.h"

#include "base/logger.h"

#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define LINES_MAX 100000	/* more than any pipe or socket holds */

static char folder[] = "/tmp/t_logger.XXXXXX";
static char path[64];

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/log", folder);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	/* What waits is ended, and seen as failed. */
	(void)alarm(60);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

static void open_log(const char *target)
{
	struct fault why;

	assert_int_equal(log_open("t", target, LOG_LEVEL_INFO, &why), 0);
}

/* Has the log go to a standard error that is fd; the real one is returned. */
static int take_stderr(int fd)
{
	int real = dup(STDERR_FILENO);

	assert_true(real != -1);
	open_log("syslog");	/* what stays at a reload is let go of */
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	open_log("stderr");
	return real;
}

static void give_back(int real)
{
	open_log("syslog");
	assert_int_equal(dup2(real, STDERR_FILENO), STDERR_FILENO);
	(void)close(real);
}

/* Logs until a line is dropped; returns how many were written. */
static int fill_up(void)
{
	uint64_t before = log_dropped_count();

	for (int i = 0; i < LINES_MAX; i++) {
		log_info("filling %d", i);
		if (log_dropped_count() != before)
			return i;
	}
	fail_msg("nothing was ever dropped");
	return 0;
}

/* Reads all that is there. */
static size_t drain(int fd, char *out, size_t size)
{
	size_t len = 0;
	ssize_t got;

	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	while (len < size - 1 &&
	       (got = read(fd, out + len, size - 1 - len)) > 0)
		len += (size_t)got;
	out[len] = '\0';
	return len;
}

/* Each line that was written is whole, and the count stands before the next. */
static void check_told(int fd, int written, const char *count)
{
	static char text[1 << 22];
	size_t len = drain(fd, text, sizeof(text));
	int lines = 0;

	for (char *line = text, *end; (end = strchr(line, '\n')) != NULL;
	     line = end + 1) {
		char expected[32];

		*end = '\0';
		(void)snprintf(expected, sizeof(expected), "filling %d",
			       lines++);
		assert_non_null(strstr(line, expected));
	}
	assert_int_equal(lines, written);
	assert_true(len > 0);
	log_info("it works again");
	(void)drain(fd, text, sizeof(text));
	assert_non_null(strstr(text, "warning: log lines were dropped count="));
	assert_non_null(strstr(text, count));
	assert_non_null(strstr(strstr(text, count), "it works again\n"));
}

static void a_full_pipe_holds_nobody_and_is_not_made_nonblocking(void **state)
{
	int fds[2];
	int real;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	real = take_stderr(fds[1]);

	int written = fill_up();

	for (int i = 0; i < 9; i++)
		log_error("nobody hears this");
	assert_int_equal(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);
	check_told(fds[0], written, "count=10\n");
	give_back(real);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void a_quiet_process_tells_it_as_well(void **state)
{
	static char text[1 << 22];
	int fds[2];
	int real;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	real = take_stderr(fds[1]);
	(void)fill_up();
	log_dropped_tell();
	(void)drain(fds[0], text, sizeof(text));
	assert_null(strstr(text, "dropped"));
	log_dropped_tell();
	log_dropped_tell();
	(void)drain(fds[0], text, sizeof(text));
	assert_non_null(strstr(text, "log lines were dropped count=1\n"));
	assert_true(strchr(text, '\n')[1] == '\0');
	give_back(real);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void what_children_lose_is_counted_with_ours(void **state)
{
	int fds[2];
	int real;
	int written;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	real = take_stderr(fds[1]);
	written = fill_up();
	for (int child = 0; child < 4; child++) {
		pid_t pid = fork();

		if (pid == 0) {
			for (int i = 0; i < 1000; i++)
				log_info("from a child");
			_exit(0);
		}
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	check_told(fds[0], written, "count=4001\n");
	give_back(real);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void a_socket_that_nobody_reads_holds_nobody(void **state)
{
	int fds[2];
	int real;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	real = take_stderr(fds[1]);

	int written = fill_up();

	check_told(fds[0], written, "count=1\n");
	give_back(real);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void a_pipe_without_a_reader_costs_the_lines(void **state)
{
	uint64_t before = log_dropped_count();
	int fds[2];
	int real;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	real = take_stderr(fds[1]);
	(void)close(fds[0]);
	log_info("to nobody");
	assert_true(log_dropped_count() == before + 1);
	give_back(real);
	(void)close(fds[1]);
}

static void a_torn_line_is_ended_before_the_next(void **state)
{
	struct rlimit whole, little;
	char target[80];
	char line[256];
	FILE *file;

	(void)state;
	(void)snprintf(target, sizeof(target), "file:%s", path);
	open_log(target);
	log_dropped_tell();	/* of the tests before */
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &whole), 0);
	little = whole;
	little.rlim_cur = 20;	/* bytes: as if the disk were full then */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	log_info("torn");
	log_info("lost");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &whole), 0);
	log_info("whole");
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	assert_int_equal(strlen(line), 21);
	assert_non_null(fgets(line, sizeof(line), file));
	assert_non_null(strstr(line, "log lines were dropped count=2\n"));
	assert_non_null(fgets(line, sizeof(line), file));
	assert_non_null(strstr(line, "info: whole\n"));
	assert_null(fgets(line, sizeof(line), file));
	assert_int_equal(fclose(file), 0);
	open_log("syslog");
	assert_int_equal(unlink(path), 0);
}

static void a_fifo_without_a_reader_refuses_no_start(void **state)
{
	char target[80];
	char text[256];
	int fd;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	(void)snprintf(target, sizeof(target), "file:%s", path);
	open_log(target);
	log_info("waits in the pipe");
	fd = open(path, O_RDONLY | O_NONBLOCK);
	assert_true(fd != -1);
	(void)drain(fd, text, sizeof(text));
	assert_non_null(strstr(text, "info: waits in the pipe\n"));
	(void)close(fd);
	open_log("syslog");
	assert_int_equal(unlink(path), 0);
}

static void journal_is(int fd)
{
	char stream[64];
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	(void)snprintf(stream, sizeof(stream), "%ju:%ju",
		       (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
}

static void the_journal_is_told_priorities(void **state)
{
	char text[1000];
	int fds[2];
	int real;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	journal_is(fds[1]);
	real = take_stderr(fds[1]);
	log_role_set("worker 3");
	log_error("one");
	log_warning("two\n<0>three");
	log_info("four");
	log_debug("five");
	log_role_set("");
	give_back(real);
	(void)drain(fds[0], text, sizeof(text));
	assert_string_equal(text, "<3>worker 3: one\n"
			    "<4>worker 3: two?<0>three\n<6>worker 3: four\n");
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void somebody_elses_stream_gets_whole_lines(void **state)
{
	char text[1000];
	int fds[2];
	int real;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	journal_is(fds[0]);	/* inherited, and not what we write to */
	real = take_stderr(fds[1]);
	log_error("one");
	give_back(real);
	assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
	(void)drain(fds[0], text, sizeof(text));
	assert_true(text[0] == '2');
	assert_non_null(strstr(text, "] error: one\n"));
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void the_longest_line_has_its_end(void **state)
{
	static char long_text[5000];
	static char text[5000];
	int fds[2];
	int real;

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	assert_int_equal(pipe(fds), 0);
	real = take_stderr(fds[1]);
	log_role_set("worker 255 with a name that is too long");
	log_warning("%s", long_text);
	log_role_set("");
	give_back(real);
	size_t len = drain(fds[0], text, sizeof(text));

	assert_true(len > 1024 && text[len - 1] == '\n');
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_full_pipe_holds_nobody_and_is_not_made_nonblocking),
		cmocka_unit_test(a_quiet_process_tells_it_as_well),
		cmocka_unit_test(what_children_lose_is_counted_with_ours),
		cmocka_unit_test(a_socket_that_nobody_reads_holds_nobody),
		cmocka_unit_test(a_pipe_without_a_reader_costs_the_lines),
		cmocka_unit_test(a_torn_line_is_ended_before_the_next),
		cmocka_unit_test(a_fifo_without_a_reader_refuses_no_start),
		cmocka_unit_test(the_journal_is_told_priorities),
		cmocka_unit_test(somebody_elses_stream_gets_whole_lines),
		cmocka_unit_test(the_longest_line_has_its_end),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
