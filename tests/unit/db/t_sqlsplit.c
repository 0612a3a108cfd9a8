/* SPDX-License-Identifier: MIT */
/* Splitting SQL into statements. */
#include "config.h"

#include "db/sqlsplit.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#define STATEMENTS_MAX 4

static void files_fall_into_their_statements(void **state)
{
	static const struct {
		const char *label;
		const char *text;
		const char *statements[STATEMENTS_MAX];
	} rows[] = {
		{ "empty", "", { NULL } },
		{ "blanks", " \n\t;;\n", { NULL } },
		{ "two", "A; B;", { "A", "B" } },
		{ "no last semicolon", "A;\nB\n", { "A", "B" } },
		{ "quoted", "A ';' \";\" `;`; B", { "A ';' \";\" `;`", "B" } },
		{ "doubled quote", "A 'it''s;'; B", { "A 'it''s;'", "B" } },
		{ "escaped quote", "A 'it\\';'; B", { "A 'it\\';'", "B" } },
		{ "comment first", "-- x; y\nA;", { "A" } },
		{ "comment inside", "A -- ; '\nB;", { "A -- ; '\nB" } },
		{ "hash", "# it's; so\nA;", { "A" } },
		{ "block", "/* ; ' */ A /* ; */ B;", { "A /* ; */ B" } },
		{ "minus minus", "A 1--1; B", { "A 1--1", "B" } },
		{ "comment at the end", "A;\n-- done", { "A" } },
		{ "open quote", "A 'x; B", { "A 'x; B" } },
		{ "open block", "A; /* B;", { "A" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const char *at = rows[i].text;
		const char *start;
		size_t len;
		size_t n = 0;

		while (sqlsplit_next(&at, &start, &len)) {
			const char *expected = rows[i].statements[n];

			if (!expected || len != strlen(expected) ||
			    memcmp(start, expected, len) != 0)
				fail_msg("%s: \"%.*s\"", rows[i].label,
					 (int)len, start);
			n++;
		}
		if (rows[i].statements[n])
			fail_msg("%s: only %zu", rows[i].label, n);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_fall_into_their_statements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
