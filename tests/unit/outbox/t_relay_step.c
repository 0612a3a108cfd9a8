/* SPDX-License-Identifier: MIT */
/* What becomes of one due row of the outbox. */
#include "config.h"

#include "outbox/relay_step.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define CREATED_MS INT64_C(1763628764000)

/* With a horizon of six days. */
static enum relay_act decided(const struct notification *row,
			      const struct queue_verdict *v, int64_t now_ms,
			      struct due_step *step)
{
	const struct relay_case c = { row, v };

	return relay_decide(&c, now_ms, 6 * DAY_MS, step);
}

static void pauses_grow_by_four_up_to_an_hour(void **state)
{
	static const struct {
		int checks;
		int64_t pause_ms;
	} rows[] = {
		{ 0, 10000 }, { 1, 40000 }, { 2, 160000 }, { 3, 640000 },
		{ 4, 2560000 }, { 5, HOUR_MS }, { 100, HOUR_MS },
		{ INT32_MAX, HOUR_MS },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		assert_int_equal(relay_pause_ms(rows[i].checks),
				 rows[i].pause_ms);
}

static void the_job_of_who_was_erased_is_forgotten(void **state)
{
	static const struct {
		enum queue_state queue;
		enum relay_act act;
	} rows[] = {
		{ QUEUE_MISSING, RELAY_RECORD }, { QUEUE_LIVE, RELAY_FORGET },
		{ QUEUE_DEAD, RELAY_FORGET }, { QUEUE_SENT, RELAY_FORGET },
		{ QUEUE_UNKNOWN, RELAY_LEAVE },
	};
	static const enum notification_state states[] = {
		NOTIFICATION_OPEN, NOTIFICATION_SENT, NOTIFICATION_DEAD,
		NOTIFICATION_EXPIRED, NOTIFICATION_ABORTED,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		for (size_t j = 0; j < ARRAY_COUNT(states); j++) {
			const struct queue_verdict v = {
				.state = rows[i].queue,
				.text = "550 <zoe@example.org>",
			};
			const struct notification row = {
				.id = 5, .state = states[j],
				.forget = j % 2 ? FORGET_NOW : FORGET_AGAIN,
				.begins_at_ms = CREATED_MS,
			};
			struct due_step step;

			/* However old it is, and whatever the queue says. */
			assert_int_equal(decided(&row, &v, CREATED_MS +
						 100 * DAY_MS, &step),
					 rows[i].act);
			assert_int_equal(step.forget, DUE_FORGOTTEN);
			assert_int_equal(step.id, 5);
			assert_string_equal(step.reply, "");
		}
	}
}

static void an_aborted_row_is_taken_out_of_the_queue(void **state)
{
	static const struct {
		enum queue_state queue;
		enum relay_act act;
		enum notification_state state;
	} rows[] = {
		{ QUEUE_MISSING, RELAY_RECORD, NOTIFICATION_ABORTED },
		{ QUEUE_LIVE, RELAY_CANCEL, NOTIFICATION_ABORTED },
		{ QUEUE_DEAD, RELAY_RECORD, NOTIFICATION_ABORTED },
		{ QUEUE_SENT, RELAY_RECORD, NOTIFICATION_SENT },
	};
	const struct notification row = { .id = 5,
					  .state = NOTIFICATION_ABORTED,
					  .begins_at_ms = CREATED_MS };
	struct due_step step;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct queue_verdict v = { .state = rows[i].queue };

		assert_int_equal(decided(&row, &v, CREATED_MS + DAY_MS,
					 &step), rows[i].act);
		assert_int_equal(step.state, rows[i].state);
	}
}

static void each_answer_of_the_queue_has_its_step(void **state)
{
	static const struct {
		const char *label;
		enum queue_state queue;
		int64_t age_ms;
		enum relay_act act;
		enum notification_state state;
	} rows[] = {
		{ "missing", QUEUE_MISSING, 10000, RELAY_PUBLISH,
		  NOTIFICATION_OPEN },
		{ "live", QUEUE_LIVE, 10000, RELAY_RECORD,
		  NOTIFICATION_OPEN },
		{ "cannot say", QUEUE_UNKNOWN, 10000, RELAY_LEAVE,
		  NOTIFICATION_OPEN },
		{ "sent", QUEUE_SENT, 10000, RELAY_RECORD,
		  NOTIFICATION_SENT },
		{ "dead", QUEUE_DEAD, 10000, RELAY_RECORD,
		  NOTIFICATION_DEAD },
		{ "missing, at the horizon", QUEUE_MISSING, 6 * DAY_MS,
		  RELAY_PUBLISH, NOTIFICATION_OPEN },
		{ "missing, past it", QUEUE_MISSING, 6 * DAY_MS + 1,
		  RELAY_EXPIRE, NOTIFICATION_EXPIRED },
		{ "live, past it", QUEUE_LIVE, 7 * DAY_MS, RELAY_EXPIRE,
		  NOTIFICATION_EXPIRED },
		{ "cannot say, past it", QUEUE_UNKNOWN, 7 * DAY_MS,
		  RELAY_EXPIRE, NOTIFICATION_EXPIRED },
		{ "sent, past it", QUEUE_SENT, 7 * DAY_MS, RELAY_RECORD,
		  NOTIFICATION_SENT },
		{ "dead, past it", QUEUE_DEAD, 7 * DAY_MS, RELAY_RECORD,
		  NOTIFICATION_DEAD },
	};
	const struct notification row = { .id = 5,
					  .begins_at_ms = CREATED_MS };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct queue_verdict v = { .state = rows[i].queue };
		struct due_step step;
		enum relay_act act = decided(
			&row, &v, CREATED_MS + rows[i].age_ms, &step);

		if (act != rows[i].act || step.state != rows[i].state ||
		    step.id != 5)
			fail_msg("%s", rows[i].label);
	}
}

static void a_final_step_carries_the_relays_words(void **state)
{
	const struct notification row = { .id = 5,
					  .begins_at_ms = CREATED_MS };
	const struct queue_verdict v = {
		.state = QUEUE_SENT,
		.attempts = 3,
		.at_ms = CREATED_MS + 77,
		.text = "250 2.0.0 Ok: queued as 4ABC",
	};
	struct due_step step;

	(void)state;
	(void)decided(&row, &v, CREATED_MS + 10000, &step);
	assert_int_equal(step.attempts, 3);
	assert_int_equal(step.at_ms, CREATED_MS + 77);
	assert_string_equal(step.reply, "250 2.0.0 Ok: queued as 4ABC");
}

static void a_row_looked_at_often_waits_longer(void **state)
{
	const struct notification row = { .id = 5, .checks = 2,
					  .begins_at_ms = CREATED_MS };
	const struct queue_verdict v = { .state = QUEUE_LIVE };
	struct due_step step;

	(void)state;
	(void)decided(&row, &v, CREATED_MS, &step);
	assert_int_equal(step.next_ms, 160000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_grow_by_four_up_to_an_hour),
		cmocka_unit_test(each_answer_of_the_queue_has_its_step),
		cmocka_unit_test(the_job_of_who_was_erased_is_forgotten),
		cmocka_unit_test(an_aborted_row_is_taken_out_of_the_queue),
		cmocka_unit_test(a_final_step_carries_the_relays_words),
		cmocka_unit_test(a_row_looked_at_often_waits_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
