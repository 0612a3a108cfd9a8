/* SPDX-License-Identifier: MIT */
/* How the steps of SMTP are timed and counted. */
#include "config.h"

#include "smtp/stages.h"
#include "smtp/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka.h needs the four first. */
#include <cmocka.h>

static int64_t now_us;
static char told[400];

static int64_t clock_us(void)
{
	return now_us;
}

static void tell(void *arg, enum stage stage, int64_t us)
{
	size_t len = strlen(told);

	(void)arg;
	(void)snprintf(told + len, sizeof(told) - len, " %s=%lld",
		       stages_name(stage), (long long)us);
}

static struct talk session(void)
{
	now_us = 1000;
	told[0] = '\0';
	return (struct talk){
		.watch = { .clock_us = clock_us, .tell = tell },
	};
}

/* One side says something, so long after the last. */
static void say(struct talk *t, int64_t after_us, const char *line)
{
	char bytes[200];

	now_us += after_us;
	(void)snprintf(bytes, sizeof(bytes), "%s", line + 2);
	if (line[0] == 'S')
		talk_read(t, bytes, strlen(bytes));
	else
		(void)talk_wrote(t, bytes, strlen(bytes));
}

static void each_step_takes_until_its_answer(void **state)
{
	struct talk t = session();

	(void)state;
	stagewatch_begin(&t.watch, STAGE_CONNECT);
	now_us += 1;
	talk_connected(&t, STAGE_GREETING);
	say(&t, 2, "S 220-hello\r\n");
	say(&t, 1, "S 220 there\r\n");
	say(&t, 50, "C EHLO me\r\n");
	say(&t, 4, "S 250-there\r\n250 STARTTLS\r\n");
	say(&t, 50, "C STARTTLS\r\n");
	say(&t, 5, "S 220 go\r\n");
	say(&t, 6, "C EHLO me\r\n");
	say(&t, 7, "S 250 AUTH LOGIN\r\n");
	say(&t, 50, "C AUTH LOGIN\r\n");
	say(&t, 4, "S 334 VXNlcm5hbWU6\r\n");
	say(&t, 1, "C DATA\r\n");	/* a user's name, in truth */
	say(&t, 3, "S 235 welcome\r\n");
	assert_string_equal(told, " connect=1 greeting=3 EHLO=4 STARTTLS=5 "
			    "TLS=6 EHLO=7 AUTH=8");
	told[0] = '\0';
	say(&t, 50, "C MAIL FROM:<a@b.example>\r\n");
	say(&t, 9, "S 250 ok\r\n");
	say(&t, 50, "C RCPT TO:<a@b.example>\r\n");
	say(&t, 10, "S 550 no\r\n");
	say(&t, 50, "C RSET\r\n");
	say(&t, 11, "S 250 ok\r\n");
	say(&t, 50, "C QUIT\r\n");
	say(&t, 50, "S 221 bye\r\n");
	stagewatch_over(&t.watch);
	assert_string_equal(told, " MAIL=9 RCPT=10");
}

static void questions_in_a_row_are_answered_in_a_row(void **state)
{
	struct talk t = session();

	(void)state;
	say(&t, 0, "C MAIL FROM:<a@b.example>\r\nRCPT TO:<a@b.example>\r\n"
	    "DATA\r\n");
	say(&t, 5, "S 250 ok\r\n250 ok\r\n");
	say(&t, 2, "S 354 go\r\n");
	now_us += 3;
	stagewatch_end(&t.watch, STAGE_BODY);
	now_us += 50;			/* the gate */
	stagewatch_begin(&t.watch, STAGE_DOT);
	say(&t, 4, "S 250 taken\r\n");
	stagewatch_over(&t.watch);
	assert_string_equal(told, " MAIL=5 RCPT=0 DATA=2 body=3 dot=4");
}

static char waited[200];

static void note_wait(void *arg, enum stage stage)
{
	size_t len = strlen(waited);

	(void)arg;
	(void)snprintf(waited + len, sizeof(waited) - len, " %s",
		       stages_name(stage));
}

static void what_is_waited_for_is_the_first_without_an_answer(void **state)
{
	struct talk t = session();

	(void)state;
	waited[0] = '\0';
	t.watch.waits = note_wait;
	stagewatch_begin(&t.watch, STAGE_CONNECT);
	talk_connected(&t, STAGE_GREETING);
	say(&t, 1, "S 220 there\r\n");
	say(&t, 1, "C EHLO me\r\n");
	say(&t, 1, "S 250 there\r\n");
	say(&t, 1, "C MAIL FROM:<a@b.example>\r\nRCPT TO:<a@b.example>\r\n"
	    "DATA\r\n");
	assert_string_equal(waited, " connect greeting EHLO MAIL");
	say(&t, 1, "S 250 ok\r\n");
	assert_string_equal(waited, " connect greeting EHLO MAIL RCPT");
	say(&t, 1, "S 250 ok\r\n");
	say(&t, 1, "S 354 go\r\n");
	stagewatch_end(&t.watch, STAGE_BODY);
	stagewatch_begin(&t.watch, STAGE_DOT);
	assert_string_equal(waited, " connect greeting EHLO MAIL RCPT DATA body "
			    "dot");
}

static void a_step_without_an_answer_is_broken(void **state)
{
	struct talk t = session();

	(void)state;
	stagewatch_begin(&t.watch, STAGE_CONNECT);
	stagewatch_over(&t.watch);
	say(&t, 0, "C MAIL FROM:<a@b.example>\r\nRCPT TO:<a@b.example>\r\n");
	say(&t, 1, "S 250 ok\r\n");
	stagewatch_over(&t.watch);
	stagewatch_over(&t.watch);
	assert_string_equal(told, " connect=-1 MAIL=1 RCPT=-1");
}

static void what_we_break_off_is_not_the_servers_fault(void **state)
{
	struct talk t = session();

	(void)state;
	say(&t, 0, "C MAIL FROM:<a@b.example>\r\n");
	stagewatch_forget(&t.watch);
	stagewatch_over(&t.watch);
	assert_string_equal(told, "");
}

static void words_out_of_turn_are_no_answer(void **state)
{
	struct talk t = session();

	(void)state;
	say(&t, 1, "S 421 too late\r\n");
	say(&t, 0, "C DATA\r\n");
	say(&t, 1, "S 354 go\r\n");
	say(&t, 1, "S 421 too large\r\n");
	stagewatch_end(&t.watch, STAGE_BODY);
	stagewatch_over(&t.watch);
	assert_string_equal(told, " DATA=1");
}

static void a_mail_in_chunks_is_not_read_as_commands(void **state)
{
	struct talk t = session();

	(void)state;
	say(&t, 0, "C MAIL FROM:<a@b.example>\r\n");
	say(&t, 1, "S 250 ok\r\n");
	say(&t, 0, "C BDAT 20 LAST\r\n");
	say(&t, 1, "S 250 taken\r\n");
	stagewatch_over(&t.watch);
	assert_string_equal(told, " MAIL=1");
}

static void nobody_need_listen(void **state)
{
	struct talk t = { .stage = STAGE_CONNECT };

	(void)state;
	stagewatch_begin(&t.watch, STAGE_CONNECT);
	talk_connected(&t, STAGE_GREETING);
	say(&t, 0, "S 220 hello\r\n");
	stagewatch_over(&t.watch);
}

static void more_questions_than_there_is_room_for(void **state)
{
	struct talk t = session();

	(void)state;
	for (int i = 0; i < 4 * STAGEWATCH_MAX; i++)
		say(&t, 0, "C RCPT TO:<a@b.example>\r\n");
	for (int i = 0; i < 4 * STAGEWATCH_MAX; i++)
		say(&t, 0, "S 250 ok\r\n");
	stagewatch_over(&t.watch);
}

static const struct queue_tally *row_of(const struct queue_tally *rows,
					const char *name)
{
	for (size_t i = 0; i < STAGES_ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	fail_msg("no row %s", name);
	return rows;	/* never: but with optimisation, gcc believes it */
}

static void rows_hold_what_was_counted(void **state)
{
	static struct stages s;
	struct queue_tally rows[STAGES_ROWS];
	const struct queue_tally *row;

	(void)state;
	stages_took(&s, STAGE_DOT, 1000);
	stages_took(&s, STAGE_DOT, 1001);
	stages_took(&s, STAGE_DOT, 300000001);
	stages_took(&s, STAGE_DOT, -1);
	stages_attempt(&s, OUTCOME_FENCED);
	stages_rows(&s, "local", rows);
	row = row_of(rows, "stage:dot:local");
	assert_int_equal(row->count, QUEUE_STAGE_NUMBERS);
	assert_int_equal(row->numbers[QUEUE_STAGE_BROKEN], 1);
	assert_int_equal(row->numbers[QUEUE_STAGE_SUM], 300002002);
	assert_int_equal(row->numbers[QUEUE_STAGE_FIRST], 1);
	assert_int_equal(row->numbers[QUEUE_STAGE_FIRST + 1], 1);
	assert_int_equal(row->numbers[QUEUE_STAGE_NUMBERS - 1], 1);
	assert_int_equal(row_of(rows, "stage:connect:local")->numbers[1], 0);
	assert_int_equal(row_of(rows, "attempt:fenced:local")->numbers[0], 1);
	assert_int_equal(row_of(rows, "attempt:sent:local")->numbers[0], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_takes_until_its_answer),
		cmocka_unit_test(questions_in_a_row_are_answered_in_a_row),
		cmocka_unit_test(
			what_is_waited_for_is_the_first_without_an_answer),
		cmocka_unit_test(a_step_without_an_answer_is_broken),
		cmocka_unit_test(what_we_break_off_is_not_the_servers_fault),
		cmocka_unit_test(words_out_of_turn_are_no_answer),
		cmocka_unit_test(a_mail_in_chunks_is_not_read_as_commands),
		cmocka_unit_test(nobody_need_listen),
		cmocka_unit_test(more_questions_than_there_is_room_for),
		cmocka_unit_test(rows_hold_what_was_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
