/* SPDX-License-Identifier: MIT */
/* Hundreds of real answers of mail servers, with their meaning, from files. */
#include "config.h"

#include "smtpreply/answer.h"

#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

enum column {
	ID, STAGE, CODE, ENHANCED, TEXT, PROGRAM, VERDICT, SURE, SOURCE, ARGUED,
	COLUMNS
};

static enum answer_verdict verdict_of(const char *name)
{
	for (int i = 0; i < ANSWER_COUNT; i++)
		if (strcmp(answer_name((enum answer_verdict)i), name) == 0)
			return (enum answer_verdict)i;
	fail_msg("no verdict \"%s\"", name);
	return ANSWER_RELAY;
}

/* A row whose verdict is only likely may be judged otherwise if the column
 * ARGUED says so and why: "us: ...". */
static bool is_argued(const char *const column[COLUMNS],
		      enum answer_verdict verdict)
{
	const char *name = answer_name(verdict);
	size_t len = strlen(name);

	return strcmp(column[SURE], "likely") == 0 &&
	       strncmp(column[ARGUED], name, len) == 0 &&
	       column[ARGUED][len] == ':' && strlen(column[ARGUED]) > len + 20;
}

static int row_check(const char *const column[COLUMNS], const char *stage)
{
	char *reply = alloc_printf("%s %s%s%s", column[CODE], column[ENHANCED],
				   *column[ENHANCED] ? " " : "",
				   column[TEXT]);
	struct answer a = answer_judge(stage, reply, NULL);
	bool good = a.verdict == verdict_of(column[VERDICT]) ||
		    is_argued(column, a.verdict);

	if (!good)
		print_error("%s at %s is not %s, but %s by %s: %s\n",
			    column[ID], stage, column[VERDICT],
			    answer_name(a.verdict), a.rule, reply);
	free(reply);
	return good ? 0 : 1;
}

/* At each of the stages that it names, and at all of them. */
static int line_check(char *line)
{
	const char *column[COLUMNS] = { 0 };
	int wrong;
	char *stages;
	char *rest;

	for (int i = 0; i < COLUMNS; i++) {
		column[i] = line ? strsep(&line, "\t") : "";
		assert_true(*column[i] || i == ENHANCED || i == ARGUED);
	}
	wrong = row_check(column, column[STAGE]);
	rest = stages = alloc_text(column[STAGE]);
	for (char *one; (one = strsep(&rest, "/")) != NULL;)
		wrong += row_check(column, one);
	free(stages);
	return wrong;
}

static void file_check(const char *name, int least)
{
	char *path = alloc_printf(TEST_SRCDIR "/tests/unit/smtpreply/%s", name);
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	int count = 0;
	int wrong = 0;

	assert_non_null(file);
	assert_true(getline(&line, &size, file) > 0);	/* the titles */
	for (; getline(&line, &size, file) > 0; count++) {
		line[strcspn(line, "\n")] = '\0';
		wrong += line_check(line);
	}
	free(line);
	assert_int_equal(fclose(file), 0);
	free(path);
	assert_int_equal(wrong, 0);
	assert_true(count >= least);
}

static void real_answers_are_judged_by_what_they_say(void **state)
{
	(void)state;
	file_check("answers.tsv", 260);
}

static void answers_of_other_servers_are_judged_as_well(void **state)
{
	(void)state;
	file_check("answers-more.tsv", 675);
}

static void answers_that_fresh_eyes_found_are_judged_as_well(void **state)
{
	(void)state;
	file_check("answers-third.tsv", 228);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_answers_are_judged_by_what_they_say),
		cmocka_unit_test(answers_of_other_servers_are_judged_as_well),
		cmocka_unit_test(
			answers_that_fresh_eyes_found_are_judged_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
