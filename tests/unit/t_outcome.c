/* SPDX-License-Identifier: MIT */
/* Tests the verdicts, row by row of the table measured with libesmtp. */
#include "config.h"

#include "outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct row {
	const char *label;
	struct outcome_signs signs;	/* mail rcpt message complete eof */
	enum outcome expected;
	const char *stage;
};

static const struct row rows[] = {
	{ "accepted", { 250, 250, 250, 1, 1, 0, 0 }, OUTCOME_SENT, "dot" },
	{ "never reached", { 0, 0, 0, 0, 0, 0, 0 }, OUTCOME_SITE, "connect" },
	{ "AUTH refused", { 0, 0, 0, 0, 0, 0, 1 }, OUTCOME_CONFIG,
	  "connect" },
	{ "MAIL refused for now", { 451, 0, 0, 0, 0, 0, 0 }, OUTCOME_SITE,
	  "MAIL" },
	{ "421 to MAIL", { 421, 0, 0, 0, 0, 0, 0 }, OUTCOME_SITE, "MAIL" },
	{ "MAIL refused", { 550, 0, 0, 0, 0, 0, 0 }, OUTCOME_CONFIG, "MAIL" },
	{ "not logged in", { 530, 0, 0, 0, 0, 0, 0 }, OUTCOME_CONFIG, "MAIL" },
	{ "RCPT 450 with pipelined DATA", { 250, 450, 554, 0, 0, 0, 0 },
	  OUTCOME_TEMPORARY, "RCPT" },
	{ "RCPT 421", { 250, 421, 0, 0, 0, 0, 0 }, OUTCOME_SITE, "RCPT" },
	{ "RCPT 550", { 250, 550, 554, 1, 0, 0, 0 }, OUTCOME_PERMANENT, "RCPT" },
	{ "RCPT 550 before DATA 503", { 250, 550, 503, 1, 0, 0, 0 },
	  OUTCOME_PERMANENT, "RCPT" },
	{ "RCPT 550 with BDAT", { 250, 550, 503, 1, 1, 0, 0 },
	  OUTCOME_PERMANENT, "RCPT" },
	{ "end of data 451", { 250, 250, 451, 0, 1, 0, 0 }, OUTCOME_TEMPORARY,
	  "dot" },
	{ "end of data 554", { 250, 250, 554, 1, 1, 0, 0 }, OUTCOME_PERMANENT,
	  "dot" },
	{ "end of data 421", { 250, 250, 421, 0, 1, 0, 0 }, OUTCOME_SITE, "dot" },
	{ "dropped between RCPT and 354", { 250, 250, 0, 0, 0, 0, 0 },
	  OUTCOME_SITE, "DATA" },
	{ "final 250 lost", { 250, 250, 0, 0, 1, 0, 0 }, OUTCOME_UNCERTAIN,
	  "dot" },
	{ "final reply timed out", { 250, 250, 354, 0, 1, 0, 0 },
	  OUTCOME_UNCERTAIN, "dot" },
	{ "our gate refused", { 250, 250, 354, 0, 1, 1, 0 }, OUTCOME_FENCED,
	  "dot" },
	{ "a fact outweighs the gate", { 250, 250, 250, 1, 1, 1, 0 },
	  OUTCOME_SENT, "dot" },
	{ "body broken off", { 250, 250, 354, 0, 0, 0, 0 }, OUTCOME_SITE,
	  "DATA" },
	{ "bare 250", { 250, 250, 250, 0, 1, 0, 0 }, OUTCOME_UNCERTAIN, "dot" },
	{ "reply stream shifted", { 250, 250, 250, 0, 0, 0, 0 }, OUTCOME_SITE,
	  "DATA" },
};

static void each_row_of_the_table_gets_its_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		print_message("%s\n", rows[i].label);
		assert_int_equal(outcome_classify(&rows[i].signs),
				 rows[i].expected);
		assert_string_equal(outcome_stage(&rows[i].signs),
				    rows[i].stage);
	}
}

static void only_a_complete_250_after_the_whole_body_is_sent(void **state)
{
	static const int codes[] = { 0, 250, 354, 421, 450, 530, 550 };
	const size_t n = ARRAY_COUNT(codes);

	(void)state;
	for (size_t i = 0; i < n * n * n * 4; i++) {
		struct outcome_signs s = {
			.mail = codes[i % n], .rcpt = codes[i / n % n],
			.message = codes[i / n / n % n],
			.complete = i / n / n / n % 2,
			.eof = i / n / n / n / 2,
		};

		if (outcome_classify(&s) != OUTCOME_SENT)
			continue;
		assert_true(s.complete && s.eof);
		assert_int_equal(s.message, 250);
	}
}

static void the_deciding_code_is_that_of_the_stage(void **state)
{
	struct outcome_signs s = { 250, 550, 554, 1, 0, 0, 0 };

	(void)state;
	assert_int_equal(outcome_code(&s), 550);
	s.rcpt = 250;
	assert_int_equal(outcome_code(&s), 554);
	s.mail = 451;
	assert_int_equal(outcome_code(&s), 451);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_of_the_table_gets_its_verdict),
		cmocka_unit_test(
			only_a_complete_250_after_the_whole_body_is_sent),
		cmocka_unit_test(the_deciding_code_is_that_of_the_stage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
