/* SPDX-License-Identifier: MIT */
/* Tests how the way to call a command is read. */
#include "config.h"

#include "cli/synopsis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* "--name=", "-n" for flags, capitals required, "+" for repeated ones. */
static void assert_items(const char *text, bool is_only_way,
			 const char *expected)
{
	struct cli_synopsis s = { .count = 0 };
	char told[512] = "";

	cli_synopsis_add(&s, text, is_only_way);
	for (size_t i = 0; i < s.count; i++) {
		const struct cli_item *item = &s.items[i];
		char letter[] = { '/', item->letter, '\0' };
		char one[64];

		(void)snprintf(one, sizeof(one), "%s%s%s%s%s%s%s",
			       i ? " " : "", item->is_option ? "--" : "",
			       item->name, item->has_value ? "=" : "",
			       item->letter ? letter : "",
			       item->is_repeated ? "+" : "",
			       item->is_required ? "!" : "");
		strncat(told, one, sizeof(told) - strlen(told) - 1);
	}
	assert_string_equal(told, expected);
}

static void items_are_read(void **state)
{
	static const struct {
		const char *text;
		const char *items;
	} rows[] = {
		{ "", "" },
		{ "--service SLUG [--count N] [--json]",
		  "--service=! --count= --json" },
		{ "REFERENCE [--reason TEXT]", "REFERENCE! --reason=" },
		{ "[--check] FILE ...", "--check FILE+!" },
		{ "WHAT [REASON ...]", "WHAT! REASON+" },
		{ "[-l | --long] [--addresses]", "--long/l --addresses" },
		{ "NAME [-y | --yes]", "NAME! --yes/y" },
		{ "--mails yes|no --states dead,held", "--mails=! --states=!" },
		{ "REFERENCE | --address ADDRESS [--json]",
		  "REFERENCE --address= --json" },
		{ "--form KEY | --api NAME", "--form= --api=" },
		{ "ID ... | --all | [--kind KIND] [--since TIME]",
		  "ID+ --all --kind= --since=" },
		{ "--form NAME --origin ORIGIN ... [--return ADDRESS ...]",
		  "--form=! --origin=+! --return=+" },
		{ "[--check [--warn LIMITS] [--here]]",
		  "--check --warn= --here" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_items(rows[i].text, true, rows[i].items);
}

static void of_several_ways_nothing_is_required(void **state)
{
	(void)state;
	assert_items("ID --older-than LENGTH [--state dead|sent]", false,
		     "ID --older-than= --state=");
}

static void what_two_ways_name_is_one(void **state)
{
	struct cli_synopsis s = { .count = 0 };

	(void)state;
	cli_synopsis_add(&s, "ID [--json]", true);
	cli_synopsis_add(&s, "[--json]", true);
	cli_synopsis_add(&s, "[-h | --help] [--js]", true);
	assert_int_equal(s.count, 4);
	assert_true(s.items[0].is_required);
	assert_string_equal(s.items[2].name, "help");
	assert_int_equal(s.items[2].letter, 'h');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_read),
		cmocka_unit_test(of_several_ways_nothing_is_required),
		cmocka_unit_test(what_two_ways_name_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
