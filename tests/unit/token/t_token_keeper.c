/* SPDX-License-Identifier: MIT */
/* Tests how a master keeps its relays' access tokens. */
#include "config.h"

#include "token/keeper.h"

#include "../scratch.h"

#include "daemon/alert.h"
#include "token/plan.h"

#include <string.h>
#include <sys/wait.h>

#define LIFE_MS INT64_C(600000)		/* of the tokens below */

static struct scoreboard *board;
static struct keeper *keeper;
static struct relay_conf relays[2];
static struct conf_list list = { .items = relays, .count = 2 };
static int64_t now_ms;
static char *paths[2];

static void add_relay(size_t i, char *name)
{
	static char xoauth2[] = "xoauth2", host[] = "mx.example";
	static char user[] = "me", none[] = "";

	relays[i] = (struct relay_conf){
		.item = { .name = name }, .host = host, .auth = xoauth2,
		.auth_user = user, .auth_token_command = none,
		.auth_token_file = none,
	};
}

/* The relay "one" has a command, "two" a file. */
static int set_up(void **state)
{
	static char one[] = "one", two[] = "two";
	const char *const names[] = { one, two };

	(void)state;
	board = alloc_shared(sizeof(*board));
	add_relay(0, one);
	add_relay(1, two);
	relays[0].auth_token_command = paths[0] = scratch_path("command");
	relays[1].auth_token_file = paths[1] = scratch_path("file");
	scoreboard_relays_set(board, names, 2);
	keeper = keeper_new(board);
	now_ms = 1000;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	keeper_free(keeper);
	for (size_t i = 0; i < 2; i++) {
		(void)unlink(paths[i]);
		free(paths[i]);
	}
	return 0;
}

static void write_command(const char *body)
{
	char *text = alloc_printf("#!/bin/sh\n%s\n", body);

	put("command", text);
	free(text);
	assert_int_equal(chmod(paths[0], 0700), 0);
}

/* A new file each time, as who renews it should write it. */
static void write_file(const char *token)
{
	(void)unlink(paths[1]);
	put("file", token);
	assert_int_equal(chmod(paths[1], 0600), 0);
}

/* Lets a command that runs come to its end. */
static void tend(void)
{
	int wstatus;
	pid_t pid;

	keeper_tend(keeper, now_ms);
	pid = waitpid(-1, &wstatus, 0);
	if (pid > 0)
		keeper_ended(keeper, pid, wstatus, now_ms);
}

static const char *token_of(int place)
{
	static char text[SENDER_TOKEN_MAX];

	return shared_token_copy(&board->token[place], now_ms, text) ? text
								     : "none";
}

static const char *trouble_of(int place)
{
	static char trouble[TOKEN_TROUBLE_MAX];

	shared_token_explain(&board->token[place], trouble);
	return trouble;
}

static void begin(const char *body, const char *file)
{
	write_command(body);
	if (file)
		write_file(file);
	keeper_relays_set(keeper, &list);
	assert_string_equal(token_of(0), "none");
	tend();
}

static void tokens_are_there_after_the_first_look(void **state)
{
	(void)state;
	begin("echo abc; echo 600", "def\n");
	assert_string_equal(token_of(0), "abc");
	assert_string_equal(token_of(1), "def");
	now_ms += LIFE_MS;
	assert_string_equal(token_of(0), "none");
	assert_string_equal(token_of(1), "def");
}

static void a_new_one_is_got_before_the_old_one_ends(void **state)
{
	(void)state;
	begin("echo abc; echo 600", NULL);
	write_command("echo def; echo 600");
	now_ms += LIFE_MS / 10 * 8 - 1;
	tend();
	assert_string_equal(token_of(0), "abc");
	now_ms++;
	tend();
	assert_string_equal(token_of(0), "def");
	now_ms += LIFE_MS / 2;
	assert_string_equal(token_of(0), "def");
}

static void a_failure_keeps_the_old_one_to_its_end_and_is_told(void **state)
{
	int64_t alerts;

	(void)state;
	write_file("def\n");
	begin("echo abc; echo 600", "def\n");
	alerts = alert_count();
	write_command("echo no such client >&2; exit 2");
	now_ms += LIFE_MS / 10 * 8;
	tend();
	assert_string_equal(token_of(0), "abc");
	assert_non_null(strstr(trouble_of(0), "no such client"));
	assert_int_equal(alert_count(), alerts);	/* a blip, so far */
	for (int i = 0; i < 19; i++) {
		now_ms += LIFE_MS / 100;
		tend();
		assert_string_equal(token_of(0), "abc");
	}
	assert_int_equal(alert_count(), alerts + 1);
	now_ms += LIFE_MS / 100;
	assert_string_equal(token_of(0), "none");
	tend();
	assert_int_equal(alert_count(), alerts + 2);	/* now mails wait */
	for (int i = 0; i < 20; i++) {
		now_ms += LIFE_MS;
		tend();
	}
	assert_int_equal(alert_count(), alerts + 2);
	write_command("echo ghi");
	now_ms += LIFE_MS;
	tend();
	assert_string_equal(token_of(0), "ghi");
	assert_string_equal(trouble_of(0), "");
}

static void without_any_token_it_is_told_at_once(void **state)
{
	int64_t alerts = alert_count();

	(void)state;
	begin("exit 1", "def\n");
	assert_int_equal(alert_count(), alerts + 1);
	tend();
	assert_int_equal(alert_count(), alerts + 1);
}

static void a_refused_one_is_replaced_but_not_all_the_time(void **state)
{
	(void)state;
	begin("echo abc; echo 600", "def\n");
	write_command("echo ghi; echo 600");
	shared_token_refuse(&board->token[0], "abc");
	assert_string_equal(token_of(0), "none");
	tend();
	assert_string_equal(token_of(0), "ghi");
	shared_token_refuse(&board->token[0], "ghi");
	write_command("echo jkl; echo 600");
	now_ms += TOKEN_REFUSED_MS - 1;
	tend();
	assert_string_equal(token_of(0), "none");
	assert_non_null(strstr(trouble_of(0), "refused"));
	now_ms++;
	tend();
	assert_string_equal(token_of(0), "jkl");
}

static void a_file_is_read_again_when_it_changes(void **state)
{
	int64_t alerts;

	(void)state;
	begin("echo abc", "def\n");
	alerts = alert_count();
	write_file("ghi");
	tend();
	assert_string_equal(token_of(1), "ghi");
	/* What is wrong with it is no reason to lose the old one. */
	write_file("not a token\n");
	tend();
	assert_string_equal(token_of(1), "ghi");
	assert_non_null(strstr(trouble_of(1), "access token alone"));
	write_file("jkl\n");
	assert_int_equal(chmod(paths[1], 0644), 0);
	tend();
	assert_string_equal(token_of(1), "ghi");
	assert_non_null(strstr(trouble_of(1), "chmod 0600"));
	assert_int_equal(chmod(paths[1], 0600), 0);
	tend();
	assert_string_equal(token_of(1), "jkl");
	assert_int_equal(alert_count(), alerts);
}

static void a_file_that_is_not_there_yet_is_waited_for(void **state)
{
	(void)state;
	begin("echo abc", NULL);
	assert_string_equal(token_of(1), "none");
	write_file("def\n");
	tend();
	assert_string_equal(token_of(1), "def");
}

static void a_pipe_in_its_place_holds_nobody(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(paths[1], 0600), 0);
	begin("echo abc", NULL);
	assert_string_equal(token_of(1), "none");
	assert_non_null(strstr(trouble_of(1), "is not a file"));
}

static void a_reload_keeps_a_good_one_of_the_same_log_in(void **state)
{
	static char other[] = "somebody else";

	(void)state;
	begin("echo abc; echo 600", "def\n");
	write_command("echo ghi; echo 600");
	keeper_relays_set(keeper, &list);
	tend();
	assert_string_equal(token_of(0), "abc");
	relays[0].auth_user = other;
	keeper_relays_set(keeper, &list);
	assert_string_equal(token_of(0), "none");
	tend();
	assert_string_equal(token_of(0), "ghi");
}

static void a_reload_asks_again_at_once_after_failures(void **state)
{
	(void)state;
	begin("exit 1", "def\n");
	for (int i = 0; i < 10; i++) {
		now_ms += LIFE_MS;
		tend();
	}
	write_command("echo abc");
	tend();
	assert_string_equal(token_of(0), "none");
	keeper_relays_set(keeper, &list);
	tend();
	assert_string_equal(token_of(0), "abc");
}

static void a_relay_that_needs_none_any_more_leaves_none_behind(void **state)
{
	static char password[] = "password";

	(void)state;
	begin("echo abc; echo 600", "def\n");
	relays[0].auth = password;
	keeper_relays_set(keeper, &list);
	assert_string_equal(token_of(0), "none");
	for (size_t i = 0; i < SENDER_TOKEN_MAX; i++)
		assert_int_equal(board->token[0].text[i], 0);
	assert_string_equal(token_of(1), "def");
}

static void what_a_broken_worker_wrote_over_is_shared_anew(void **state)
{
	const char *const names[] = { "one", "two" };

	(void)state;
	begin("echo abc; echo 600", "def\n");
	memset(board->token, 0xa5, sizeof(board->token));
	assert_string_equal(token_of(0), "none");
	tend();
	assert_string_equal(token_of(0), "abc");
	/* The names change places. */
	board->relay[0].name[0] = 'x';
	board->relay[1].name[0] = 'y';
	scoreboard_relays_mend(board, names + 1, 1);
	scoreboard_relays_mend(board, names, 2);
	keeper_share(keeper);
	assert_string_equal(token_of(scoreboard_relay_find(board, "one")),
			    "abc");
	assert_string_equal(token_of(scoreboard_relay_find(board, "two")),
			    "def");
}

static void a_command_that_hangs_holds_nobody(void **state)
{
	int64_t alerts = alert_count();

	(void)state;
	write_command("exec sleep 600");
	write_file("def\n");
	keeper_relays_set(keeper, &list);
	keeper_tend(keeper, now_ms);
	assert_string_equal(token_of(1), "def");
	keeper_tend(keeper, now_ms + 29999);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), 0);
	now_ms += 30000;
	tend();
	assert_non_null(strstr(trouble_of(0), "did not end within 30 s"));
	assert_int_equal(alert_count(), alerts + 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static int begin_all(void **state)
{
	struct fault why;

	(void)state;
	return alert_open(&why) == -1 ? -1 : scratch_begin(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tokens_are_there_after_the_first_look),
		TEST(a_new_one_is_got_before_the_old_one_ends),
		TEST(a_failure_keeps_the_old_one_to_its_end_and_is_told),
		TEST(without_any_token_it_is_told_at_once),
		TEST(a_refused_one_is_replaced_but_not_all_the_time),
		TEST(a_file_is_read_again_when_it_changes),
		TEST(a_file_that_is_not_there_yet_is_waited_for),
		TEST(a_pipe_in_its_place_holds_nobody),
		TEST(a_reload_keeps_a_good_one_of_the_same_log_in),
		TEST(a_reload_asks_again_at_once_after_failures),
		TEST(a_relay_that_needs_none_any_more_leaves_none_behind),
		TEST(what_a_broken_worker_wrote_over_is_shared_anew),
		TEST(a_command_that_hangs_holds_nobody),
	};

	return cmocka_run_group_tests(tests, begin_all, scratch_end);
}
