/* SPDX-License-Identifier: MIT */
/* What a page may say that was done a moment ago. */
#include "config.h"

#include "domain/stamp.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#define NOW_S INT64_C(1764461000)

static const struct token_key key = {
	"0123456789abcdef0123456789abcdef", 32,
};
static const struct token_key other_key = {
	"0123456789abcdef0123456789abcdeF", 32,
};

static void a_stamp_is_fresh_for_ten_minutes(void **state)
{
	char stamp[STAMP_SIZE];

	(void)state;
	stamp_make(&key, "erased", NOW_S, stamp);
	assert_true(stamp_is_fresh(&key, "erased", stamp, NOW_S));
	assert_true(stamp_is_fresh(&key, "erased", stamp, NOW_S + 600));
	assert_false(stamp_is_fresh(&key, "erased", stamp, NOW_S + 601));
	/* Of another host, whose clock is a little ahead. */
	assert_true(stamp_is_fresh(&key, "erased", stamp, NOW_S - 60));
	assert_false(stamp_is_fresh(&key, "erased", stamp, NOW_S - 61));
}

static void a_stamp_of_something_else_or_of_nobody_says_nothing(void **state)
{
	char stamp[STAMP_SIZE];
	char changed[STAMP_SIZE];

	(void)state;
	stamp_make(&key, "erased", NOW_S, stamp);
	assert_false(stamp_is_fresh(&key, "left", stamp, NOW_S));
	assert_false(stamp_is_fresh(&other_key, "erased", stamp, NOW_S));
	for (size_t i = 0; i < strlen(stamp); i++) {
		memcpy(changed, stamp, sizeof(changed));
		changed[i] ^= 1;
		assert_false(stamp_is_fresh(&key, "erased", changed, NOW_S));
		memcpy(changed, stamp, sizeof(changed));
		changed[i] = '\0';
		assert_false(stamp_is_fresh(&key, "erased", changed, NOW_S));
	}
}

static void what_is_no_stamp_says_nothing(void **state)
{
	static const char *const texts[] = {
		"", ".", "0", "0.", "-1.x", "+1764461000.x", "01764461000.x",
		"1764461000", "99999999999999999999999999.x", "\xff.\xff",
		"1764461000.AAAAAAAAAAAAAAAAAAAAAA", "1764461000.%00",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		assert_false(stamp_is_fresh(&key, "erased", texts[i], NOW_S));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stamp_is_fresh_for_ten_minutes),
		cmocka_unit_test(
			a_stamp_of_something_else_or_of_nobody_says_nothing),
		cmocka_unit_test(what_is_no_stamp_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
