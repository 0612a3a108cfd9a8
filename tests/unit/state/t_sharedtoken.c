/* SPDX-License-Identifier: MIT */
/* Tests that a shared access token is taken whole or not at all. */
#include "config.h"

#include "state/sharedtoken.h"

#include "base/alloc.h"

#include <setjmp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW 1000
#define READS 20000
#define TOKEN_BYTES 4097

static struct shared_token *token;

static int set_up(void **state)
{
	(void)state;
	token = alloc_shared(sizeof(*token));
	return 0;
}

static void share(const char *text)
{
	const struct token_news news = {
		.wanted = true, .text = text, .good_until_ms = NOW + 1,
		.trouble = "none of it",
	};

	(void)shared_token_set(token, &news);
}

static void there_is_none_at_the_start(void **state)
{
	char text[SENDER_TOKEN_MAX];

	(void)state;
	assert_false(shared_token_is_good(token, 0));
	assert_false(shared_token_copy(token, 0, text));
}

static void it_is_good_until_its_end(void **state)
{
	char text[SENDER_TOKEN_MAX];

	(void)state;
	share("first");
	assert_true(shared_token_copy(token, NOW, text));
	assert_string_equal(text, "first");
	assert_false(shared_token_copy(token, NOW + 1, text));
	assert_string_equal(text, "");
}

static void a_refused_one_is_given_to_nobody_until_another_comes(void **state)
{
	char text[SENDER_TOKEN_MAX];

	(void)state;
	share("second");
	shared_token_refuse(token, "first");	/* late news of an old one */
	assert_true(shared_token_is_good(token, NOW));
	shared_token_refuse(token, "second");
	assert_true(shared_token_is_refused(token));
	assert_false(shared_token_copy(token, NOW, text));
	share("second");	/* the same again: to be tried again */
	assert_true(shared_token_copy(token, NOW, text));
}

static void what_stood_there_is_wiped(void **state)
{
	(void)state;
	share("a-long-token-that-must-not-stay");
	share("short");
	for (size_t i = sizeof("short"); i < sizeof(token->text); i++)
		assert_int_equal(token->text[i], 0);
	share("");
	assert_false(shared_token_is_good(token, 0));
}

static void one_that_was_written_over_is_no_token(void **state)
{
	char text[SENDER_TOKEN_MAX];
	char trouble[TOKEN_TROUBLE_MAX];

	(void)state;
	share("whole");
	token->text[1] = 'H';
	assert_false(shared_token_copy(token, NOW, text));
	memset(token->text, 'x', sizeof(token->text));
	assert_false(shared_token_copy(token, NOW, text));
	memset(token->trouble, 0xff, sizeof(token->trouble));
	shared_token_explain(token, trouble);
	assert_int_equal(strlen(trouble), TOKEN_TROUBLE_MAX - 1);
	share("whole");
	token->version |= 1;	/* a master that died while it wrote */
	assert_false(shared_token_copy(token, NOW, text));
	share("whole");
	assert_true(shared_token_copy(token, NOW, text));
}

/* Two tokens that differ in every byte, written as fast as can be. */
static void a_reader_never_gets_parts_of_two(void **state)
{
	char a[TOKEN_BYTES];
	char b[TOKEN_BYTES];
	char text[SENDER_TOKEN_MAX];
	int good = 0;
	pid_t pid;

	(void)state;
	memset(a, 'a', sizeof(a));
	memset(b, 'b', sizeof(b));
	a[sizeof(a) - 1] = b[sizeof(b) - 1] = '\0';
	share(a);
	pid = fork();
	if (pid == 0)
		for (;;) {
			share(b);
			share(a);
		}
	assert_true(pid > 0);
	for (int i = 0; i < READS || (good == 0 && i < READS * 100); i++) {
		if (!shared_token_copy(token, NOW, text)) {
			/* The writer may have been stopped halfway. */
			(void)sched_yield();
			continue;
		}
		good++;
		assert_int_equal(strlen(text), sizeof(a) - 1);
		assert_int_equal(strspn(text, text[0] == 'a' ? "a" : "b"),
				 sizeof(a) - 1);
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(good > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_none_at_the_start),
		cmocka_unit_test(it_is_good_until_its_end),
		cmocka_unit_test(
			a_refused_one_is_given_to_nobody_until_another_comes),
		cmocka_unit_test(what_stood_there_is_wiped),
		cmocka_unit_test(one_that_was_written_over_is_no_token),
		cmocka_unit_test(a_reader_never_gets_parts_of_two),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
