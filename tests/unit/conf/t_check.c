/* SPDX-License-Identifier: MIT */
/* Tests which hosts are this one: TLS may be left out for no other. */
#include "config.h"

#include "conf/check.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void only_loopback_is_this_host(void **state)
{
	static const struct {
		const char *host;
		bool is;
	} cases[] = {
		{ "localhost", true },		{ "LocalHost", true },
		{ "127.0.0.1", true },		{ "127.255.255.254", true },
		{ "::1", true },		{ "0:0:0:0:0:0:0:1", true },
		{ "::ffff:127.0.0.1", true },

		{ "", false },			{ "128.0.0.1", false },
		{ "localhost.example", false },	{ "127.0.0.1.example", false },
		{ "0.0.0.0", false },		{ "::", false },
		{ "::ffff:10.0.0.1", false },	{ "fe80::1", false },
		/* What a name server says of such a name is nobody's promise. */
		{ "127.1", false },		{ "mail", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
		if (conf_is_this_host(cases[i].host) != cases[i].is)
			fail_msg("%s: not %d", cases[i].host, cases[i].is);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_loopback_is_this_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
