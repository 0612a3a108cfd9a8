/* SPDX-License-Identifier: MIT */
/* Tests what the queue decides without Redis. */
#include "config.h"

#include "queue/keys.h"
#include "queue/queue.h"
#include "queue/work.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_kind_is_found_in_a_list(void **state)
{
	static const struct {
		const char *list, *kind;
		bool expected;
	} rows[] = {
		{ "", "news", false },
		{ "", "", false },
		{ "news", "news", true },
		{ "news", "news.weekly", false },
		{ "news.weekly", "news", false },
		{ "news.*", "news.weekly", true },
		{ "news.*", "news.", true },
		{ "news.*", "news", false },
		{ "news.*", "newsletter", false },
		{ "  a\tb  c ", "b", true },
		{ "a b c", "c", true },
		{ "a b c", "a b", false },
		{ "ab", "a", false },
		{ "*", "a", false },
		{ ".*", "a", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (queue_kind_is_in(rows[i].list, rows[i].kind) !=
		    rows[i].expected)
			fail_msg("\"%s\" in \"%s\"", rows[i].kind,
				 rows[i].list);
}

static void a_list_of_kinds_is_checked(void **state)
{
	(void)state;
	assert_true(queue_kinds_are_names(""));
	assert_true(queue_kinds_are_names(" a  b.c d_e-f.* "));
	assert_false(queue_kinds_are_names("a, b"));
	assert_false(queue_kinds_are_names("*"));
	assert_false(queue_kinds_are_names("news*"));
	assert_false(queue_kinds_are_names("News"));
	assert_false(queue_kinds_are_names(
		"a12345678901234567890123456789012345678901234567890123456789"
		"012345"));
}

static void what_was_said_keeps_to_its_fields(void **state)
{
	struct queue_said said = {
		.verdict = "temporary", .relay = "a|b\nc", .stage = "RCPT",
		.code = 450, .text = "4.2.0 no | not\nnow",
	};
	char line[QUEUE_SAID_MAX];

	(void)state;
	queue_said_format(&said, line);
	assert_string_equal(line,
			    "temporary|a/b?c|RCPT|450|4.2.0 no | not?now");
	queue_said_format(&(struct queue_said){ .verdict = "sent" }, line);
	assert_string_equal(line, "sent||||");
}

static void long_words_are_cut(void **state)
{
	char many[1000];
	char line[QUEUE_SAID_MAX];
	struct queue_said said = {
		.verdict = many, .relay = many, .stage = many, .code = 999,
		.text = many,
	};

	(void)state;
	memset(many, 'x', sizeof(many));
	many[sizeof(many) - 1] = '\0';
	queue_said_format(&said, line);
	assert_true(strlen(line) < sizeof(line));
}

static void a_generation_tells_its_epoch(void **state)
{
	(void)state;
	assert_string_equal(queue_generation_epoch("run/epoch"), "epoch");
	assert_string_equal(queue_generation_epoch(""), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kind_is_found_in_a_list),
		cmocka_unit_test(a_list_of_kinds_is_checked),
		cmocka_unit_test(what_was_said_keeps_to_its_fields),
		cmocka_unit_test(long_words_are_cut),
		cmocka_unit_test(a_generation_tells_its_epoch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
