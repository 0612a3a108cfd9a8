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
		{ "\t=1", "\"'\t=1\"" },
		{ "\r=1", "\"'\r=1\"" },
		{ " \t=1", "\"' \t=1\"" },
		{ "＝1+1", "\"'＝1+1\"" },
		{ " ＠SUM(A1)", "\"' ＠SUM(A1)\"" },
		{ "1=1", "\"1=1\"" },
		{ "zoe@example.org", "\"zoe@example.org\"" },
		{ "   ", "\"   \"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct buf line = BUF_INIT;

		csv_add(&line, rows[i].text);
		assert_string_equal(line.data, rows[i].field);
		buf_release(&line);
	}
}

static void fields_stand_between_commas_and_lines_end_in_crlf(void **state)
{
	struct buf line = BUF_INIT;

	(void)state;
	csv_add(&line, "a");
	csv_add(&line, "");
	csv_add(&line, "b");
	csv_end(&line);
	assert_string_equal(line.data, "\"a\",\"\",\"b\"\r\n");
	buf_release(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_quoted_and_no_field_is_a_formula),
		cmocka_unit_test(
			fields_stand_between_commas_and_lines_end_in_crlf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
