/* SPDX-License-Identifier: MIT */
/* Tests delays and the breaker. */
#include "config.h"

#include "policy/backoff.h"
#include "policy/breaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MIN_MS 600000
#define MAX_MS 4000000

static void a_retry_doubles_up_to_its_limit(void **state)
{
	static const int64_t expected[] = { 300000, 600000, 1200000, 2000000,
					    2000000 };

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(backoff_retry_ms(i + 1, MIN_MS, MAX_MS, 0),
				 expected[i]);
	assert_int_equal(backoff_retry_ms(1000, MIN_MS, MAX_MS, 0), 2000000);
}

static void the_dice_spread_a_retry_over_half_of_it(void **state)
{
	(void)state;
	for (uint64_t dice = 0; dice < 2000000; dice += 12345) {
		int64_t ms = backoff_retry_ms(1, MIN_MS, MAX_MS, dice);

		assert_in_range(ms, MIN_MS / 2, MIN_MS);
	}
	assert_int_equal(backoff_retry_ms(1, MIN_MS, MAX_MS, 299999), 599999);
	assert_int_equal(backoff_retry_ms(1, MIN_MS, MAX_MS, UINT64_MAX) >=
			 MIN_MS / 2, 1);
}

static void a_tiny_retry_time_does_not_divide_by_zero(void **state)
{
	(void)state;
	assert_int_equal(backoff_retry_ms(1, 1, 1, 77), 1);
}

static void the_breaker_pause_grows_to_its_limit(void **state)
{
	(void)state;
	assert_int_equal(backoff_breaker_ms(1, 300000, 10000), 10000);
	assert_in_range(backoff_breaker_ms(1, 300000, 999999), 0, 10000);
	assert_int_equal(backoff_breaker_ms(50, 300000, 300000), 300000);
	assert_in_range(backoff_breaker_ms(50, 300000, UINT64_MAX), 0, 300000);
}

static void three_failures_in_a_row_open_it(void **state)
{
	struct breaker b = { .failures = 0 };

	(void)state;
	assert_int_equal(breaker_failure(&b, 1000, 300000, 5000), 0);
	assert_int_equal(breaker_failure(&b, 1000, 300000, 5000), 0);
	assert_int_equal(breaker_wait_ms(&b, 1000, 60000), 0);
	assert_int_equal(breaker_failure(&b, 1000, 300000, 5000), 5000);
	assert_int_equal(breaker_wait_ms(&b, 1001, 60000), 4999);
}

static void a_success_in_between_starts_the_count_anew(void **state)
{
	struct breaker b = { .failures = 0 };

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(breaker_failure(&b, 1, 300000, 9), 0);
		assert_int_equal(breaker_failure(&b, 1, 300000, 9), 0);
		assert_false(breaker_success(&b));
	}
}

static void a_configuration_fault_opens_it_at_once(void **state)
{
	struct breaker b = { .failures = 0 };

	(void)state;
	assert_int_equal(breaker_trip(&b, 1000, 300000, 700), 700);
}

static void one_worker_probes_and_its_success_closes_it(void **state)
{
	struct breaker b = { .failures = 0 };

	(void)state;
	(void)breaker_trip(&b, 0, 300000, 100);
	assert_int_equal(breaker_wait_ms(&b, 100, 60000), 0);
	assert_int_equal(breaker_wait_ms(&b, 100, 60000), 60000);
	assert_true(breaker_success(&b));
	assert_int_equal(breaker_wait_ms(&b, 101, 60000), 0);
	assert_int_equal(breaker_wait_ms(&b, 101, 60000), 0);
}

static void a_failed_probe_opens_it_for_longer(void **state)
{
	struct breaker b = { .failures = 0 };

	(void)state;
	(void)breaker_trip(&b, 0, 300000, 100);
	assert_int_equal(breaker_wait_ms(&b, 100, 60000), 0);
	assert_int_equal(breaker_failure(&b, 200, 300000, 20000), 20000);
	assert_int_equal(breaker_wait_ms(&b, 200, 60000), 20000);
}

static void workers_that_fail_together_open_it_once(void **state)
{
	struct breaker b = { .failures = 0 };

	(void)state;
	(void)breaker_trip(&b, 0, 300000, 100);
	for (int i = 0; i < 15; i++)
		assert_int_equal(breaker_failure(&b, 1, 300000, 9999),
				 0);
	assert_int_equal(b.trips, 1);
	assert_int_equal(breaker_wait_ms(&b, 1, 60000), 99);
}

static void a_probe_without_a_job_lets_the_next_one_try(void **state)
{
	struct breaker b = { .failures = 0 };

	(void)state;
	(void)breaker_trip(&b, 0, 300000, 100);
	assert_int_equal(breaker_wait_ms(&b, 100, 60000), 0);
	breaker_unused(&b, 150);
	assert_int_equal(breaker_wait_ms(&b, 150, 60000), 0);
}

static void more_than_half_of_the_last_twenty_open_it(void **state)
{
	struct breaker b = { .failures = 0 };
	int64_t pause = 0;
	int mails = 0;

	/* Two failures, one success: never three in a row. */
	(void)state;
	while (pause == 0 && mails < 100) {
		mails++;
		if (mails % 3 == 0)
			(void)breaker_success(&b);
		else
			pause = breaker_failure(&b, 1000, MAX_MS, 5);
	}
	assert_int_equal(mails, 16);	/* the 11th failure */
	assert_true(breaker_is_open(&b));
	assert_true(breaker_success(&b));
	/* It begins anew. */
	assert_int_equal(breaker_failure(&b, 1000, MAX_MS, 5), 0);
}

static void half_of_the_last_twenty_do_not(void **state)
{
	struct breaker b = { .failures = 0 };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		(void)breaker_success(&b);
		assert_int_equal(breaker_failure(&b, 1000, MAX_MS, 5),
				 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_retry_doubles_up_to_its_limit),
		cmocka_unit_test(the_dice_spread_a_retry_over_half_of_it),
		cmocka_unit_test(a_tiny_retry_time_does_not_divide_by_zero),
		cmocka_unit_test(the_breaker_pause_grows_to_its_limit),
		cmocka_unit_test(three_failures_in_a_row_open_it),
		cmocka_unit_test(a_success_in_between_starts_the_count_anew),
		cmocka_unit_test(a_configuration_fault_opens_it_at_once),
		cmocka_unit_test(one_worker_probes_and_its_success_closes_it),
		cmocka_unit_test(a_failed_probe_opens_it_for_longer),
		cmocka_unit_test(workers_that_fail_together_open_it_once),
		cmocka_unit_test(a_probe_without_a_job_lets_the_next_one_try),
		cmocka_unit_test(more_than_half_of_the_last_twenty_open_it),
		cmocka_unit_test(half_of_the_last_twenty_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
