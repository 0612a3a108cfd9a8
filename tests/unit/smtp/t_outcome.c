/* SPDX-License-Identifier: MIT */
/* Tests the verdicts, row by row of the table measured with libesmtp. */
#include "config.h"

#include "smtp/outcome.h"

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
	{ "accepted", { 250, 250, 250, 1, 1, 0, 0, "", "", 0 }, OUTCOME_SENT,
	  "dot" },
	{ "never reached", { 0, 0, 0, 0, 0, 0, 0, "", NULL, 0 }, OUTCOME_RELAY,
	  "connect" },
	{ "no way to log in", { 0, 0, 0, 0, 0, 0, 1, "", "AUTH", 0 }, OUTCOME_US,
	  "AUTH" },
	{ "log-in refused", { 0, 0, 0, 0, 0, 0, 0, "535 5.7.8 wrong", "AUTH", 0 },
	  OUTCOME_US, "AUTH" },
	{ "mechanism unknown", { 0, 0, 0, 0, 0, 0, 0, "504 5.5.4 no", "AUTH", 0 },
	  OUTCOME_US, "AUTH" },
	{ "greeting refused", { 0, 0, 0, 0, 0, 0, 0, "421 4.3.2 busy",
	  "greeting", 0 }, OUTCOME_RELAY, "greeting" },
	{ "no recipient before there is one", { 0, 0, 0, 0, 0, 0, 0,
	  "451 4.7.1 greylisted", "greeting", 0 }, OUTCOME_RELAY, "greeting" },
	{ "MAIL refused for now", { 451, 0, 0, 0, 0, 0, 0, "451 4.3.0 later",
	  "", 0 }, OUTCOME_RELAY, "MAIL" },
	{ "421 to MAIL", { 421, 0, 0, 0, 0, 0, 0, "421 4.3.2 bye", "", 0 },
	  OUTCOME_RELAY, "MAIL" },
	{ "MAIL refused", { 550, 0, 0, 0, 0, 0, 0, "550 no", "", 0 }, OUTCOME_US,
	  "MAIL" },
	{ "not logged in", { 530, 0, 0, 0, 0, 0, 0, "530 5.7.0 log in", "", 0 },
	  OUTCOME_US, "MAIL" },
	{ "RCPT 450 with pipelined DATA", { 250, 450, 554, 0, 0, 0, 0,
	  "450 4.2.0 greylisted", "", 0 }, OUTCOME_RECIPIENT_LATER, "RCPT" },
	{ "RCPT 421", { 250, 421, 0, 0, 0, 0, 0, NULL, "", 0 }, OUTCOME_RELAY,
	  "RCPT" },
	{ "RCPT 550", { 250, 550, 554, 1, 0, 0, 0, "550 5.1.1 unknown", "", 0 },
	  OUTCOME_RECIPIENT, "RCPT" },
	{ "RCPT 550 before DATA 503", { 250, 550, 503, 1, 0, 0, 0,
	  "550 5.1.1 unknown", "", 0 }, OUTCOME_RECIPIENT, "RCPT" },
	{ "RCPT 550 with BDAT", { 250, 550, 503, 1, 1, 0, 0,
	  "550 5.1.1 unknown", "", 0 }, OUTCOME_RECIPIENT, "RCPT" },
	{ "RCPT 550 without words", { 250, 550, 503, 1, 0, 0, 0, NULL, "", 0 },
	  OUTCOME_RECIPIENT, "RCPT" },
	{ "end of data 554", { 250, 250, 554, 1, 1, 0, 0, "554 no", "", 0 },
	  OUTCOME_CONTENT, "dot" },
	{ "end of data 554 without words", { 250, 250, 554, 1, 1, 0, 0, "",
	  "", 0 }, OUTCOME_CONTENT, "dot" },
	{ "end of data 421", { 250, 250, 421, 0, 1, 0, 0, "421", "", 0 },
	  OUTCOME_RELAY, "dot" },
	{ "the second line tells", { 250, 250, 550, 1, 1, 0, 0,
	  "550 5.4.5 refused\nDaily sending quota exceeded", "", 0 },
	  OUTCOME_QUOTA, "dot" },
	{ "dropped between RCPT and 354", { 250, 250, 0, 0, 0, 0, 0, "", "", 0 },
	  OUTCOME_RELAY, "DATA" },
	{ "final 250 lost", { 250, 250, 0, 0, 1, 0, 0, "", "", 0 },
	  OUTCOME_UNCERTAIN, "dot" },
	{ "final reply timed out", { 250, 250, 354, 0, 1, 0, 0, "", "", 0 },
	  OUTCOME_UNCERTAIN, "dot" },
	{ "our gate refused", { 250, 250, 354, 0, 1, 1, 0, "", "", 0 },
	  OUTCOME_FENCED, "dot" },
	{ "a fact outweighs the gate", { 250, 250, 250, 1, 1, 1, 0, "", "", 0 },
	  OUTCOME_SENT, "dot" },
	{ "body broken off", { 250, 250, 354, 0, 0, 0, 0, "", "", 0 },
	  OUTCOME_RELAY, "DATA" },
	{ "bare 250", { 250, 250, 250, 0, 1, 0, 0, "", "", 0 },
	  OUTCOME_UNCERTAIN, "dot" },
	{ "reply stream shifted", { 250, 250, 250, 0, 0, 0, 0, "", "", 0 },
	  OUTCOME_RELAY, "DATA" },
};

static void each_row_of_the_table_gets_its_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		print_message("%s: %s\n", rows[i].label,
			      outcome_judge(&rows[i].signs).rule);
		assert_int_equal(outcome_judge(&rows[i].signs).outcome,
				 rows[i].expected);
		assert_string_equal(outcome_stage(&rows[i].signs),
				    rows[i].stage);
	}
}

static void a_guess_says_so(void **state)
{
	struct outcome_signs s = { .mail = 250, .rcpt = 550 };

	(void)state;
	assert_true(outcome_judge(&s).guessed);
	s.reply = "550 5.1.1 no such user";
	assert_false(outcome_judge(&s).guessed);
	assert_true(outcome_judge(&s).rule[0] != '\0');
	s = (struct outcome_signs){ .mail = 0 };
	assert_string_equal(outcome_judge(&s).rule, "");
}

static void a_recipient_named_after_a_reason_is_only_unknown(void **state)
{
	struct outcome_signs s = {
		.mail = 250, .rcpt = 550,
		.reply = "550 Unknown user: blacklisted",
		.recipient = "blacklisted@example.org",
	};

	(void)state;
	assert_int_equal(outcome_judge(&s).outcome, OUTCOME_RECIPIENT);
}

static void each_outcome_has_a_word_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < OUTCOME_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(
				outcome_name((enum outcome)i),
				outcome_name((enum outcome)j));
	assert_string_equal(outcome_name(OUTCOME_TOO_FAST), "too-fast");
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

		if (outcome_judge(&s).outcome != OUTCOME_SENT)
			continue;
		assert_true(s.complete && s.eof);
		assert_int_equal(s.message, 250);
	}
}

static void the_deciding_code_is_that_of_the_stage(void **state)
{
	struct outcome_signs s = { .mail = 250, .rcpt = 550, .message = 554 };

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
		cmocka_unit_test(a_guess_says_so),
		cmocka_unit_test(
			a_recipient_named_after_a_reason_is_only_unknown),
		cmocka_unit_test(each_outcome_has_a_word_of_its_own),
		cmocka_unit_test(the_deciding_code_is_that_of_the_stage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
