/* SPDX-License-Identifier: MIT */
/* Tests that whatever RFC 8259 allows is read, and nothing else, whichever
 * json-c is there. */
#include "config.h"

#include "json/jsonread.h"

#include "base/fault.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "json/jsonfile.h"
#include "queue/envelope.h"

#define DEPTH 4

struct row {
	const char *text;
	size_t len;
};

#define ROW(text) { (text), sizeof(text) - 1 }

/* What JSON_TOKENER_STRICT of one release or another refuses stands at the
 * top. */
static const struct row good[] = {
	ROW("{\"name\":\"Zo\xc3\xa9\"}"), ROW("[\"\xe2\x82\xac\"]"),
	ROW("\"\xf0\x9f\x98\x80\""), ROW("\"\xc2\x80\""),
	ROW("\"\xf4\x8f\xbf\xbf\""), ROW("{\"\xd0\xb6\":1}"),
	ROW("18446744073709551616"), ROW("-9223372036854775809"),
	ROW("{}"), ROW("[]"), ROW(" \t\r\n{ \"a\" : [ ] }\n"), ROW("null"),
	ROW("true"), ROW("[false]"), ROW("0"), ROW("-0"), ROW("12"),
	ROW("[-0.5e+10,1E9,1e-2,0.0]"), ROW("\"\""), ROW("\"\x7f\""),
	ROW("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\""),
	ROW("\"\\u0000\""), ROW("{\"a\":1,\"a\":2}"), ROW("{\"\":null}"),
	ROW("[[[[]]]]"), ROW("[[[[1]]]]"), ROW("{\"a\":{\"b\":{\"c\":{}}}}"),
};

static const struct row bad[] = {
	ROW(""), ROW(" "), ROW("{"), ROW("[1"), ROW("\"a"), ROW("tru"),
	ROW("[1,]"), ROW("{\"a\":1,}"), ROW("[,1]"), ROW("{,}"),
	ROW("{'a':1}"), ROW("['a']"), ROW("{a:1}"), ROW("{\"a\" 1}"),
	ROW("{\"a\":1 \"b\":2}"), ROW("[1 2]"), ROW("[1}"),
	ROW("NaN"), ROW("nan"), ROW("Infinity"), ROW("-Infinity"),
	ROW("[inf]"), ROW("TRUE"), ROW("Null"), ROW("undefined"),
	ROW("01"), ROW("-01"), ROW("+1"), ROW("1."), ROW(".5"), ROW("1e"),
	ROW("0x10"), ROW("1_000"), ROW("-"), ROW("--1"), ROW("1-2"),
	ROW("{} x"), ROW("{}{}"), ROW("1 2"), ROW("[]]"), ROW("{}\v"),
	ROW("\f[]"), ROW("[1\v]"), ROW("{}\0"), ROW("\xc2\xa0[]"),
	ROW("/* x */{}"), ROW("{} // x"), ROW("[1 /* x */]"), ROW("# x\n{}"),
	ROW("\"a\nb\""), ROW("\"a\tb\""), ROW("\"\x1f\""), ROW("\"a\0b\""),
	ROW("{\"a\nb\":1}"), ROW("\"\\x41\""), ROW("\"\\'\""),
	ROW("\"\\u12\""), ROW("\"\\u12g4\""), ROW("\"\\U00e9\""),
	ROW("\"\xe9\""), ROW("\"\xc3\""), ROW("\"\xc0\xaf\""),
	ROW("\"\xed\xa0\x80\""), ROW("\"\xf4\x90\x80\x80\""),
	ROW("\"\xff\""), ROW("{\"\xe9\":1}"), ROW("\xe9"),
	ROW("\xef\xbb\xbf{}"),
};

/* In memory of its own, so that a step too far is seen. */
static bool is_read(const struct row *row, struct jsonread *json)
{
	char *copy = malloc(row->len + 1);
	bool read;

	must(copy != NULL);
	memcpy(copy, row->text, row->len);
	read = jsonread(copy, row->len, DEPTH, json);
	free(copy);
	return read;
}

static void what_the_letter_allows_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
		struct jsonread json;

		if (!is_read(&good[i], &json))
			fail_msg("%s: at %zu: %s", good[i].text,
				 json.wrong.offset, json.wrong.what);
		json_object_put(json.value);
	}
}

static void what_it_does_not_allow_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		struct jsonread json;

		if (is_read(&bad[i], &json))
			fail_msg("row %zu is read: %s", i, bad[i].text);
		assert_null(json.value);
		assert_true(json.wrong.offset <= bad[i].len);
		assert_true(json.wrong.what && json.wrong.what[0]);
	}
}

static void texts_keep_their_letters(void **state)
{
	static const char text[] = "[\"Zo\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"
				   "\",\"\\u00e9\",null,-1.50]";
	struct jsonread json;

	(void)state;
	assert_true(jsonread(text, sizeof(text) - 1, DEPTH, &json));
	assert_string_equal(json_object_to_json_string_ext(
				    json.value, JSON_C_TO_STRING_PLAIN),
			    "[\"Zo\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"
			    "\",\"\xc3\xa9\",null,-1.50]");
	json_object_put(json.value);
}

static void the_place_is_where_the_first_wrong_byte_stands(void **state)
{
	static const struct {
		struct row row;
		size_t offset;
		const char *what;	/* a part of it */
	} rows[] = {
		{ ROW("{\"a\":\"\xc3\xa9\xe9\"}"), 8, "not UTF-8" },
		{ ROW("{\"a\":\"\0\"}"), 6, "NUL" },
		{ ROW("{\"a\":NaN}"), 5, "value" },
		{ ROW("{\"a\":1}x"), 7, "follow" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct jsonread json;

		assert_false(is_read(&rows[i].row, &json));
		assert_int_equal(json.wrong.offset, rows[i].offset);
		assert_non_null(strstr(json.wrong.what, rows[i].what));
	}
}

static void only_an_object_is_an_object(void **state)
{
	static const char *const others[] = { "[]", "1", "\"x\"", "null",
					      "{", "" };
	struct json_object *json = jsonread_object("{\"a\":1}", 7, DEPTH);

	(void)state;
	assert_non_null(json);
	json_object_put(json);
	for (size_t i = 0; i < ARRAY_COUNT(others); i++)
		assert_null(jsonread_object(others[i], strlen(others[i]),
					    DEPTH));
}

static void what_is_too_deep_is_not_read(void **state)
{
	static const struct row rows[] = {
		ROW("[[[[[]]]]]"),
		ROW("{\"a\":{\"b\":{\"c\":{\"d\":{}}}}}"),
	};
	struct jsonread json;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		assert_false(is_read(&rows[i], &json));
}

/* Reads it as catalogues and sample data are read. */
static int load(const struct row *row, struct json_object **json,
		struct fault *why)
{
	char path[] = "/tmp/t_jsonread.XXXXXX";
	int fd = mkstemp(path);
	int rc;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, row->text, row->len), row->len);
	assert_int_equal(close(fd), 0);
	rc = jsonfile_load(path, 1000, json, why);
	assert_int_equal(unlink(path), 0);
	if (rc == -1)
		assert_memory_equal(why->text, path, sizeof(path) - 1);
	return rc;
}

static void a_file_is_read_by_the_same_letter(void **state)
{
	struct json_object *json;
	struct fault why;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
		const char *text = good[i].text;
		bool object = text[strspn(text, " \t\r\n")] == '{';

		if (load(&good[i], &json, &why) != (object ? 0 : -1))
			fail_msg("%s", text);
		json_object_put(json);
	}
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		if (load(&bad[i], &json, &why) != -1)
			fail_msg("row %zu is read: %s", i, bad[i].text);
		assert_int_equal(why.class, FAULT_CONFIG);
		assert_null(json);
	}
}

static void an_envelope_keeps_a_name_that_is_not_ascii(void **state)
{
	static const char text[] =
		"{\"v\":1,\"id\":\"a\",\"kind\":\"notice\",\"to\":{\"name\":"
		"\"Zo\xc3\xa9\",\"email\":\"zoe@example.org\"},\"data\":"
		"{\"subject\":\"\xe6\x97\xa5\xe6\x9c\xac\"}}";
	struct fault why = { .class = FAULT_NONE };
	struct envelope e;

	(void)state;
	if (envelope_parse(text, sizeof(text) - 1, &e, &why) == -1)
		fail_msg("%s", why.text);
	assert_string_equal(e.to_name, "Zo\xc3\xa9");
	envelope_release(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_letter_allows_is_read),
		cmocka_unit_test(what_it_does_not_allow_is_told),
		cmocka_unit_test(texts_keep_their_letters),
		cmocka_unit_test(the_place_is_where_the_first_wrong_byte_stands),
		cmocka_unit_test(only_an_object_is_an_object),
		cmocka_unit_test(what_is_too_deep_is_not_read),
		cmocka_unit_test(a_file_is_read_by_the_same_letter),
		cmocka_unit_test(an_envelope_keeps_a_name_that_is_not_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
