/* SPDX-License-Identifier: MIT */
/* Tests when an access token is got anew. */
#include "config.h"

#include "token/plan.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NOW 1000000

static struct token_plan asked(int64_t now_ms)
{
	struct token_plan p = { .next_ms = 0 };

	token_plan_asked(&p, now_ms);
	return p;
}

static void the_first_is_due_at_once(void **state)
{
	const struct token_plan p = { .next_ms = 0 };

	(void)state;
	assert_true(token_plan_is_due(&p, 0));
	assert_false(token_plan_is_good(&p, 0));
}

static void the_next_is_due_when_four_fifths_have_passed(void **state)
{
	struct token_plan p = asked(NOW);

	(void)state;
	token_plan_got(&p, 3600000);
	assert_false(token_plan_is_due(&p, NOW + 2879999));
	assert_true(token_plan_is_due(&p, NOW + 2880000));
	assert_true(token_plan_is_good(&p, NOW + 3599999));
	assert_false(token_plan_is_good(&p, NOW + 3600000));
}

static void one_that_ends_soon_does_not_make_us_ask_all_the_time(void **state)
{
	struct token_plan p = asked(NOW);

	(void)state;
	token_plan_got(&p, 1000);
	assert_false(token_plan_is_due(&p, NOW + TOKEN_PAUSE_MIN_MS - 1));
	assert_true(token_plan_is_due(&p, NOW + TOKEN_PAUSE_MIN_MS));
}

static void one_of_unknown_life_is_good_until_it_is_refused(void **state)
{
	struct token_plan p = asked(NOW);

	(void)state;
	token_plan_got(&p, 0);
	assert_true(token_plan_is_good(&p, INT64_MAX - 1));
	assert_false(token_plan_is_due(&p, INT64_MAX - 1));
	token_plan_refused(&p, NOW + 60000);
	assert_false(token_plan_is_good(&p, NOW + 60000));
	assert_true(token_plan_is_due(&p, NOW + 60000));
}

static void failures_pause_longer_and_keep_the_old_one(void **state)
{
	static const int64_t pauses[] = {
		5000, 10000, 20000, 40000, 80000, 160000, 300000, 300000,
	};
	struct token_plan p = asked(NOW);

	(void)state;
	token_plan_got(&p, 3600000);
	for (size_t i = 0; i < ARRAY_COUNT(pauses); i++) {
		assert_int_equal(token_plan_failed(&p, NOW), pauses[i]);
		assert_false(token_plan_is_due(&p, NOW + pauses[i] - 1));
		assert_true(token_plan_is_due(&p, NOW + pauses[i]));
	}
	assert_true(token_plan_is_good(&p, NOW));
	token_plan_got(&p, 3600000);
	assert_int_equal(token_plan_failed(&p, NOW), pauses[0]);
}

static void a_refused_one_is_not_asked_for_twice_in_half_a_minute(void **state)
{
	struct token_plan p = asked(NOW);

	(void)state;
	token_plan_got(&p, 3600000);
	token_plan_refused(&p, NOW + 10);
	assert_true(token_plan_is_due(&p, NOW + 10));
	token_plan_asked(&p, NOW + 10);
	token_plan_got(&p, 3600000);
	token_plan_refused(&p, NOW + 20);
	assert_false(token_plan_is_due(&p, NOW + 9 + TOKEN_REFUSED_MS));
	assert_true(token_plan_is_due(&p, NOW + 10 + TOKEN_REFUSED_MS));
	/* One that ran into it much later is replaced at once again. */
	token_plan_got(&p, 3600000);
	token_plan_refused(&p, NOW + 3 * TOKEN_REFUSED_MS);
	assert_true(token_plan_is_due(&p, NOW + 3 * TOKEN_REFUSED_MS));
}

static void a_change_of_settings_hurries(void **state)
{
	struct token_plan p = asked(NOW);

	(void)state;
	token_plan_got(&p, 3600000);
	for (int i = 0; i < 10; i++)
		(void)token_plan_failed(&p, NOW);
	token_plan_hurry(&p);
	assert_true(token_plan_is_due(&p, NOW));
	assert_true(token_plan_is_good(&p, NOW));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_due_at_once),
		cmocka_unit_test(the_next_is_due_when_four_fifths_have_passed),
		cmocka_unit_test(
			one_that_ends_soon_does_not_make_us_ask_all_the_time),
		cmocka_unit_test(
			one_of_unknown_life_is_good_until_it_is_refused),
		cmocka_unit_test(failures_pause_longer_and_keep_the_old_one),
		cmocka_unit_test(
			a_refused_one_is_not_asked_for_twice_in_half_a_minute),
		cmocka_unit_test(a_change_of_settings_hurries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
