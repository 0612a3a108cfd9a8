/* SPDX-License-Identifier: MIT */
/* Tests the letter of RFC 8259. */
#include "config.h"

#include "json/jsontext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void json_is_accepted(void **state)
{
	static const char *const rows[] = {
		"{}", "[]", " { } ", "0", "-0", "-0.5e+10", "1E9", "\"\"",
		"true", "false", "null", "[1,[2],{\"a\":[]}]\r\n",
		"{\"a\":{\"b\":{}},\"c\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"}",
		"\"\xc3\xa9\x7f\"", "[[[[]]]]", "[{\"\":1},{\"\":[null]}]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct jsontext_wrong wrong = { 0, "" };

		if (!jsontext_check(rows[i], strlen(rows[i]), 4, &wrong))
			fail_msg("%s: at %zu: %s", rows[i],
				 wrong.offset, wrong.what);
	}
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text;
		size_t at;
		const char *what;	/* a part of it */
	} rows[] = {
		{ "", 0, "early" }, { "  ", 2, "early" },
		{ "{\"a\":1,}", 7, "name" }, { "{\"a\":1", 6, "early" },
		{ "{'a':1}", 1, "name" }, { "{a:1}", 1, "name" },
		{ "[1,]", 3, "value" }, { "[,1]", 1, "value" },
		{ "{\"a\"}", 4, "colon" }, { "{\"a\",1}", 4, "colon" },
		{ "{\"a\":}", 5, "value" }, { "[1 2]", 3, "comma or ]" },
		{ "{\"a\":1]", 6, "comma or }" }, { "[1}", 2, "comma or ]" },
		{ "{} x", 3, "follow" }, { "{}{}", 2, "follow" },
		{ "01", 1, "begin with 0" }, { "1.", 2, "early" },
		{ ".5", 0, "value" }, { "+1", 0, "value" },
		{ "[-]", 2, "digit" }, { "[1e]", 3, "digit" },
		{ "NaN", 0, "value" }, { "[tru]", 4, "value" },
		{ "TRUE", 0, "value" }, { "\"a\nb\"", 2, "control" },
		{ "\"\\x\"", 2, "escape" }, { "\"\\u12g4\"", 5, "four" },
		{ "\"abc", 4, "early" }, { "\"\\", 2, "early" },
		{ "[[[[[]]]]]", 4, "deep" }, { "{} // x", 3, "follow" },
		{ "/* x */ {}", 0, "value" }, { "]", 0, "value" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct jsontext_wrong wrong = { 0, "" };

		if (jsontext_check(rows[i].text, strlen(rows[i].text), 4,
				   &wrong) ||
		    wrong.offset != rows[i].at ||
		    !strstr(wrong.what, rows[i].what))
			fail_msg("%s: at %zu: %s", rows[i].text, wrong.offset,
				 wrong.what);
	}
}

static void every_beginning_is_read_without_harm(void **state)
{
	static const char text[] = "{\"a\":[1.5e3,\"\\u00e9\",{\"b\":null}],"
				   "\"c\":[{},[],true]}";
	struct jsontext_wrong wrong;

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		/* In memory of its own, so that a step too far is seen. */
		char *copy = malloc(len + 1);

		memcpy(copy, text, len);
		assert_false(jsontext_check(copy, len, 16, &wrong));
		assert_int_equal(wrong.offset, len);
		free(copy);
	}
	assert_false(jsontext_check("{\"a\0b\":1}", 9, 16, &wrong));
	assert_int_equal(wrong.offset, 3);
}

static void depth_is_counted_from_the_outermost(void **state)
{
	char text[2 * JSONTEXT_DEPTH_MAX + 3];
	struct jsontext_wrong wrong;

	(void)state;
	for (unsigned deep = 1; deep <= JSONTEXT_DEPTH_MAX + 1; deep++) {
		memset(text, '[', deep);
		memset(text + deep, ']', deep);
		assert_int_equal(jsontext_check(text, 2 * (size_t)deep,
						JSONTEXT_DEPTH_MAX, &wrong),
				 deep <= JSONTEXT_DEPTH_MAX);
	}
}

static void places_are_lines_and_characters(void **state)
{
	size_t line, column;

	(void)state;
	jsontext_place("ab\n\xc3\xa9x", 5, &line, &column);
	assert_int_equal(line, 2);
	assert_int_equal(column, 2);
	jsontext_place("", 0, &line, &column);
	assert_int_equal(line, 1);
	assert_int_equal(column, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_accepted),
		cmocka_unit_test(what_is_wrong_is_told_with_its_place),
		cmocka_unit_test(every_beginning_is_read_without_harm),
		cmocka_unit_test(depth_is_counted_from_the_outermost),
		cmocka_unit_test(places_are_lines_and_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
