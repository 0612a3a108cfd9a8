/* SPDX-License-Identifier: MIT */
/* Lists of a database's hosts. */
#include "config.h"

#include "db/hosts.h"

#include "base/compiler.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#define PORT 3306
#define MANY "a,a,a,a,a,a,a,a,a"
#define LONG "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void lists_are_read_or_refused(void **state)
{
	static const struct {
		const char *text;
		const char *expected;	/* NULL = refused */
	} rows[] = {
		{ "127.0.0.1", "127.0.0.1 3306;" },
		{ "db1.example.org", "db1.example.org 3306;" },
		{ "db1:3307", "db1 3307;" },
		{ "db1, db2:3307 ,db3", "db1 3306;db2 3307;db3 3306;" },
		{ "::1", "::1 3306;" },
		{ "[::1]", "::1 3306;" },
		{ "[fe80::2]:3308,db2", "fe80::2 3308;db2 3306;" },
		{ MANY, "a 3306;a 3306;a 3306;a 3306;a 3306;a 3306;a 3306;"
		  "a 3306;a 3306;" },
		{ MANY ",a", NULL },
		{ "", NULL },
		{ "db1,", NULL },
		{ ",db1", NULL },
		{ "db1,,db2", NULL },
		{ "two words", NULL },
		{ "db1:", NULL },
		{ "db1:0", NULL },
		{ "db1:65536", NULL },
		{ "db1:x", NULL },
		{ ":3306", NULL },
		{ "[]:3306", NULL },
		{ "[::1", NULL },
		{ "[::1]3306", NULL },
		{ "[::1]x:3306", NULL },
		{ "a/b", NULL },
		{ "a\tb", NULL },
		{ LONG LONG LONG LONG, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char text[1024] = "";
		struct dbhosts hosts;

		if (!dbhosts_read(rows[i].text, PORT, &hosts)) {
			if (rows[i].expected)
				fail_msg("\"%s\": refused", rows[i].text);
			continue;
		}
		for (size_t n = 0; n < hosts.count; n++) {
			size_t len = strlen(text);

			(void)snprintf(text + len, sizeof(text) - len,
				       "%s %u;", hosts.list[n].name,
				       hosts.list[n].port);
		}
		if (!rows[i].expected || strcmp(text, rows[i].expected) != 0)
			fail_msg("\"%s\": %s", rows[i].text, text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
