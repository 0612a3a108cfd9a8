/* SPDX-License-Identifier: MIT */
/* Tests a relay's pace and its breaker. */
#include "config.h"

#include "policy/breaker.h"
#include "policy/pace.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

/* ---- what a relay bears --------------------------------------------------- */

static void too_fast_halves_what_went_through_once_a_second(void **state)
{
	struct pace p = { .allowed = 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		pace_accepted(&p, 1000 + 20 * i);	/* 50/s for 2 s */
	assert_in_range(pace_too_fast(&p, 3000), 24 * 3600, 26 * 3600);
	assert_int_equal(pace_too_fast(&p, 3001), 0);
	assert_in_range(pace_rate(&p, 0, 3001), 24 * 3600, 26 * 3600);
	assert_int_equal(pace_rate(&p, 3600, 3001), 3600);
	assert_in_range(pace_too_fast(&p, 4000), 12 * 3600, 15 * 3600);
}

static void a_learnt_rate_doubles_while_nobody_complains(void **state)
{
	struct pace p = { .learnt = 36000, .learnt_at_ms = 1000 };

	(void)state;
	assert_int_equal(pace_rate(&p, 0, 1000), 36000);
	assert_int_equal(pace_rate(&p, 0, 3500), 54000);
	assert_int_equal(pace_rate(&p, 0, 11000), 144000);
	/* As good as none. */
	assert_int_equal(pace_rate(&p, 0, 100000), 0);
}

static void nobody_waits_long_for_a_rate_that_was_learnt(void **state)
{
	struct pace p = { .allowed = 0 };

	(void)state;
	for (int i = 1; i <= 60; i++)
		(void)pace_too_fast(&p, 1000 * i);
	(void)pace_take(&p, 0, 61000, 1000);
	assert_in_range(pace_wait_ms(&p, 0, 61000), 1000, 5000);
}

static void a_relay_that_took_a_mail_lately_is_flowing(void **state)
{
	struct pace p = { .allowed = 0 };

	(void)state;
	assert_false(pace_is_flowing(&p, 500, 1000));
	pace_accepted(&p, 500);
	assert_true(pace_is_flowing(&p, 1499, 1000));
	assert_false(pace_is_flowing(&p, 1500, 1000));
}

/* ---- the breaker ---------------------------------------------------------- */

static void a_rest_is_as_long_as_asked_for_each_time(void **state)
{
	struct breaker b = { .failures = 0 };

	(void)state;
	assert_int_equal(breaker_rest(&b, 1000, 5000), 5000);
	assert_true(breaker_is_open(&b));
	/* Another worker's mail was on the way. */
	assert_int_equal(breaker_rest(&b, 1001, 5000), 0);
	assert_int_equal(breaker_wait_ms(&b, 3000, 60000), 3000);
	for (int64_t now = 6000; now < 600000; now += 5000) {
		assert_int_equal(breaker_wait_ms(&b, now, 60000), 0);
		assert_int_equal(breaker_rest(&b, now, 5000), 5000);
	}
	assert_true(breaker_success(&b));
	assert_false(breaker_is_open(&b));
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
		cmocka_unit_test(
			too_fast_halves_what_went_through_once_a_second),
		cmocka_unit_test(a_learnt_rate_doubles_while_nobody_complains),
		cmocka_unit_test(nobody_waits_long_for_a_rate_that_was_learnt),
		cmocka_unit_test(a_relay_that_took_a_mail_lately_is_flowing),
		cmocka_unit_test(a_rest_is_as_long_as_asked_for_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
