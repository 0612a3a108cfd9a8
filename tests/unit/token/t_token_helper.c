/* SPDX-License-Identifier: MIT */
/* Tests commands that print access tokens, or should. */
#include "config.h"

#include "token/helper.h"

#include "../scratch.h"

#include "base/ticks.h"
#include "daemon/command.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define NOW 1000

static char *command;
static struct token_answer answer;
static struct fault why;

static int set_up(void **state)
{
	(void)state;
	if (scratch_begin(NULL, 0) == -1)
		return -1;
	command = scratch_path("helper");
	return 0;
}

static int tear_down(void **state)
{
	free(command);
	return scratch_end(state);
}

static void write_helper(const char *body)
{
	char *text = alloc_printf("#!/bin/sh\n%s\n", body);

	put("helper", text);
	free(text);
	assert_int_equal(chmod(command, 0700), 0);
}

static int end_of(struct helper *h, int64_t now_ms)
{
	int wstatus;
	pid_t pid;

	for (;;) {
		helper_tend(h, now_ms);
		pid = waitpid(h->pid, &wstatus, WNOHANG);
		if (pid != 0)
			break;
		(void)usleep(2000);
	}
	assert_int_equal(pid, h->pid);
	return helper_ended(h, wstatus, &answer, &why);
}

/* Runs it and returns what came of it. */
static int run(const char *body)
{
	struct helper h;
	int rc;

	write_helper(body);
	assert_int_equal(helper_start(&h, command, NOW, &why), 0);
	rc = end_of(&h, NOW);
	assert_int_equal(h.pid, 0);
	assert_int_equal(h.output, -1);
	assert_int_equal(h.errors, -1);
	for (size_t i = 0; i < sizeof(h.bytes); i++)
		assert_int_equal(h.bytes[i], 0);
	return rc;
}

static void assert_says(const char *words)
{
	if (!strstr(why.text, words))
		fail_msg("\"%s\" is not in: %s", words, why.text);
}

static void a_token_and_its_life_are_taken(void **state)
{
	(void)state;
	assert_int_equal(run("echo abc; echo 600"), 0);
	assert_string_equal(answer.token, "abc");
	assert_int_equal(answer.life_ms, 600000);
	assert_int_equal(run("head -c 4096 /dev/zero | tr '\\0' x; echo"), 0);
	assert_int_equal(strlen(answer.token), 4096);
}

static void it_has_no_arguments_and_nothing_to_read(void **state)
{
	(void)state;
	assert_int_equal(run("echo \"a$#b$(cat)\""), 0);
	assert_string_equal(answer.token, "a0b");
}

static void failures_say_how_and_quote_the_last_words(void **state)
{
	(void)state;
	assert_int_equal(run("echo abc; echo first >&2; echo 'the last' >&2;"
			     "exit 3"), -1);
	assert_string_equal(why.text, "failed with status 3: the last");
	assert_int_equal(run("exit 1"), -1);
	assert_string_equal(why.text, "failed with status 1");
	assert_int_equal(run("kill -9 $$"), -1);
	assert_string_equal(why.text, "was killed by signal 9");
	assert_int_equal(run("exec /no/such/program"), -1);
	assert_says("could not be run");
}

static void words_show_neither_addresses_nor_secrets(void **state)
{
	(void)state;
	assert_int_equal(run("echo 'bad zoe@example.org \033[2J' >&2; exit 1"),
			 -1);
	assert_string_equal(why.text, "failed with status 1: bad [address] "
			    "?[2J");
	assert_int_equal(run("echo \"got $(head -c 48 /dev/zero | tr '\\0' x)"
			     " ok\" >&2; exit 1"), -1);
	assert_null(strstr(why.text, "x"));
	assert_says("got *");
	assert_says(" ok");
	/* Much more than a pipe holds. */
	assert_int_equal(run("yes line | head -n 100000 >&2; exit 1"), -1);
	assert_string_equal(why.text, "failed with status 1: line");
}

static void what_is_no_token_is_refused(void **state)
{
	(void)state;
	assert_int_equal(run("exit 0"), -1);
	assert_string_equal(why.text, "printed nothing");
	assert_int_equal(run("exec >&-; sleep 0.05"), -1);
	assert_string_equal(why.text, "printed nothing");
	assert_int_equal(run("printf 'abc\\n0\\n'"), -1);
	assert_says("second line");
	assert_int_equal(run("head -c 300 /dev/urandom"), -1);
	assert_says("first line");
	assert_int_equal(run("head -c 8193 /dev/zero | tr '\\0' x"), -1);
	assert_says("more than 8192 bytes");
}

/* It would block on a pipe that nobody reads any further. */
static void one_that_prints_for_ever_is_killed_at_once(void **state)
{
	(void)state;
	assert_int_equal(run("exec yes"), -1);
	assert_says("more than 8192 bytes");
}

static void one_that_hangs_is_killed_with_all_it_started(void **state)
{
	struct helper h;
	pid_t group;
	int64_t begun_ms = ticks_ms();

	(void)state;
	write_helper("echo abc; sleep 600 & sleep 600");
	assert_int_equal(helper_start(&h, command, NOW, &why), 0);
	group = h.pid;
	while (h.len < 4) {	/* it leads its group by then */
		helper_tend(&h, NOW + COMMAND_LIMIT_MS - 1);
		(void)usleep(1000);
	}
	assert_int_equal(kill(group, 0), 0);
	assert_int_equal(end_of(&h, NOW + COMMAND_LIMIT_MS), -1);
	assert_says("did not end within 30 s");
	while (kill(-group, 0) == 0)
		(void)usleep(1000);
	assert_int_equal(errno, ESRCH);
	assert_true(ticks_ms() - begun_ms < 60000);
}

/* Its child keeps the pipes open: nobody waits for their end. */
static void what_it_leaves_behind_is_killed(void **state)
{
	struct helper h;
	pid_t group;

	(void)state;
	write_helper("sleep 600 & echo abc");
	assert_int_equal(helper_start(&h, command, NOW, &why), 0);
	group = h.pid;
	assert_int_equal(end_of(&h, NOW), 0);
	assert_string_equal(answer.token, "abc");
	while (kill(-group, 0) == 0)
		(void)usleep(1000);
	assert_int_equal(errno, ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_and_its_life_are_taken),
		cmocka_unit_test(it_has_no_arguments_and_nothing_to_read),
		cmocka_unit_test(failures_say_how_and_quote_the_last_words),
		cmocka_unit_test(words_show_neither_addresses_nor_secrets),
		cmocka_unit_test(what_is_no_token_is_refused),
		cmocka_unit_test(one_that_prints_for_ever_is_killed_at_once),
		cmocka_unit_test(one_that_hangs_is_killed_with_all_it_started),
		cmocka_unit_test(what_it_leaves_behind_is_killed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
