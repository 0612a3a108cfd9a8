/* SPDX-License-Identifier: MIT */
/* Tests alerts: the count, the way to the master, the command's runs. */
#include "config.h"

#include "base/buf.h"
#include "daemon/alert.h"
#include "daemon/alert_run.h"
#include "daemon/command.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define HOUR_MS 3600000

static char folder[] = "/tmp/t_alert.XXXXXX";
static char command[64];
static char told[64];		/* what the command was given */

static int pipe_fd;		/* into which every process writes alerts */

static struct alert_run_opts opts = { .command = command,
				      .interval_ms = HOUR_MS };

/* The time of the tests; each begins long after the one before. */
static int64_t now_ms = HOUR_MS;

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* Waits for the command; false if none was started. */
static bool ended(void)
{
	int wstatus;
	pid_t pid = waitpid(-1, &wstatus, 0);

	if (pid == -1)
		return false;
	alert_run_ended(pid, wstatus);
	return true;
}

static bool tend(void)
{
	alert_run_tend(&opts, now_ms);
	return ended();
}

static void assert_told(const char *expected)
{
	struct buf text = BUF_INIT;

	assert_int_equal(buf_add_file(&text, told, 100000), 0);
	assert_string_equal(text.data, expected);
	buf_release(&text);
	assert_int_equal(unlink(told), 0);
}

static int set_up(void **state)
{
	char script[200];
	struct fault why;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(command, sizeof(command), "%s/command", folder);
	(void)snprintf(told, sizeof(told), "%s/told", folder);
	(void)snprintf(script, sizeof(script), "#!/bin/sh\ncat >>%s\n", told);
	write_file(command, script, 0700);
	/* The next two descriptors are the pipe's. */
	pipe_fd = dup(STDIN_FILENO) + 1;
	(void)close(pipe_fd - 1);
	assert_int_equal(alert_open(&why), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	alert_close();
	(void)unlink(told);
	(void)unlink(command);
	return rmdir(folder);
}

static void the_command_gets_key_and_sentence(void **state)
{
	int64_t before = alert_count();

	(void)state;
	now_ms += 2 * HOUR_MS;
	alert_raise("one", "gave up job=%s", "A.confirm.0");
	assert_true(tend());
	assert_told("one: gave up job=A.confirm.0\n");
	assert_int_equal(alert_count(), before + 1);
	assert_false(tend());
}

static void what_comes_within_the_interval_is_counted(void **state)
{
	(void)state;
	now_ms += 2 * HOUR_MS;
	alert_raise("many", "first");
	assert_true(tend());
	assert_told("many: first\n");
	for (int i = 0; i < 3; i++)
		alert_raise("many", "number %d", i);
	now_ms += HOUR_MS - 1;
	assert_false(tend());
	now_ms += 1;
	assert_true(tend());
	assert_told("many: number 2\n"
		    "many: 2 more since it was told last\n");
}

static void keys_do_not_hold_each_other_up(void **state)
{
	(void)state;
	now_ms += 2 * HOUR_MS;
	alert_raise("left", "one");
	alert_raise("right", "another");
	assert_true(tend());
	assert_told("left: one\n");
	assert_true(tend());	/* one command at a time */
	assert_told("right: another\n");
}

static void another_process_can_raise_one(void **state)
{
	int64_t before = alert_count();
	pid_t pid = fork();

	(void)state;
	now_ms += 2 * HOUR_MS;
	if (pid == 0) {
		alert_raise("child", "from below");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(alert_count(), before + 1);
	assert_true(tend());
	assert_told("child: from below\n");
}

static void once_means_once_until_it_is_forgotten(void **state)
{
	int64_t before = alert_count();

	(void)state;
	for (int child = 0; child < 4; child++) {
		pid_t pid = fork();

		if (pid == 0) {
			alert_raise_once("broken:fr/a.txt", "text");
			alert_raise_once("broken:fr/b.txt", "text");
			_exit(0);
		}
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	assert_int_equal(alert_count(), before + 2);
	alert_forget();
	alert_raise_once("broken:fr/a.txt", "text");
	assert_int_equal(alert_count(), before + 3);
	for (int i = 0; i < 1000; i++) {
		char key[32];

		(void)snprintf(key, sizeof(key), "key-%d", i);
		alert_raise_once(key, "text");
	}
	assert_int_equal(alert_count(), before + 1003);
	opts.command = NULL;
	(void)tend();
	opts.command = command;
}

static void keys_and_texts_cannot_forge_lines(void **state)
{
	(void)state;
	now_ms += 2 * HOUR_MS;
	alert_raise("a b\nc", "one\ntwo: three\r");
	assert_true(tend());
	assert_told("a?b?c: one?two: three?\n");
}

static void long_ones_are_cut(void **state)
{
	char text[2000];
	char key[200];
	char expected[ALERT_KEY_MAX + ALERT_TEXT_MAX + 4];

	(void)state;
	now_ms += 2 * HOUR_MS;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	memset(key, 'k', sizeof(key));
	key[sizeof(key) - 1] = '\0';
	alert_raise(key, "%s", text);
	assert_true(tend());
	(void)snprintf(expected, sizeof(expected), "%.*s: %.*s\n",
		       ALERT_KEY_MAX - 1, key, ALERT_TEXT_MAX - 1, text);
	assert_told(expected);
}

/* More than a pipe holds, and more keys than there are entries. */
static void a_flood_waits_for_nobody_and_is_counted(void **state)
{
	int64_t before = alert_count();

	(void)state;
	now_ms += 2 * HOUR_MS;
	for (int i = 0; i < 5000; i++) {
		char key[32];

		(void)snprintf(key, sizeof(key), "flood-%d", i % 100);
		alert_raise(key, "number %d of a text with some words", i);
	}
	assert_int_equal(alert_count(), before + 5000);
	opts.command = NULL;	/* forgets them */
	assert_false(tend());
	opts.command = command;
	alert_raise("after", "still here");
	assert_true(tend());
	assert_told("after: still here\n");
}

static void put(const void *bytes, size_t len)
{
	assert_int_equal(write(pipe_fd, bytes, len), (ssize_t)len);
}

static void what_is_no_alert_is_passed_over(void **state)
{
	char junk[4000];
	const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
		{ "\n", 1 }, { "noblank\n", 8 }, { " nokey\n", 7 },
		{ "a\0b c\n", 6 }, { "key te\0xt\n", 10 },
		{ "key a\rb\n", 8 }, { "k\xffy text\n", 9 },
		{ "\0\0\0\0\n", 5 }, { junk, sizeof(junk) },
	};

	(void)state;
	memset(junk, 'j', sizeof(junk));
	junk[sizeof(junk) - 1] = '\n';
	now_ms += 2 * HOUR_MS;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		put(rows[i].bytes, rows[i].len);
	assert_false(tend());
	memset(junk, 0xff, sizeof(junk));	/* and never an end */
	put(junk, sizeof(junk));
	assert_false(tend());
	put("\n", 1);
	alert_raise("after", "still here");
	assert_true(tend());
	assert_told("after: still here\n");
}

static void a_child_that_writes_for_ever_does_not_hold_its_master(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		for (;;)
			if (write(pipe_fd, "\n\n\n\n\n\n\n\n", 8) == -1)
				(void)usleep(10);
	}
	now_ms += 2 * HOUR_MS;
	opts.command = NULL;
	for (int i = 0; i < 10; i++)
		alert_run_tend(&opts, now_ms);
	opts.command = command;
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* A thousand in each look, and the pipe may be full of them: an alert
	 * finds no room in it then. */
	for (int i = 0; i < 200; i++)
		alert_run_tend(&opts, now_ms);
	alert_raise("after", "still here");
	assert_true(tend());
	assert_told("after: still here\n");
}

static void a_command_that_hangs_is_killed_with_all_it_started(void **state)
{
	char slow[64];
	int wstatus;
	pid_t pid;

	(void)state;
	now_ms += 2 * HOUR_MS;
	(void)snprintf(slow, sizeof(slow), "%s/slow", folder);
	write_file(slow, "#!/bin/sh\nsleep 600\n", 0700);
	opts.command = slow;
	alert_raise("slow", "text");
	alert_run_tend(&opts, now_ms);
	alert_raise("waits", "text");
	alert_run_tend(&opts, now_ms + COMMAND_LIMIT_MS - 1);
	assert_int_equal(waitpid(-1, &wstatus, WNOHANG), 0);
	alert_run_tend(&opts, now_ms + COMMAND_LIMIT_MS);
	pid = waitpid(-1, &wstatus, 0);
	assert_true(WIFSIGNALED(wstatus));
	/* Nobody is left in its session's group. */
	while (kill(-pid, 0) == 0)
		(void)usleep(1000);
	assert_int_equal(errno, ESRCH);
	alert_run_ended(pid, wstatus);
	opts.command = command;
	assert_true(tend());
	assert_told("waits: text\n");
	assert_int_equal(unlink(slow), 0);
}

static void a_program_that_is_not_one_is_refused(void **state)
{
	char path[80];
	struct fault why;

	(void)state;
	assert_int_equal(alert_run_check("", &why), 0);
	assert_int_equal(alert_run_check(command, &why), 0);
	assert_int_equal(alert_run_check(folder, &why), -1);
	(void)snprintf(path, sizeof(path), "%s/none", folder);
	assert_int_equal(alert_run_check(path, &why), -1);
	write_file(path, "text", 0600);
	assert_int_equal(alert_run_check(path, &why), -1);
	assert_non_null(strstr(why.text, "alert_command: "));
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_command_gets_key_and_sentence),
		cmocka_unit_test(what_comes_within_the_interval_is_counted),
		cmocka_unit_test(keys_do_not_hold_each_other_up),
		cmocka_unit_test(another_process_can_raise_one),
		cmocka_unit_test(once_means_once_until_it_is_forgotten),
		cmocka_unit_test(keys_and_texts_cannot_forge_lines),
		cmocka_unit_test(long_ones_are_cut),
		cmocka_unit_test(a_flood_waits_for_nobody_and_is_counted),
		cmocka_unit_test(what_is_no_alert_is_passed_over),
		cmocka_unit_test(
			a_child_that_writes_for_ever_does_not_hold_its_master),
		cmocka_unit_test(
			a_command_that_hangs_is_killed_with_all_it_started),
		cmocka_unit_test(a_program_that_is_not_one_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
