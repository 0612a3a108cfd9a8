/* SPDX-License-Identifier: MIT */
/* When a connection to the database must use TLS. */
#include "config.h"

#include "db/tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

static void another_host_needs_it_unless_told_otherwise(void **state)
{
	static const struct {
		const char *mode;
		const char *host;
		bool wanted;
	} rows[] = {
		{ "auto", "db.example.org", true },
		{ "auto", "10.0.0.20", true },
		{ "auto", "2001:db8::1", true },
		{ "auto", "127.0.0.1", false },
		{ "auto", "127.9.9.9", false },
		{ "auto", "::1", false },
		{ "auto", "localhost", false },
		{ "auto", "LOCALHOST", false },
		{ "auto", "localhost.example.org", true },
		{ "auto", "127.0.0.1.example.org", true },
		{ "required", "127.0.0.1", true },
		{ "off", "db.example.org", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct dbtls tls = { .mode = rows[i].mode };

		if (dbtls_is_wanted(&tls, rows[i].host) != rows[i].wanted)
			fail_msg("%s %s", rows[i].mode, rows[i].host);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_host_needs_it_unless_told_otherwise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
