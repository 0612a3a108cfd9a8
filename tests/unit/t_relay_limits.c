/* SPDX-License-Identifier: MIT */
/* Tests a relay's pace and its storm guard. */
#include "config.h"

#include "pace.h"
#include "storm.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void without_a_refusal_the_settings_limit_connections(void **state)
{
	struct pace p = { .allowed = 0 };

	(void)state;
	assert_int_equal(pace_connections(&p, 0), INT_MAX);
	assert_int_equal(pace_connections(&p, 7), 7);
	assert_int_equal(pace_speed_up(&p, 16, 1000), -1);
}

static void a_refusal_halves_once_a_second_down_to_one(void **state)
{
	struct pace p = { .allowed = 0 };

	(void)state;
	assert_int_equal(pace_slow_down(&p, 16, 1000), 8);
	assert_int_equal(pace_slow_down(&p, 15, 1001), 0);
	assert_int_equal(pace_slow_down(&p, 8, 2000), 4);
	assert_int_equal(pace_slow_down(&p, 4, 3000), 2);
	assert_int_equal(pace_slow_down(&p, 2, 4000), 1);
	assert_int_equal(pace_slow_down(&p, 1, 5000), 0);
	assert_int_equal(pace_connections(&p, 0), 1);
}

static void after_a_refusal_nobody_tries_for_a_while(void **state)
{
	struct pace p = { .allowed = 0 };

	(void)state;
	assert_int_equal(pace_refused_ms(&p, 1000), 0);
	(void)pace_slow_down(&p, 4, 1000);
	assert_int_equal(pace_refused_ms(&p, 1000), 500);
	assert_int_equal(pace_refused_ms(&p, 1499), 1);
	assert_int_equal(pace_refused_ms(&p, 1500), 0);
}

static void accepted_mails_bring_one_more_up_to_all(void **state)
{
	struct pace p = { .allowed = 2 };
	int64_t now_ms = 10000;

	(void)state;
	for (int i = 0; i < 19; i++)
		assert_int_equal(pace_speed_up(&p, 4, now_ms), -1);
	assert_int_equal(pace_speed_up(&p, 4, now_ms), 3);
	for (int i = 0; i < 29; i++)
		assert_int_equal(pace_speed_up(&p, 4, now_ms + 2000), -1);
	assert_int_equal(pace_speed_up(&p, 4, now_ms + 2000), 0);
	assert_int_equal(pace_connections(&p, 4), 4);
}

static void a_rate_spreads_mails_evenly(void **state)
{
	struct pace p = { .allowed = 0 };
	const int64_t rate = 10 * 3600;
	int64_t now_ms = 1000000;

	(void)state;
	assert_int_equal(pace_take(&p, rate, now_ms, 1000), 0);
	assert_int_equal(pace_take(&p, rate, now_ms, 1000), 50);
	assert_int_equal(pace_take(&p, rate, now_ms, 1000), 150);
	assert_int_equal(pace_wait_ms(&p, rate, now_ms), 250);
	/* Idle time is not saved up. */
	now_ms += 60000;
	assert_int_equal(pace_take(&p, rate, now_ms, 1000), 0);
	assert_int_equal(pace_take(&p, rate, now_ms, 1000), 50);
}

static void a_place_too_far_off_is_not_taken(void **state)
{
	struct pace p = { .allowed = 0 };
	const int64_t rate = 60;	/* one a minute */

	(void)state;
	assert_int_equal(pace_take(&p, rate, 1000, 1000), 0);
	assert_int_equal(pace_take(&p, rate, 1000, 1000), -1);
	assert_int_equal(pace_take(&p, rate, 1000, 1000), -1);
	assert_int_equal(pace_wait_ms(&p, rate, 1000), 59950);
	assert_int_equal(pace_take(&p, rate, 61000, 1000), 0);
}

/* ---- storms --------------------------------------------------------------- */

static enum storm_verdict refuse(struct storm *s, int code, int recipient,
				 int64_t now_ms)
{
	char address[40];

	(void)snprintf(address, sizeof(address), "a%d@example.org", recipient);
	return storm_refused(s, code, address, 5, 1000, now_ms);
}

static void the_limit_makes_a_storm_and_buries_two(void **state)
{
	struct storm s = { .code = 0 };

	(void)state;
	assert_int_equal(refuse(&s, 550, 1, 10), STORM_BELIEVE);
	assert_int_equal(refuse(&s, 550, 2, 10), STORM_BELIEVE);
	assert_int_equal(refuse(&s, 550, 3, 10), STORM_DOUBT);
	assert_int_equal(refuse(&s, 550, 4, 10), STORM_DOUBT);
	assert_int_equal(refuse(&s, 550, 5, 10), STORM_BEGINS);
	assert_int_equal(refuse(&s, 550, 1, 5000), STORM_RAGES);
	assert_int_equal(refuse(&s, 554, 6, 5000), STORM_RAGES);
	assert_true(storm_accepted(&s));
	assert_false(storm_accepted(&s));
	assert_int_equal(refuse(&s, 550, 7, 5000), STORM_BELIEVE);
}

static void an_accepted_mail_or_another_code_ends_a_streak(void **state)
{
	struct storm s = { .code = 0 };

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(refuse(&s, 550, 3 * i, 10), STORM_BELIEVE);
		assert_int_equal(refuse(&s, 550, 3 * i + 1, 10),
				 STORM_BELIEVE);
		if (i % 2)
			assert_false(storm_accepted(&s));
		else
			assert_int_equal(refuse(&s, 554, 7, 10),
					 STORM_BELIEVE);
	}
}

static void the_same_recipient_counts_once(void **state)
{
	struct storm s = { .code = 0 };

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(storm_refused(&s, 550, "A@example.org", 3,
					       1000, 10), STORM_BELIEVE);
		assert_int_equal(storm_refused(&s, 550, "a@Example.org", 3,
					       1000, 10), STORM_BELIEVE);
	}
}

static void a_doubted_recipient_is_believed_in_the_end(void **state)
{
	struct storm s = { .code = 0 };

	(void)state;
	for (int i = 1; i <= 3; i++)
		(void)refuse(&s, 550, i, 10);
	assert_int_equal(refuse(&s, 550, 3, 1009), STORM_DOUBT);
	assert_int_equal(refuse(&s, 550, 3, 1010), STORM_BELIEVE);
}

static void a_limit_of_zero_is_no_guard(void **state)
{
	struct storm s = { .code = 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(storm_refused(&s, 550, "a@b", 0, 1000, 10),
				 STORM_BELIEVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			without_a_refusal_the_settings_limit_connections),
		cmocka_unit_test(a_refusal_halves_once_a_second_down_to_one),
		cmocka_unit_test(after_a_refusal_nobody_tries_for_a_while),
		cmocka_unit_test(accepted_mails_bring_one_more_up_to_all),
		cmocka_unit_test(a_rate_spreads_mails_evenly),
		cmocka_unit_test(a_place_too_far_off_is_not_taken),
		cmocka_unit_test(the_limit_makes_a_storm_and_buries_two),
		cmocka_unit_test(
			an_accepted_mail_or_another_code_ends_a_streak),
		cmocka_unit_test(the_same_recipient_counts_once),
		cmocka_unit_test(a_doubted_recipient_is_believed_in_the_end),
		cmocka_unit_test(a_limit_of_zero_is_no_guard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
