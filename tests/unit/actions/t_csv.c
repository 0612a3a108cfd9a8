/* SPDX-License-Identifier: MIT */
/* Fields that spreadsheets take for texts. */
#include "config.h"

#include "actions/export.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

static void every_field_is_quoted_and_no_field_is_a_formula(void **state)
{
	static const struct {
		const char *text;
		const char *field;
	} rows[] = {
		{ "", "\"\"" },
		{ "Zoé", "\"Zoé\"" },
		{ "a,b", "\"a,b\"" },
		{ "a\nb", "\"a\nb\"" },
		{ "say \"hi\"", "\"say \"\"hi\"\"\"" },
		{ "=1+1", "\"'=1+1\"" },
		{ "+33 1", "\"'+33 1\"" },
		{ "-1", "\"'-1\"" },
		{ "@SUM(A1)", "\"'@SUM(A1)\"" },
		{ "  =1", "\"'  =1\"" },
		{ "\t=1", "\"'\t'=1\"" },
		{ "\r=1", "\"'\r'=1\"" },
		{ " \t=1", "\"' \t'=1\"" },
		{ "＝1+1", "\"'＝1+1\"" },
		{ " ＠SUM(A1)", "\"' ＠SUM(A1)\"" },
		{ "1=1", "\"1=1\"" },
		{ "zoe@example.org", "\"zoe@example.org\"" },
		{ "   ", "\"   \"" },
		/* A spreadsheet that takes other separators for its own. */
		{ "a;=1+1", "\"a;'=1+1\"" },
		{ "a; \t@x;b;-1", "\"a; \t'@x;b;'-1\"" },
		{ "a\t+1", "\"a\t'+1\"" },
		{ "a\n=1", "\"a\n'=1\"" },
		{ "a\r\n ＝1", "\"a\r\n '＝1\"" },
		{ "a,=1", "\"a,=1\"" },
		{ "a;b", "\"a;b\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct buf line = BUF_INIT;

		csv_add(&line, ',', rows[i].text);
		assert_string_equal(line.data, rows[i].field);
		buf_release(&line);
	}
}

static void a_comma_is_a_separator_where_semicolons_are_ours(void **state)
{
	struct buf line = BUF_INIT;

	(void)state;
	csv_add(&line, ';', "a,=1;=2");
	assert_string_equal(line.data, "\"a,'=1;=2\"");
	buf_release(&line);
}

static void fields_stand_between_separators_and_lines_end_in_crlf(void **state)
{
	struct buf line = BUF_INIT;

	(void)state;
	csv_add(&line, ';', "a");
	csv_add(&line, ';', "");
	csv_add(&line, ',', "b");
	csv_end(&line);
	assert_string_equal(line.data, "\"a\";\"\",\"b\"\r\n");
	buf_release(&line);
}

static void what_separates_columns_is_one_of_two_words(void **state)
{
	char separator = ',';

	(void)state;
	assert_true(csv_separator_read("semicolon", &separator));
	assert_int_equal(separator, ';');
	assert_true(csv_separator_read("comma", &separator));
	assert_int_equal(separator, ',');
	assert_false(csv_separator_read(";", &separator));
	assert_false(csv_separator_read("", &separator));
}

/* Programs read these: they must not change. */
static void a_file_for_programs_stays_as_it_is(void **state)
{
	const struct csv_style style = { .separator = ',' };
	const struct export_row row = {
		.ref = "RK7F3M2Q", .service = "visit", .zone = "UTC",
		.name = "Zoé", .email = "zoe@example.org", .locale = "fr",
		.notes = "", .starts_at_ms = 1764768600000,
		.ends_at_ms = 1764770400000, .created_at_ms = 1764000000000,
		.seats = 2, .state = EXPORT_CANCELLED, .answers = "",
	};
	struct buf out = BUF_INIT;

	(void)state;
	export_csv_head(&style, &out);
	export_csv_row(&row, &style, &out);
	assert_string_equal(out.data,
		"\"reference\",\"service\",\"starts_at\",\"ends_at\","
		"\"time_zone\",\"seats\",\"state\",\"name\",\"email\","
		"\"language\",\"notes\",\"created_at\"\r\n"
		"\"RK7F3M2Q\",\"visit\",\"2025-12-03T13:30:00+00:00\","
		"\"2025-12-03T14:00:00+00:00\",\"UTC\",\"2\",\"cancelled\","
		"\"Zoé\",\"zoe@example.org\",\"fr\",\"\","
		"\"2025-11-24T16:00:00+00:00\"\r\n");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_quoted_and_no_field_is_a_formula),
		cmocka_unit_test(
			a_comma_is_a_separator_where_semicolons_are_ours),
		cmocka_unit_test(
			fields_stand_between_separators_and_lines_end_in_crlf),
		cmocka_unit_test(what_separates_columns_is_one_of_two_words),
		cmocka_unit_test(a_file_for_programs_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
