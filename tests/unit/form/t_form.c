/* SPDX-License-Identifier: MIT */
/* Form and JSON bodies, good and bad. */
#include "config.h"

#include "form/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#define CRLF "\r\n"
#define TYPE "multipart/form-data; boundary=b1"

static void the_media_type_is_read_without_its_parameters(void **state)
{
	(void)state;
	assert_int_equal(form_media(NULL), FORM_MEDIA_NONE);
	assert_int_equal(form_media(""), FORM_MEDIA_NONE);
	assert_int_equal(form_media("Application/JSON; charset=utf-8"),
			 FORM_MEDIA_JSON);
	assert_int_equal(form_media("application/x-www-form-urlencoded"),
			 FORM_MEDIA_URLENCODED);
	assert_int_equal(form_media(TYPE), FORM_MEDIA_MULTIPART);
	assert_int_equal(form_media("application/jsonp"), FORM_MEDIA_OTHER);
	assert_int_equal(form_media("text/plain"), FORM_MEDIA_OTHER);
}

static void urlencoded_fields_are_decoded(void **state)
{
	static const char body[] = "name=Zo%C3%A9+M&&a=&b&c=1%3D2%26=3";
	struct form f = { 0 };

	(void)state;
	assert_int_equal(form_read_urlencoded(&f, body, strlen(body)),
			 FORM_READ);
	assert_int_equal(f.count, 4);
	assert_string_equal(form_text(&f, "name"), "Zoé M");
	assert_string_equal(form_text(&f, "a"), "");
	assert_string_equal(form_text(&f, "b"), "");
	assert_string_equal(form_text(&f, "c"), "1=2&=3");
	form_release(&f);
}

static void a_broken_urlencoded_body_is_refused_whole(void **state)
{
	static const struct {
		const char *label;
		const char *body;
	} rows[] = {
		{ "lone percent", "a=1&b=%" },
		{ "half an escape", "a=1&b=%4" },
		{ "not hex", "a=1&b=%zz" },
		{ "NUL", "a=1&b=x%00y" },
		{ "not UTF-8", "a=1&b=%C3%28" },
		{ "raw byte", "a=1&b=\xff" },
		{ "overlong", "a=1&b=%C0%AF" },
		{ "surrogate", "a=1&b=%ED%A0%80" },
		{ "in a name", "a=1&%FF=2" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct form f = { 0 };

		print_message("%s\n", rows[i].label);
		assert_int_equal(form_read_urlencoded(&f, rows[i].body,
						      strlen(rows[i].body)),
				 FORM_BROKEN);
		assert_int_equal(f.count, 0);
	}
}

static void the_64th_field_is_read_and_the_65th_refused(void **state)
{
	char body[4 * (FORM_FIELDS_MAX + 1)];
	struct form f = { 0 };

	(void)state;
	for (size_t i = 0; i <= FORM_FIELDS_MAX; i++)
		memcpy(body + 4 * i, "a=1&", 4);
	assert_int_equal(form_read_urlencoded(&f, body, 4 * FORM_FIELDS_MAX),
			 FORM_READ);
	assert_int_equal(f.count, FORM_FIELDS_MAX);
	form_release(&f);
	assert_int_equal(form_read_urlencoded(&f, body, sizeof(body)),
			 FORM_TOO_MANY);
	assert_int_equal(f.count, 0);
}

static void a_repeated_field_is_told_from_a_single_one(void **state)
{
	static const char body[] = "a=1&b=2&a=3";
	struct form f = { 0 };
	const char *value;

	(void)state;
	assert_int_equal(form_read_urlencoded(&f, body, strlen(body)),
			 FORM_READ);
	assert_int_equal(form_get(&f, "a", &value), FORM_REPEATED);
	assert_string_equal(value, "1");
	assert_int_equal(form_get(&f, "b", &value), FORM_FOUND);
	assert_string_equal(value, "2");
	assert_int_equal(form_get(&f, "c", &value), FORM_ABSENT);
	assert_string_equal(value, "");
	form_release(&f);
}

static enum form_result multipart(struct form *f, const char *type,
				  const char *body)
{
	return form_read_multipart(f, type, body, strlen(body));
}

static void multipart_fields_are_read(void **state)
{
	static const char body[] =
		"a preamble" CRLF
		"--b1" CRLF
		"Content-Disposition: form-data; name=\"name\"" CRLF CRLF
		"Zoé" CRLF
		"--b1  " CRLF
		"X-Odd: yes" CRLF
		"content-disposition: form-data; name=notes" CRLF
		"Content-Type: text/plain" CRLF CRLF
		"two" CRLF "lines" CRLF
		"--b1" CRLF
		"Content-Disposition: form-data; x=\";name=no\"; name=\"e\""
		CRLF CRLF CRLF
		"--b1--" CRLF "an epilogue";
	struct form f = { 0 };

	(void)state;
	assert_int_equal(multipart(&f, TYPE, body), FORM_READ);
	assert_int_equal(f.count, 3);
	assert_string_equal(form_text(&f, "name"), "Zoé");
	assert_string_equal(form_text(&f, "notes"), "two\r\nlines");
	assert_string_equal(form_text(&f, "e"), "");
	form_release(&f);
}

static void a_file_part_is_told_from_a_field(void **state)
{
	static const char body[] =
		"--b1" CRLF
		"Content-Disposition: form-data; name=\"a\"" CRLF CRLF
		"1" CRLF
		"--b1" CRLF
		"Content-Disposition: form-data; name=\"f\"; filename=\"\""
		CRLF CRLF CRLF
		"--b1--" CRLF;
	struct form f = { 0 };

	(void)state;
	assert_int_equal(multipart(&f, TYPE, body), FORM_HAS_FILE);
	assert_int_equal(f.count, 0);
}

static void a_broken_multipart_body_is_refused(void **state)
{
#define PART "Content-Disposition: form-data; name=\"a\"" CRLF CRLF "1" CRLF
	static const struct {
		const char *label;
		const char *type;
		const char *body;
	} rows[] = {
		{ "empty", TYPE, "" },
		{ "no boundary", "multipart/form-data", "--b1" CRLF PART },
		{ "empty boundary", "multipart/form-data; boundary=\"\"", "" },
		{ "no end", TYPE, "--b1" CRLF PART },
		{ "no CRLF after the delimiter", TYPE, "--b1x" PART "--b1--" },
		{ "no name", TYPE, "--b1" CRLF "Content-Disposition: form-data"
		  CRLF CRLF "1" CRLF "--b1--" },
		{ "open quote", TYPE, "--b1" CRLF
		  "Content-Disposition: form-data; name=\"a" CRLF CRLF
		  "1" CRLF "--b1--" },
		{ "no disposition", TYPE, "--b1" CRLF "X: y" CRLF CRLF
		  "1" CRLF "--b1--" },
		{ "no empty line", TYPE, "--b1" CRLF "X: y" CRLF "--b1--" },
		{ "not UTF-8", TYPE, "--b1" CRLF
		  "Content-Disposition: form-data; name=\"a\"" CRLF CRLF
		  "\xff" CRLF "--b1--" },
		{ "long boundary", "multipart/form-data; boundary="
		  "0123456789012345678901234567890123456789"
		  "0123456789012345678901234567890", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct form f = { 0 };

		print_message("%s\n", rows[i].label);
		assert_int_equal(multipart(&f, rows[i].type, rows[i].body),
				 FORM_BROKEN);
		assert_int_equal(f.count, 0);
	}
}

static enum form_result json(struct form *f, const char *body)
{
	return form_read_json(f, body, strlen(body));
}

static void a_json_object_is_read_as_fields(void **state)
{
	struct form f = { 0 };
	const char *value;

	(void)state;
	assert_int_equal(json(&f, "{\"slot\":12,\"name\":\"Zo\\u00e9\","
				  "\"x\":null,\"l\":[1],\"b\":true}"),
			 FORM_READ);
	assert_int_equal(f.count, 4);
	assert_string_equal(form_text(&f, "slot"), "12");
	assert_string_equal(form_text(&f, "name"), "Zoé");
	assert_int_equal(form_get(&f, "x", &value), FORM_ABSENT);
	assert_int_equal(form_get(&f, "l", &value), FORM_WRONG_TYPE);
	assert_int_equal(form_get(&f, "b", &value), FORM_WRONG_TYPE);
	form_release(&f);
}

static void a_number_is_no_text(void **state)
{
	static const char body[] = "{\"a\":-1,\"b\":\"-1\",\"c\":[],"
				   "\"d\":\"x\",\"d\":1}";
	struct form f = { 0 };
	const char *value;

	(void)state;
	assert_int_equal(json(&f, body), FORM_READ);
	assert_int_equal(form_get(&f, "a", &value), FORM_FOUND);
	assert_int_equal(form_get_text(&f, "a", &value), FORM_WRONG_TYPE);
	assert_string_equal(value, "");
	assert_int_equal(form_get_text(&f, "b", &value), FORM_FOUND);
	assert_string_equal(value, "-1");
	assert_int_equal(form_get_text(&f, "c", &value), FORM_WRONG_TYPE);
	assert_int_equal(form_get_text(&f, "d", &value), FORM_REPEATED);
	assert_int_equal(form_get_text(&f, "e", &value), FORM_ABSENT);
	form_release(&f);
}

static void a_broken_json_body_is_refused(void **state)
{
	static const char *const bodies[] = {
		"", "x", "[]", "12", "\"a\"", "{", "{\"a\":1,}", "{\"a\":'1'}",
		"{\"a\":1} x", "{\"a\":\"\\u0000\"}", "{\"a\":\"\xff\"}",
		"{\"a\":[[[[[[[[[[1]]]]]]]]]]}",
		/* json-c reads the name as "a". */
		"{\"a\\u0000b\":1}",
		/* RFC 8259 section 7: raw, it is no text. */
		"{\"a\":\"two\nlines\"}", "{\"a\":\"\x01\"}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bodies); i++) {
		struct form f = { 0 };

		print_message("row %zu\n", i);
		assert_int_equal(json(&f, bodies[i]), FORM_BROKEN);
		assert_int_equal(f.count, 0);
	}
}

static void a_member_that_is_there_twice_is_a_repeated_field(void **state)
{
	static const char *const bodies[] = {
		"{\"a\": 1, \"a\": 2}",
		"{\"a\": \"x\", \"b\": {\"a\": 1}, \"\\u0061\" : 3}",
		"{\"a\": 1, \"a\": null}",
	};
	const char *value;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bodies); i++) {
		struct form f = { .count = 0 };

		assert_int_equal(form_read_json(&f, bodies[i],
						strlen(bodies[i])), FORM_READ);
		if (form_get(&f, "a", &value) != FORM_REPEATED)
			fail_msg("%s", bodies[i]);
		form_release(&f);
	}

	static const char once[] = "{\"a\": \"a\", \"b\": [\"a\", {\"a\": 1}]}";
	struct form f = { .count = 0 };

	assert_int_equal(form_read_json(&f, once, strlen(once)), FORM_READ);
	assert_int_equal(form_get(&f, "a", &value), FORM_FOUND);
	form_release(&f);
}

static void half_a_surrogate_pair_is_no_text(void **state)
{
	static const struct {
		const char *body;
		enum form_result result;
	} rows[] = {
		{ "{\"a\": \"\\ud83d\\ude00\"}", FORM_READ },
		{ "{\"a\": \"\\\\ud83d\"}", FORM_READ },
		{ "{\"a\": \"\\ud83d\"}", FORM_BROKEN },
		{ "{\"a\": \"\\ude00\"}", FORM_BROKEN },
		{ "{\"a\": \"\\ud83dx\"}", FORM_BROKEN },
		{ "{\"\\ud83d\": 1}", FORM_BROKEN },
		{ "{\"a\": [\"\\udfff\"]}", FORM_BROKEN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct form f = { .count = 0 };

		if (form_read_json(&f, rows[i].body, strlen(rows[i].body)) !=
		    rows[i].result)
			fail_msg("%s", rows[i].body);
		form_release(&f);
	}
}

static void other_encodings_become_utf_8(void **state)
{
#define URLENCODED "application/x-www-form-urlencoded"
	static const struct {
		const char *label;
		const char *type;
		const char *body;
		const char *name;
		bool guessed;
	} rows[] = {
		{ "UTF-8", URLENCODED, "name=Zo%C3%A9", "Zoé", false },
		{ "the header says it", URLENCODED "; charset=windows-1252",
		  "name=Zo%E9", "Zoé", false },
		{ "quoted, and Latin 1 is windows-1252", URLENCODED
		  ";charset=\"ISO-8859-1\"", "name=%80+Zo%E9", "€ Zoé", false },
		{ "the field says it", URLENCODED,
		  "name=%C7%EE%FF&_charset_=windows-1251", "Зоя", false },
		{ "the field goes first", URLENCODED "; charset=utf-8",
		  "_charset_=ISO-8859-2&name=%A3ukasz", "Łukasz", false },
		{ "more than one byte a letter", URLENCODED,
		  "_charset_=Shift_JIS&name=%8DL%94%5C", "広能", false },
		{ "nobody says it", URLENCODED, "name=Zo%E9", "Zoé", true },
		{ "raw bytes", URLENCODED, "name=Zo\xe9", "Zoé", true },
		{ "what is said is not true", URLENCODED "; charset=utf-8",
		  "name=Zo%E9", "Zoé", true },
		{ "no such encoding", URLENCODED "; charset=utf-7",
		  "name=Zo%E9", "Zoé", true },
		{ "a byte without a meaning", URLENCODED
		  "; charset=windows-1252", "name=Zo%81", "Zo\xef\xbf\xbd",
		  true },
		{ "a letter that ends too early", URLENCODED
		  "; charset=euc-jp", "name=Zo%B0", "Zo\xef\xbf\xbd", true },
		{ "a letter that the encoding lacks", URLENCODED
		  "; charset=windows-1252", "name=%26%23321%3Bukasz", "Łukasz",
		  false },
		{ "the same, and nobody says it", URLENCODED,
		  "name=%26%23321%3Bukasz+%26%23128512%3B", "Łukasz 😀", false },
		{ "who says UTF-8 means what stands there", URLENCODED,
		  "name=%26%23321%3B&_charset_=UTF-8", "&#321;", false },
		{ "not a letter", URLENCODED "; charset=windows-1252",
		  "name=%26%2360%3B%26%2355296%3B%26%239999999%3B%26%23%3B%26amp;",
		  "&#60;&#55296;&#9999999;&#;&amp;", false },
		{ "multipart", "multipart/form-data; boundary=b",
		  "--b\r\nContent-Disposition: form-data; name=\"_charset_\"\r\n"
		  "\r\nwindows-1252\r\n--b\r\nContent-Disposition: form-data; "
		  "name=\"name\"\r\n\r\nZo\xe9\r\n--b--\r\n", "Zoé", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct form f = { .count = 0 };

		print_message("%s\n", rows[i].label);
		assert_int_equal(form_read_posted(&f, rows[i].type,
						  rows[i].body,
						  strlen(rows[i].body)),
				 FORM_READ);
		assert_int_equal(f.count, 1);
		assert_string_equal(f.fields[0].name, "name");
		assert_string_equal(f.fields[0].value, rows[i].name);
		assert_int_equal(f.guessed, rows[i].guessed);
		form_release(&f);
		assert_false(f.guessed);
	}
}

static void no_encoding_hides_a_nul(void **state)
{
	static const char body[] = "name=Zo%00&_charset_=windows-1252";
	struct form f = { .count = 0 };

	(void)state;
	assert_int_equal(form_read_posted(&f, URLENCODED, body, strlen(body)),
			 FORM_BROKEN);
	assert_int_equal(f.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_member_that_is_there_twice_is_a_repeated_field),
		cmocka_unit_test(half_a_surrogate_pair_is_no_text),
		cmocka_unit_test(the_media_type_is_read_without_its_parameters),
		cmocka_unit_test(urlencoded_fields_are_decoded),
		cmocka_unit_test(a_broken_urlencoded_body_is_refused_whole),
		cmocka_unit_test(the_64th_field_is_read_and_the_65th_refused),
		cmocka_unit_test(a_repeated_field_is_told_from_a_single_one),
		cmocka_unit_test(multipart_fields_are_read),
		cmocka_unit_test(a_file_part_is_told_from_a_field),
		cmocka_unit_test(a_broken_multipart_body_is_refused),
		cmocka_unit_test(a_json_object_is_read_as_fields),
		cmocka_unit_test(a_broken_json_body_is_refused),
		cmocka_unit_test(a_number_is_no_text),
		cmocka_unit_test(other_encodings_become_utf_8),
		cmocka_unit_test(no_encoding_hides_a_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
