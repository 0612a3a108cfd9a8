/* SPDX-License-Identifier: MIT */
/* Tests what is taken for an access token. */
#include "config.h"

#include "token/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LONG_ONE 4096

struct row {
	const char *bytes;
	size_t len;
	const char *token;	/* NULL = refused */
	int64_t life_ms;
	const char *why;	/* words of the refusal */
};

#define GOOD(bytes, token, life_ms) \
	{ (bytes), sizeof(bytes) - 1, (token), (life_ms), NULL }
#define BAD(bytes, why) { (bytes), sizeof(bytes) - 1, NULL, 0, (why) }

static void answers_are_read_line_by_line(void **state)
{
	static const struct row rows[] = {
		GOOD("abc", "abc", 3600000),
		GOOD("abc\n", "abc", 3600000),
		GOOD("abc\n\n", "abc", 3600000),
		GOOD("abc\n60\n", "abc", 60000),
		GOOD("abc\n1", "abc", 1000),
		GOOD("abc\r\n2592000\r\n", "abc", 2592000000),
		GOOD("eyJ0.eyJp-_.x~+/==\n", "eyJ0.eyJp-_.x~+/==", 3600000),
		BAD("", "printed nothing"),
		BAD("\n", "first line"),
		BAD("\nabc\n", "first line"),
		BAD("a\0c\n", "first line"),
		BAD("Bearer abc\n", "first line"),
		BAD("{\"access_token\":\"abc\"}\n", "first line"),
		BAD("abc\001\n", "first line"),
		BAD("\xef\xbb\xbf" "abc\n", "first line"),
		BAD("=abc\n", "first line"),
		BAD("ab=c\n", "first line"),
		BAD("abc\n0\n", "second line"),
		BAD("abc\n-1\n", "second line"),
		BAD("abc\n 60\n", "second line"),
		BAD("abc\n60s\n", "second line"),
		BAD("abc\n60.5\n", "second line"),
		BAD("abc\n2592001\n", "second line"),
		BAD("abc\n99999999999999999999999\n", "second line"),
		BAD("abc\n999999999999999999999999999999999999\n",
		    "second line"),
		BAD("abc\n6\0000\n", "second line"),
		BAD("abc\n60\nmore\n", "more than the token"),
		BAD("abc\n60\n\n", "more than the token"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct token_answer answer;
		struct fault why = { .text = "" };
		int rc = token_answer_read(rows[i].bytes, rows[i].len, &answer,
					   &why);

		if (rows[i].token) {
			assert_int_equal(rc, 0);
			assert_string_equal(answer.token, rows[i].token);
			assert_int_equal(answer.life_ms, rows[i].life_ms);
		} else {
			assert_int_equal(rc, -1);
			assert_int_equal(why.class, FAULT_CONFIG);
			assert_non_null(strstr(why.text, rows[i].why));
			assert_null(strstr(why.text, "abc"));
		}
	}
}

static void tokens_of_real_length_fit_and_longer_ones_are_refused(void **state)
{
	char bytes[TOKEN_ANSWER_MAX + 2];
	struct token_answer answer;
	struct fault why;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	bytes[LONG_ONE] = '\n';
	assert_int_equal(token_answer_read(bytes, LONG_ONE + 1, &answer, &why),
			 0);
	assert_int_equal(strlen(answer.token), LONG_ONE);
	bytes[LONG_ONE] = 'x';
	assert_int_equal(token_answer_read(bytes, SENDER_TOKEN_MAX - 1,
					   &answer, &why), 0);
	assert_int_equal(token_answer_read(bytes, SENDER_TOKEN_MAX,
					   &answer, &why), -1);
	bytes[1] = '\n';
	assert_int_equal(token_answer_read(bytes, TOKEN_ANSWER_MAX + 1,
					   &answer, &why), -1);
	assert_non_null(strstr(why.text, "more than 8192 bytes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_read_line_by_line),
		cmocka_unit_test(
			tokens_of_real_length_fit_and_longer_ones_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
