/* SPDX-License-Identifier: MIT */
/* Tests what becomes of a worker that was killed for its deadline. */
#include "config.h"

#include "daemon/alert.h"
#include "dispatch/overdue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX_MS 300000

static struct scoreboard *board;
static struct relay_state *relay;

static int set_up(void **state)
{
	const char *names[] = { "main" };
	struct fault why;

	(void)state;
	board = calloc(1, sizeof(*board));
	if (!board || alert_open(&why) == -1)
		return -1;
	scoreboard_relays_set(board, names, 1);
	relay = &board->relay[scoreboard_relay_find(board, "main")];
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	alert_close();
	free(board);
	return 0;
}

static struct score_view talking(enum stage stage)
{
	return (struct score_view){
		.phase = PHASE_TALKING, .relay = 0, .stage = stage,
		.job = "5d1c",
	};
}

static void the_relay_is_to_blame_and_its_cause_says_the_step(void **state)
{
	const struct score_view was = talking(STAGE_RCPT);

	(void)state;
	overdue_tell(board, 3, &was, MAX_MS);
	assert_string_equal(relay->cause, "at RCPT past every time-out, worker "
			    "killed");
	assert_int_equal(relay->breaker.failures, 1);
	assert_int_equal(alert_count(), 0);
}

static void the_second_in_a_row_is_an_alert(void **state)
{
	const struct score_view was = talking(STAGE_DOT);
	char key[ALERT_KEY_MAX];
	char text[ALERT_TEXT_MAX];

	(void)state;
	overdue_tell(board, 3, &was, MAX_MS);
	overdue_tell(board, 4, &was, MAX_MS);
	assert_int_equal(alert_count(), 1);
	assert_int_equal(alert_take(key, text), 1);
	assert_string_equal(key, "relay-overdue:main");
	assert_string_equal(text, "relay main neither answers nor ends, mails "
			    "wait: 2 workers in a row were killed past every "
			    "time-out, the last at dot");
	overdue_tell(board, 3, &was, MAX_MS);
	assert_true(breaker_is_open(&relay->breaker));
}

static void an_answer_about_a_mail_between_is_a_new_beginning(void **state)
{
	const struct score_view was = talking(STAGE_EHLO);

	(void)state;
	for (int i = 0; i < 5; i++) {
		overdue_tell(board, 3, &was, MAX_MS);
		stages_attempt(&relay->stages, i % 2 ? OUTCOME_RECIPIENT
						     : OUTCOME_SENT);
	}
	assert_int_equal(alert_count(), 0);
	overdue_tell(board, 3, &was, MAX_MS);
	stages_attempt(&relay->stages, OUTCOME_RELAY);
	overdue_tell(board, 3, &was, MAX_MS);
	assert_int_equal(alert_count(), 1);
}

static void who_did_not_talk_to_a_relay_blames_none(void **state)
{
	/* It has its connection's place before the mail is made. */
	const struct score_view was = {
		.phase = PHASE_COMPOSING, .relay = 0, .job = "5d1c",
	};

	(void)state;
	for (int i = 0; i < 9; i++)
		overdue_tell(board, 3, &was, MAX_MS);
	assert_string_equal(relay->cause, "");
	assert_int_equal(relay->breaker.failures, 0);
	assert_int_equal(alert_count(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_relay_is_to_blame_and_its_cause_says_the_step),
		TEST(the_second_in_a_row_is_an_alert),
		TEST(an_answer_about_a_mail_between_is_a_new_beginning),
		TEST(who_did_not_talk_to_a_relay_blames_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
