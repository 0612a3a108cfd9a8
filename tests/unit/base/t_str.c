/* SPDX-License-Identifier: MIT */
/* Tests texts and byte strings. */
#include "config.h"

#include "base/str.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void numbers_are_read_whole_or_not_at_all(void **state)
{
	static const char *const bad[] = { "", "-", "1x", " 1", "1 ", "+1",
					   "0x1", "9223372036854775808",
					   "99999999999999999999", "1.0" };
	int64_t value = 77;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_false(str_to_int(bad[i], INT64_MIN, INT64_MAX, &value));
	assert_int_equal(value, 77);
	assert_true(str_to_int("-9223372036854775808", INT64_MIN, INT64_MAX,
			       &value));
	assert_true(value == INT64_MIN);
	assert_true(str_to_int("9223372036854775807", 0, INT64_MAX, &value));
	assert_false(str_to_int("11", 0, 10, &value));
}

static void bad_utf8_is_found(void **state)
{
	static const char *const bad[] = { "\x80", "\xc0\xaf", "\xc3",
					   "\xed\xa0\x80", "\xf4\x90\x80\x80",
					   "\xe2\x82", "a\xff" };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_false(str_is_utf8(bad[i], strlen(bad[i])));
	assert_false(str_is_utf8("a\0b", 3));
	for (size_t i = 0; i < 32; i++) {
		char text[33] = "abcdefghijklmnopqrstuvwxyz012345";

		assert_true(str_is_utf8(text, 32));
		text[i] = '\0';
		assert_false(str_is_utf8(text, 32));
		text[i] = '\xff';
		assert_false(str_is_utf8(text, 32));
		text[i] = '\x80';
		assert_false(str_is_utf8(text, 32));
		text[i] = '\x01';
		assert_true(str_is_utf8(text, 32));
	}
	assert_true(str_is_utf8("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9));
	assert_true(str_is_ascii("", 0) && str_is_ascii("Zoe\x7f\xc3", 4));
	assert_false(str_is_ascii("Zo\xc3\xa9", 4) || str_is_ascii("\x80", 1));
	assert_int_equal(str_utf8_count("\xc3\xa9\xe2\x82\xac", 5), 2);
}

static void a_name_is_of_few_characters_and_not_too_long(void **state)
{
	(void)state;
	assert_true(str_is_name("main.b-2_C", 10, 10));
	assert_true(str_is_name("main@here", 4, 10));
	assert_false(str_is_name("main.b-2_C", 10, 9));
	assert_false(str_is_name("", 0, 9));
	assert_false(str_is_name("a b", 3, 9));
	assert_false(str_is_name("a\xc3\xab", 3, 9));
	assert_false(str_is_name("a/b", 3, 9));
}

static void outside_text_is_fit_for_a_log(void **state)
{
	char text[8];

	(void)state;
	assert_string_equal(str_printable(text, sizeof(text), "a\n\xc3\xa9"),
			    "a???");
	assert_string_equal(str_printable(text, sizeof(text), "1234567890"),
			    "1234567");
}

static void a_log_line_holds_no_address(void **state)
{
	char text[64];

	(void)state;
	assert_string_equal(str_without_addresses(text, sizeof(text),
		"550 <zoe@example.org>: no such user"),
		"550 [address] no such user");
	assert_string_equal(str_without_addresses(text, 8, "a@b c@d"),
			    "[addres");
	assert_string_equal(str_without_addresses(text, sizeof(text), ""), "");
}

static void base64url_is_that_of_the_rfc(void **state)
{
	char text[16];

	(void)state;
	str_base64url(text, (const uint8_t *)"\xfb\xff\xfe", 3);
	assert_string_equal(text, "-__-");
	str_base64url(text, (const uint8_t *)"f", 1);
	assert_string_equal(text, "Zg");
	str_base64url(text, (const uint8_t *)"fooba", 5);
	assert_string_equal(text, "Zm9vYmE");
}

static void a_hash_is_fnv_1a_and_can_go_on(void **state)
{
	(void)state;
	assert_true(str_hash(STR_HASH, "a", 1) ==
		    UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(str_hash(STR_HASH, "foobar", 6) ==
		    UINT64_C(0x85944171f73967e8));
	assert_true(str_hash(str_hash(STR_HASH, "foo", 3), "bar", 3) ==
		    str_hash(STR_HASH, "foobar", 6));
}

static void hex_goes_both_ways(void **state)
{
	uint8_t bytes[3];
	char text[7];

	(void)state;
	assert_true(str_unhex(bytes, 3, "00fFa5"));
	str_hex(text, bytes, 3);
	assert_string_equal(text, "00ffa5");
	assert_false(str_unhex(bytes, 3, "00ff"));
	assert_false(str_unhex(bytes, 3, "00ffg0"));
}

static void blanks_at_the_ends_go(void **state)
{
	char text[] = " \t a b \r\n";
	char blank[] = "  ";

	(void)state;
	assert_string_equal(str_trim(text), "a b");
	assert_string_equal(str_trim(blank), "");
}

static void a_buffer_is_always_a_text(void **state)
{
	struct buf b = BUF_INIT;
	char *text;

	(void)state;
	assert_string_equal(b.data, "");
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%d,", i);
	assert_int_equal(strlen(b.data), b.len);
	buf_truncate(&b, 4);
	assert_string_equal(b.data, "0,1,");
	text = buf_detach(&b);
	assert_string_equal(text, "0,1,");
	assert_string_equal(b.data, "");
	free(text);
	text = buf_detach(&b);
	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
		cmocka_unit_test(bad_utf8_is_found),
		cmocka_unit_test(
			a_name_is_of_few_characters_and_not_too_long),
		cmocka_unit_test(outside_text_is_fit_for_a_log),
		cmocka_unit_test(a_log_line_holds_no_address),
		cmocka_unit_test(base64url_is_that_of_the_rfc),
		cmocka_unit_test(a_hash_is_fnv_1a_and_can_go_on),
		cmocka_unit_test(hex_goes_both_ways),
		cmocka_unit_test(blanks_at_the_ends_go),
		cmocka_unit_test(a_buffer_is_always_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
