/* SPDX-License-Identifier: MIT */
/* Tests how a relay's addresses are found, and in which order they are tried. */
#include "config.h"

#include "addresses.h"
#include "smtp/lookup.h"
#include "smtp/marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void assert_list(const struct lookup_result *list, const char *texts)
{
	char got[400] = "";
	char text[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < list->count; i++) {
		size_t len = strlen(got);

		(void)snprintf(got + len, sizeof(got) - len, "%s%s",
			       i ? " " : "",
			       lookup_text(&list->list[i], text));
	}
	assert_string_equal(got, texts);
}

/* ---- lookup.c ------------------------------------------------------------ */

static void families_come_by_turns(void **state)
{
	static const struct {
		const char *before, *after;
	} table[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "::1 ::2 ::3 192.0.2.1 192.0.2.2",
		  "::1 192.0.2.1 ::2 192.0.2.2 ::3" },
		{ "192.0.2.1 192.0.2.2 ::1 192.0.2.3",
		  "192.0.2.1 ::1 192.0.2.2 192.0.2.3" },
		{ "::1 ::2", "::1 ::2" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		struct lookup_result list = list_of(table[i].before, 25);

		lookup_interleave(&list);
		assert_list(&list, table[i].after);
	}
}

static void a_number_is_its_own_address(void **state)
{
	struct lookup_result list;
	const struct lookup_question q = { "192.0.2.7", 587, 0 };
	struct fault why;

	(void)state;
	/* No time at all: nobody is asked. */
	assert_int_equal(lookup(&q, &list, &why), 0);
	assert_list(&list, "192.0.2.7");
	assert_int_equal(ntohs(list.list[0].at.v4.sin_port), 587);
}

static void a_resolver_that_has_no_time_is_left(void **state)
{
	const struct lookup_question q = { "relay.invalid", 25, 0 };
	struct lookup_result list;
	struct fault why;

	(void)state;
	assert_int_equal(lookup(&q, &list, &why), -1);
	assert_int_equal(why.class, FAULT_RETRY);
	assert_string_equal(why.text, "look up relay.invalid: no answer within "
			    "0.0 s");
}

/* ---- marks.c ------------------------------------------------------------- */

static void assert_order(struct marks *m, const struct lookup_result *list,
			 int64_t now_ms, const char *want)
{
	size_t order[LOOKUP_MAX];
	char got[LOOKUP_MAX + 1] = "";

	marks_order(m, list, now_ms, order);
	for (size_t i = 0; i < list->count; i++)
		got[i] = (char)('a' + order[i]);
	assert_string_equal(got, want);
}

static void those_that_failed_come_last_the_oldest_failure_first(void **state)
{
	struct lookup_result list = list_of("192.0.2.1 192.0.2.2 ::1 192.0.2.4",
					    25);
	struct marks m = { .mark[0].who = 0 };

	(void)state;
	assert_order(&m, &list, 1000, "abcd");
	assert_true(marks_set(&m, &list.list[0], 1000));
	assert_false(marks_set(&m, &list.list[0], 1001));
	assert_order(&m, &list, 1002, "bcda");
	assert_true(marks_set(&m, &list.list[2], 1003));
	assert_true(marks_set(&m, &list.list[1], 1004));
	assert_true(marks_set(&m, &list.list[3], 1005));
	assert_order(&m, &list, 1006, "acbd");
	marks_clear(&m, &list.list[1]);
	assert_order(&m, &list, 1007, "bacd");
	marks_clear_all(&m);
	assert_order(&m, &list, 1008, "abcd");
}

static void one_session_tries_it_again_after_a_while(void **state)
{
	struct lookup_result list = list_of("192.0.2.1 192.0.2.2", 25);
	struct marks m = { .mark[0].who = 0 };
	int64_t later_ms = 1000 + MARKS_TRIAL_MS;

	(void)state;
	(void)marks_set(&m, &list.list[1], 1000);
	assert_order(&m, &list, later_ms - 1, "ab");
	assert_order(&m, &list, later_ms, "ba");
	assert_order(&m, &list, later_ms, "ab");
	marks_clear(&m, &list.list[1]);
	assert_order(&m, &list, 3 * later_ms, "ab");
}

static void more_marks_than_room_forget_the_oldest(void **state)
{
	struct marks m = { .mark[0].who = 0 };
	struct lookup_result list = list_of("192.0.2.250 192.0.2.1", 25);

	(void)state;
	for (int i = 0; i < 3 * MARKS_MAX; i++) {
		char text[32];
		struct lookup_address a;

		(void)snprintf(text, sizeof(text), "192.0.2.%d", i + 1);
		a = address_of(text, 25);
		assert_true(marks_set(&m, &a, 1000 + i));
	}
	(void)marks_set(&m, &list.list[0], 2000);
	assert_order(&m, &list, 2001, "ba");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_come_by_turns),
		cmocka_unit_test(a_number_is_its_own_address),
		cmocka_unit_test(a_resolver_that_has_no_time_is_left),
		cmocka_unit_test(
			those_that_failed_come_last_the_oldest_failure_first),
		cmocka_unit_test(one_session_tries_it_again_after_a_while),
		cmocka_unit_test(more_marks_than_room_forget_the_oldest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
