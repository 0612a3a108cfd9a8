/* SPDX-License-Identifier: MIT */
/* Tests what the queue decides without Redis. */
#include "config.h"

#include "queue/fate.h"
#include "queue/keys.h"
#include "queue/produce.h"
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

static void a_receipt_is_read(void **state)
{
	struct queue_verdict v;

	(void)state;
	assert_true(queue_receipt_read("S|a.1|3|17|2.0.0 Ok | really", &v));
	assert_int_equal(v.state, QUEUE_SENT);
	assert_int_equal(v.attempts, 3);
	assert_int_equal(v.at_ms, 17);
	assert_int_equal(v.fate, QUEUE_FATE_NONE);
	assert_string_equal(v.text, "2.0.0 Ok | really");
	assert_true(queue_receipt_read("B|a.1|returned|1|17|550 no|\n<a@b.c>",
				       &v));
	assert_int_equal(v.state, QUEUE_REPORTED);
	assert_string_equal(v.id, "a.1");
	assert_int_equal(v.fate, QUEUE_FATE_RETURNED);
	assert_true(v.sure);
	assert_int_equal(v.at_ms, 17);
	assert_string_equal(v.text, "550 [address]");
	assert_true(queue_receipt_read("B|a|complained|0|17|", &v));
	assert_false(v.sure);
	assert_string_equal(v.text, "");
}

static void what_is_no_receipt_is_refused(void **state)
{
	static const char *const rows[] = {
		"", "|", "B", "B|a", "B|a|returned|1|17", "B||returned|1|17|",
		"B|a|returned|2|17|", "B|a|returned|1|-1|", "B|a||1|17|",
		"B|a|RETURNED|1|17|", "L|a|1|17|", "SX|a|1|17|", "S|a|b|17|",
	};
	struct queue_verdict v;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (queue_receipt_read(rows[i], &v))
			fail_msg("\"%s\"", rows[i]);
}

static void what_is_sure_outweighs_what_is_likely(void **state)
{
	static const enum queue_fate order[] = {
		QUEUE_FATE_NONE, QUEUE_FATE_DELAYED, QUEUE_FATE_DELIVERED,
		QUEUE_FATE_COMPLAINED, QUEUE_FATE_RETURNED,
	};

	(void)state;
	for (size_t i = 0; i + 1 < ARRAY_COUNT(order); i++)
		for (int sure = 0; sure < 2; sure++)
			assert_true(queue_fate_weight(order[i], sure) <
				    queue_fate_weight(order[i + 1], sure));
	assert_true(queue_fate_weight(QUEUE_FATE_RETURNED, false) <
		    queue_fate_weight(QUEUE_FATE_DELAYED, true));
	assert_int_equal(queue_fate_weight(QUEUE_FATE_NONE, true), 0);
}

static void a_fate_keeps_its_word(void **state)
{
	(void)state;
	for (int i = QUEUE_FATE_DELIVERED; i <= QUEUE_FATE_COMPLAINED; i++)
		assert_int_equal(queue_fate_of(queue_fate_word(
			(enum queue_fate)i)), i);
	assert_int_equal(queue_fate_of(""), QUEUE_FATE_NONE);
	assert_int_equal(queue_fate_of("lost"), QUEUE_FATE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kind_is_found_in_a_list),
		cmocka_unit_test(a_list_of_kinds_is_checked),
		cmocka_unit_test(what_was_said_keeps_to_its_fields),
		cmocka_unit_test(long_words_are_cut),
		cmocka_unit_test(a_generation_tells_its_epoch),
		cmocka_unit_test(a_receipt_is_read),
		cmocka_unit_test(what_is_no_receipt_is_refused),
		cmocka_unit_test(what_is_sure_outweighs_what_is_likely),
		cmocka_unit_test(a_fate_keeps_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
