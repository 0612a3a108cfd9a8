/* SPDX-License-Identifier: MIT */
/* Tests a program of commands: what it runs, refuses and tells. */
#include "config.h"

#include "cli/cli.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h>

struct ctl {
	const struct cli_call *call;
};

/* What the last command was given. */
static char seen[256];
static char said[4096];		/* on both outputs */

static int echo(struct ctl *ctl, struct fault *why)
{
	const struct cli_call *call = ctl->call;
	const char *kind = cli_text(call, "kind");
	const char *first = call->given_count > 0 ? call->given[0].text : NULL;

	(void)why;
	(void)snprintf(seen, sizeof(seen), "%s kind=%s first=%s%s words=%d %s",
		       call->command->name, kind ? kind : "",
		       first ? first : "",
		       cli_flag(call, "json") ? " json" : "", call->word_count,
		       call->words[0] ? call->words[0] : "");
	return 0;
}

static int complain(struct ctl *ctl, struct fault *why)
{
	if (!cli_flag(ctl->call, "silently"))
		(void)fault_set(why, FAULT_REJECT, "there is no such thing");
	return cli_flag(ctl->call, "silently") ? EX_USAGE : CLI_BY_FAULT;
}

static const struct cli_command commands[] = {
	{ "list", "[-k | --kind KIND] [-l | --long]", "tell all", 0, echo },
	{ "show", "ID", "tell of one", 0, echo },
	{ "slots add", "--kind KIND ... [NAME ...]", "add some", 0, echo },
	{ "slots close", "ID", "close one", 0, echo },
	{ "fail", "[--silently]", "do not", 0, complain },
	{ "find", "ID", "look for one", 0, echo },
	{ "find", "--kind KIND", "look for some", 0, echo },
	{ "find", "[--name NAME]", NULL, 0, echo },
	{ "slot-add", "slots add", NULL, 0, NULL },
};

static int run(const struct cli_call *call, struct fault *why)
{
	struct ctl ctl = { .call = call };

	return call->command->run(&ctl, why);
}

static int ended(const struct cli_call *call, int status,
		 const struct fault *why)
{
	return cli_flag(call, "json") && *why->text ? 3 : status;
}

static struct cli program(void)
{
	return (struct cli){
		.name = "prog", .conf_path = "/etc/prog.conf",
		.common = "[--json]", .commands = commands,
		.command_count = ARRAY_COUNT(commands), .run = run,
	};
}

/* Runs it with the words of line; both outputs go into said. */
static int type_to(const struct cli *cli, const char *line)
{
	char words[256];
	char *argv[16] = { (char[]){ "prog" } };
	int argc = 1;
	FILE *file = tmpfile();
	int kept[2] = { dup(STDOUT_FILENO), dup(STDERR_FILENO) };
	char *rest;
	int status;
	size_t len;

	assert_non_null(file);
	(void)snprintf(words, sizeof(words), "%s", line);
	for (char *w = strtok_r(words, " ", &rest); w;
	     w = strtok_r(NULL, " ", &rest))
		argv[argc++] = w;
	seen[0] = '\0';
	(void)fflush(NULL);
	(void)dup2(fileno(file), STDOUT_FILENO);
	(void)dup2(fileno(file), STDERR_FILENO);
	status = cli_main(cli, argc, argv);
	(void)fflush(NULL);
	(void)dup2(kept[0], STDOUT_FILENO);
	(void)dup2(kept[1], STDERR_FILENO);
	(void)close(kept[0]);
	(void)close(kept[1]);
	rewind(file);
	len = fread(said, 1, sizeof(said) - 1, file);
	said[len] = '\0';
	(void)fclose(file);
	return status;
}

static int type(const char *line)
{
	const struct cli cli = program();

	return type_to(&cli, line);
}

static void a_command_gets_its_words(void **state)
{
	static const struct {
		const char *line;
		const char *seen;
	} rows[] = {
		{ "list", "list kind= first= words=0 " },
		{ "-c /x list --kind a --json",
		  "list kind=a first=a json words=0 " },
		{ "list --ki=a -l", "list kind=a first=a words=0 " },
		{ "list --kind a --kind b", "list kind=b first=a words=0 " },
		{ "show x --json", "show kind= first=yes json words=1 x" },
		{ "show -- --x", "show kind= first= words=1 --x" },
		{ "list -lka", "list kind=a first=yes words=0 " },
		{ "list -lll", "list kind= first=yes words=0 " },
		{ "find x --name hidden", "find kind= first=hidden words=1 x" },
		{ "find --kind a", "find kind=a first=a words=0 " },
		{ "slots add a --kind x b",
		  "slots add kind=x first=x words=2 a" },
		{ "slot-add --kind x", "slots add kind=x first=x words=0 " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		assert_int_equal(type(rows[i].line), 0);
		assert_string_equal(seen, rows[i].seen);
		assert_string_equal(said, "");
	}
}

static void a_wrong_line_is_refused(void **state)
{
	static const struct {
		const char *line;
		const char *said;
	} rows[] = {
		{ "", "usage: prog [-c FILE] COMMAND [--json] ...\n" },
		{ "--frob", "usage: prog [-c FILE] COMMAND" },
		{ "lits", "no command \"lits\"; did you mean \"list\"?\n" },
		{ "sho", "no command \"sho\"; did you mean \"show\"?\n" },
		{ "frobnicate", "no command \"frobnicate\"; prog -h lists" },
		{ "slots lose", "usage: prog [-c FILE] slots add [--json] "
		  "--kind KIND ..." },
		{ "slots lose", "did you mean \"slots close\"?\n" },
		{ "slots", "       prog [-c FILE] slots close [--json] ID\n" },
		{ "show", "prog: show needs ID\n"
		  "usage: prog [-c FILE] show [--json] ID\n" },
		{ "show a b", "unexpected \"b\"" },
		{ "slots add", "slots add needs --kind\n" },
		{ "list --all", "list has no option --all\n" },
		{ "list --knd=a",
		  "has no option --knd; did you mean --kind?\n" },
		{ "list -x", "list has no option -x\n" },
		{ "list --kind", "--kind needs something behind it\n" },
		{ "list --long=5", "--long takes no value\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		assert_int_equal(type(rows[i].line), EX_USAGE);
		assert_non_null(strstr(said, rows[i].said));
		assert_string_equal(seen, "");
	}
}

static void a_strict_program_takes_an_option_once(void **state)
{
	struct cli cli = program();

	(void)state;
	cli.is_strict = true;
	assert_int_equal(type_to(&cli, "list --kind a --kind b"), EX_USAGE);
	assert_non_null(strstr(said, "--kind is given twice"));
	assert_int_equal(type_to(&cli, "list --json --json"), 0);
	assert_int_equal(type_to(&cli, "slots add --kind a --kind b"), 0);
	assert_string_equal(seen, "slots add kind=b first=a words=0 ");
}

static void help_is_told_of_all_and_of_one(void **state)
{
	(void)state;
	assert_int_equal(type("-h"), EX_OK);
	assert_non_null(strstr(said, "\n  slots add --kind KIND ... "
			       "[NAME ...]\n\tadd some\n"));
	assert_null(strstr(said, "slot-add"));
	assert_int_equal(type("--help"), EX_OK);
	assert_int_equal(type("show -h"), EX_OK);
	assert_string_equal(said, "usage: prog [-c FILE] show [--json] ID\n"
			    "\ttell of one\n");
	assert_int_equal(type("slots add --help"), EX_OK);
	assert_int_equal(type("find -h"), EX_OK);
	assert_string_equal(said, "usage: prog [-c FILE] find [--json] ID\n"
			    "\tlook for one\n"
			    "       prog [-c FILE] find [--json] --kind KIND\n"
			    "\tlook for some\n");
	assert_int_equal(type("slots -h"), EX_OK);
	assert_non_null(strstr(said, "slots close [--json] ID\n"));
}

static void a_fault_decides_the_status(void **state)
{
	struct cli cli = program();

	(void)state;
	assert_int_equal(type("fail"), EX_DATAERR);
	assert_string_equal(said, "prog: there is no such thing\n");
	assert_int_equal(type("fail --silently"), EX_USAGE);
	assert_string_equal(said, "usage: prog [-c FILE] fail [--json] "
			    "[--silently]\n");
	cli.ended = ended;
	assert_int_equal(type_to(&cli, "fail --json"), 3);
	assert_string_equal(said, "");
	assert_int_equal(type_to(&cli, "fail"), EX_DATAERR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_gets_its_words),
		cmocka_unit_test(a_wrong_line_is_refused),
		cmocka_unit_test(a_strict_program_takes_an_option_once),
		cmocka_unit_test(help_is_told_of_all_and_of_one),
		cmocka_unit_test(a_fault_decides_the_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
