/* SPDX-License-Identifier: MIT */
/* Tests that JSON as text is what json-c would make of the same values. */
#include "config.h"

#include "json/write.h"

#include "json/put.h"

#include <json-c/json.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What json-c makes of the text as a member's name and as its value. */
static void assert_as_json_c(const char *text)
{
	struct buf out = BUF_INIT;
	struct json_object *tree = put_new();

	put_text(tree, text, text);
	write_object(&out, NULL);
	write_text(&out, text, text);
	write_object_end(&out);
	assert_string_equal(out.data, json_object_to_json_string_ext(
		tree,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	assert_int_equal(out.len, strlen(out.data));
	json_object_put(tree);
	buf_release(&out);
}

static void every_byte_is_written_at_every_place_of_a_text(void **state)
{
	(void)state;
	for (int byte = 1; byte < 256; byte++)
		for (size_t at = 0; at < 19; at++) {
			char text[20] = "abcdefghijklmnopqrs";

			text[at] = (char)byte;
			assert_as_json_c(text);
			text[at + 1] = '\0';
			assert_as_json_c(text);
		}
}

static void hostile_texts_are_written_as_json_c_does(void **state)
{
	static const char *const rows[] = {
		"", "\"", "\\", "\"\"\"\"\"\"\"\"", "\\\\\\\\\\\\\\\\\\",
		"</script><!--", "a/b//c", "\",\"to\":{\"email\":\"x@y\"}",
		"\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0e\x1f\x7f",
		"ligne\r\nligne\ttab\f\b", "Zo\u00e9 \u2028\u2029\ufeff",
		"\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0\"\u00a0",
		"\xf0\x9f\x98\x80\xf0\x9f\x98\x80", "\xff\xfe\x80 no UTF-8",
		"!#!#!#!#[]]]^^^^     ~~~~",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		assert_as_json_c(rows[i]);
}

static void a_long_text_is_written_whole(void **state)
{
	static char text[70001];

	(void)state;
	memset(text, '\x1f', sizeof(text) - 1);
	assert_as_json_c(text);
	memset(text, 'x', sizeof(text) - 1);
	assert_as_json_c(text);
}

static void values_of_all_sorts_stand_in_each_other(void **state)
{
	static const int64_t numbers[] = {
		0, 7, -1, 10, 99, 100, -1000, INT64_MAX, INT64_MIN,
	};
	struct buf out = BUF_INIT;
	struct json_object *tree = put_new();
	struct json_object *list = put_list(tree, "list");
	struct json_object *inner;

	(void)state;
	write_object(&out, NULL);
	write_list(&out, "list");
	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
		put_append(list, json_object_new_int64(numbers[i]));
		write_int(&out, NULL, numbers[i]);
	}
	put_int(put_row(list), "n", 1);
	write_object(&out, NULL);
	write_int(&out, "n", 1);
	write_object_end(&out);
	write_list_end(&out);

	inner = put_object(tree, "inner");
	(void)put_object(inner, "empty");
	(void)put_list(inner, "none");
	put_flag(inner, "yes", true);
	put_flag(inner, "no", false);
	put_text(inner, "brace", "{");
	put_text(inner, "bracket", "[");
	put_value(tree, "null", NULL);
	write_object(&out, "inner");
	write_object(&out, "empty");
	write_object_end(&out);
	write_list(&out, "none");
	write_list_end(&out);
	write_flag(&out, "yes", true);
	write_flag(&out, "no", false);
	write_text(&out, "brace", "{");
	write_text(&out, "bracket", "[");
	write_object_end(&out);
	write_json(&out, "null", "null");
	write_object_end(&out);

	assert_string_equal(out.data, json_object_to_json_string_ext(
		tree, JSON_C_TO_STRING_PLAIN));
	json_object_put(tree);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			every_byte_is_written_at_every_place_of_a_text),
		cmocka_unit_test(hostile_texts_are_written_as_json_c_does),
		cmocka_unit_test(a_long_text_is_written_whole),
		cmocka_unit_test(values_of_all_sorts_stand_in_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
