/* SPDX-License-Identifier: MIT */
/* Tests a relay's storm guard, and what its alerts say. */
#include "config.h"

#include "policy/advice.h"
#include "policy/storm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MINUTE 60000LL

/* What one mail of a test is: its number, and its domain's. */
static struct storm_mail mail_of(int job, int domain, int64_t now_ms)
{
	static char jobs[4][16], domains[4][32];
	static int turn;
	int i = turn++ % 4;

	(void)snprintf(jobs[i], sizeof(jobs[i]), "job%d", job);
	(void)snprintf(domains[i], sizeof(domains[i]), "d%d.example", domain);
	return (struct storm_mail){ jobs[i], domains[i], now_ms };
}

static enum storm_verdict refuse(struct storm *s, enum storm_kind kind,
				 int job, int domain, int64_t now_ms)
{
	struct storm_mail mail = mail_of(job, domain, now_ms);

	return storm_refused(s, &mail, kind).verdict;
}

static bool accept(struct storm *s, int job, int domain, int64_t now_ms)
{
	struct storm_mail mail = mail_of(job, domain, now_ms);

	return storm_accepted(s, &mail);
}

static int calm(void **state)
{
	*state = calloc(1, sizeof(struct storm));
	return *state ? 0 : -1;
}

static int end(void **state)
{
	free(*state);
	return 0;
}

static void many_mailboxes_that_do_not_exist_are_no_storm(void **state)
{
	struct storm *s = *state;

	for (int i = 0; i < 1000; i++)
		assert_int_equal(refuse(s, STORM_SURE, i, i % 50, i),
				 STORM_BELIEVE);
	/* Nor do they cast doubt on others. */
	assert_int_equal(refuse(s, STORM_CONTENT, 2000, 1, 1), STORM_BELIEVE);
}

static void domains_without_any_mailbox_are_counted_for_people(void **state)
{
	struct storm *s = *state;
	struct storm_mail mail;

	for (int i = 0; i < 20; i++) {
		mail = mail_of(i, i / 2, i);
		assert_int_equal(storm_refused(s, &mail, STORM_SURE).domains,
				 i / 2 + 1);
	}
	(void)accept(s, 50, 50, 50);
	mail = mail_of(60, 60, 60);
	assert_int_equal(storm_refused(s, &mail, STORM_SURE).domains, 1);
}

static void a_guess_is_never_believed_by_time_alone(void **state)
{
	struct storm *s = *state;

	for (int64_t hour = 0; hour < 24 * 60; hour++)
		assert_int_equal(refuse(s, STORM_GUESS, 1, 1, hour * MINUTE),
				 STORM_WAIT);
}

static void a_guess_is_believed_at_the_third_time_when_others_pass(
	void **state)
{
	struct storm *s = *state;

	assert_int_equal(refuse(s, STORM_GUESS, 1, 1, 0), STORM_WAIT);
	(void)accept(s, 2, 2, 10);
	assert_int_equal(refuse(s, STORM_GUESS, 1, 1, MINUTE), STORM_WAIT);
	assert_int_equal(refuse(s, STORM_GUESS, 1, 1, 2 * MINUTE),
			 STORM_BELIEVE);
}

static void what_passed_before_the_first_refusal_proves_nothing(void **state)
{
	struct storm *s = *state;

	for (int i = 0; i < 5; i++)
		(void)accept(s, i, i, i);
	for (int i = 0; i < 50; i++)
		assert_int_equal(refuse(s, STORM_GUESS, 9, 9, i * MINUTE),
				 STORM_WAIT);
}

static void one_domain_is_no_storm_and_ends_when_others_pass(void **state)
{
	struct storm *s = *state;

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 60; i++)
			assert_int_equal(refuse(s, STORM_GUESS, i, 1,
						round * MINUTE),
					 round < 2 ? STORM_WAIT
						   : STORM_BELIEVE);
		(void)accept(s, 100, 2, round * MINUTE + 1);
	}
}

static void more_guesses_than_are_remembered_end_all_the_same(void **state)
{
	struct storm *s = *state;
	bool dead[2 * STORM_CASES] = { false };
	int left = 2 * STORM_CASES;

	for (int round = 0; round < 20 && left > 0; round++) {
		for (int i = 0; i < 2 * STORM_CASES; i++) {
			if (dead[i] || refuse(s, STORM_GUESS, i, 1,
					      round * MINUTE) != STORM_BELIEVE)
				continue;
			dead[i] = true;
			left--;
		}
		(void)accept(s, 9999, 2, round * MINUTE + 1);
	}
	assert_int_equal(left, 0);
}

static void three_domains_in_a_row_pause_the_relay(void **state)
{
	struct storm *s = *state;

	assert_int_equal(refuse(s, STORM_GUESS, 1, 1, 0), STORM_WAIT);
	assert_int_equal(refuse(s, STORM_GUESS, 2, 1, 0), STORM_WAIT);
	assert_int_equal(refuse(s, STORM_GUESS, 3, 2, 0), STORM_WAIT);
	assert_int_equal(refuse(s, STORM_GUESS, 4, 3, 0), STORM_PAUSE);
	(void)accept(s, 5, 4, 1);
	assert_int_equal(refuse(s, STORM_GUESS, 4, 3, 2), STORM_WAIT);
}

static void a_storm_buries_nothing_however_the_answers_change(void **state)
{
	static const enum storm_kind kinds[] = {
		STORM_RELAY, STORM_GUESS, STORM_GUESS, STORM_RELAY,
		STORM_GUESS,
	};
	struct storm *s = *state;

	for (int i = 0; i < 40 * 100; i++)
		assert_int_not_equal(refuse(s, kinds[i % 5], i % 40, i % 40,
					    i * MINUTE), STORM_BELIEVE);
}

static void another_sort_of_refusal_begins_to_count_anew(void **state)
{
	struct storm *s = *state;

	for (int i = 0; i < 5; i++)
		(void)refuse(s, STORM_RELAY, 1, 1, i);
	(void)accept(s, 2, 2, 6);
	assert_int_equal(refuse(s, STORM_GUESS, 1, 1, 7), STORM_WAIT);
	assert_int_equal(refuse(s, STORM_GUESS, 1, 1, 8), STORM_WAIT);
	assert_int_equal(refuse(s, STORM_GUESS, 1, 1, 9), STORM_WAIT);
}

static void the_third_mail_refused_for_its_content_waits(void **state)
{
	struct storm *s = *state;

	assert_int_equal(refuse(s, STORM_CONTENT, 1, 1, 0), STORM_BELIEVE);
	assert_int_equal(refuse(s, STORM_CONTENT, 2, 1, 0), STORM_WAIT);
	assert_int_equal(refuse(s, STORM_CONTENT, 2, 1, 1), STORM_BELIEVE);
	for (int i = 0; i < 20; i++)
		assert_int_equal(refuse(s, STORM_CONTENT, 3, 1, i),
				 STORM_WAIT);
	(void)accept(s, 4, 1, 30);
	assert_int_equal(refuse(s, STORM_CONTENT, 3, 1, 31), STORM_BELIEVE);
}

static void of_many_contents_refused_at_once_one_is_believed(void **state)
{
	struct storm *s = *state;

	assert_int_equal(refuse(s, STORM_CONTENT, 0, 1, 0), STORM_BELIEVE);
	for (int round = 0; round < 100; round++)
		for (int i = 1; i < 4; i++)
			assert_int_equal(refuse(s, STORM_CONTENT, i, 1,
						round), STORM_WAIT);
}

static void in_a_storm_content_is_doubted_at_once(void **state)
{
	struct storm *s = *state;

	(void)refuse(s, STORM_RELAY, 1, 1, 0);
	(void)refuse(s, STORM_RELAY, 2, 2, 0);
	assert_int_equal(refuse(s, STORM_CONTENT, 3, 3, 0), STORM_PAUSE);
}

static void one_domain_refused_for_our_sake_does_not_stop_others(void **state)
{
	struct storm *s = *state;

	assert_int_equal(refuse(s, STORM_RELAY, 1, 1, 0), STORM_PAUSE);
	assert_int_equal(refuse(s, STORM_RELAY, 1, 1, 1), STORM_PAUSE);
	(void)accept(s, 2, 2, 2);
	/* From now on it is only this domain. */
	assert_int_equal(refuse(s, STORM_RELAY, 1, 1, 3), STORM_WAIT);
	assert_int_equal(refuse(s, STORM_RELAY, 3, 1, 4), STORM_WAIT);
	(void)accept(s, 2, 2, 5);
	assert_int_equal(refuse(s, STORM_RELAY, 4, 1, 6), STORM_WAIT);
	/* It works again, and then it is something new. */
	(void)accept(s, 1, 1, 7);
	assert_int_equal(refuse(s, STORM_RELAY, 5, 1, 8), STORM_PAUSE);
}

static int64_t holds(const struct storm *s, int job, int domain,
		     int64_t now_ms, bool is_open)
{
	struct storm_mail mail = mail_of(job, domain, now_ms);

	return storm_holds(s, &mail, is_open);
}

static void a_refused_domain_waits_and_others_are_asked(void **state)
{
	struct storm *s = *state;
	struct storm_mail mail = mail_of(1, 1, 1000);

	(void)storm_refused(s, &mail, STORM_RELAY);
	storm_hold(s, &mail, 5000);
	assert_int_equal(holds(s, 2, 1, 1000, true), 5000);
	assert_int_equal(holds(s, 2, 1, 5999, false), 1);
	assert_int_equal(holds(s, 2, 1, 6000, true), 0);
	assert_int_equal(holds(s, 3, 2, 1000, true), 0);
	/* Redis's clock was set back by a day. */
	assert_int_equal(holds(s, 2, 1, 1000 - 1440 * MINUTE, true), 0);
}

static void a_guess_holds_its_domain_only_while_the_relay_is_doubted(
	void **state)
{
	struct storm *s = *state;
	struct storm_mail mail = mail_of(1, 1, 1000);

	(void)storm_refused(s, &mail, STORM_GUESS);
	storm_hold(s, &mail, 5000);
	assert_int_equal(holds(s, 2, 1, 1000, false), 0);
	assert_int_equal(holds(s, 2, 1, 1000, true), 5000);
	(void)accept(s, 9, 9, 1001);
	assert_int_equal(holds(s, 2, 1, 1002, true), 0);
}

static void one_alert_is_out_until_the_relay_takes_mails_again(void **state)
{
	struct storm *s = *state;

	(void)refuse(s, STORM_RELAY, 1, 1, 0);
	(void)refuse(s, STORM_RELAY, 2, 2, 0);
	assert_true(storm_tells(s, "relay-quota", MINUTE));
	/* Another worker, whose clock is a little behind. */
	assert_false(storm_tells(s, "relay-quota", MINUTE - 3));
	assert_false(storm_tells(s, "relay-quota", 1440 * MINUTE));
	assert_true(storm_tells(s, "relay-quota", 1441 * MINUTE));
	/* Another cause is told, but not at once. */
	assert_false(storm_tells(s, "relay-config", 1442 * MINUTE));
	assert_true(storm_tells(s, "relay-config", 1501 * MINUTE));
}

static void the_alert_is_over_when_nothing_waits_for_its_cause(void **state)
{
	struct storm *s = *state;

	(void)refuse(s, STORM_RELAY, 1, 1, 0);
	(void)refuse(s, STORM_RELAY, 2, 2, 0);
	(void)storm_tells(s, "relay-config", 0);
	assert_false(accept(s, 3, 3, 1));	/* they wait still */
	assert_false(accept(s, 1, 1, 2));
	assert_true(accept(s, 2, 2, 3));
	assert_false(accept(s, 4, 4, 4));
	assert_true(storm_tells(s, "relay-config", 5));
}

static void an_alert_does_not_hang_on_a_mail_that_is_gone(void **state)
{
	struct storm *s = *state;

	(void)refuse(s, STORM_RELAY, 1, 1, 0);
	(void)storm_tells(s, "relay-config", 0);
	assert_false(accept(s, 3, 3, 59 * MINUTE));
	assert_true(accept(s, 3, 3, 60 * MINUTE));
}

static void a_reload_forgets_it_all(void **state)
{
	struct storm *s = *state;

	for (int i = 0; i < 5; i++)
		(void)refuse(s, STORM_GUESS, i, i, 0);
	(void)storm_tells(s, "relay-storm", 0);
	storm_forget(s);
	assert_int_equal(refuse(s, STORM_GUESS, 9, 9, 1), STORM_WAIT);
	assert_true(storm_tells(s, "relay-storm", 1));
}

static void rubbish_in_the_record_only_makes_mails_wait(void **state)
{
	struct storm *s = *state;

	memset(s, 0xa5, sizeof(*s));
	for (int i = 0; i < 10; i++) {
		(void)refuse(s, STORM_RELAY, i, i, i);
		(void)holds(s, i, i, i, true);
		(void)storm_tells(s, "relay-quota", i);
		(void)accept(s, i, i, i);
	}
	assert_int_not_equal(refuse(s, STORM_GUESS, 50, 50, 1), STORM_BELIEVE);
}

/* ---- advice --------------------------------------------------------------- */

static void an_alert_names_the_setting_to_change(void **state)
{
	static const struct {
		const char *stage, *reply, *setting;
	} rows[] = {
		{ "AUTH", "535 5.7.8 wrong", "auth_password_file" },
		{ "AUTH", "550 5.7.30 Basic authentication is not supported "
		  "for Client Submission.", "auth = xoauth2" },
		{ "AUTH", "the server offers neither AUTH PLAIN nor AUTH "
		  "LOGIN, only XOAUTH2", "set auth to a way" },
		{ "MAIL", "550 5.7.1 not you", "mail_from_address" },
		{ "EHLO", "501 5.5.4 invalid", "hello_name" },
		{ "RCPT", "550 5.7.1 Helo command rejected", "hello_name" },
		{ "RCPT", "504 5.5.2 <box>: need fully-qualified hostname",
		  "hello_name" },
		{ "MAIL", "550 5.7.1 your host name is no FQDN",
		  "hello_name" },
		{ "MAIL", "504 Sender: need fully-qualified address",
		  "mail_from_address" },
		{ "RCPT", "554 5.7.1 Sender address rejected", "envelope_from" },
		{ "dot", "550 5.7.26 fails SPF", "SPF" },
		{ "MAIL", "530 5.7.0 Must issue a STARTTLS command", "tls" },
		{ "connect", "no thread for a connection: Resource temporarily "
		  "unavailable", "TasksMax" },
		{ "MAIL", "530 5.7.0 Authentication required", "auth_user" },
		{ "RCPT", "554 5.7.1 Relay access denied", "auth_user" },
		{ "dot", "554 no", "hello_name" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		print_message("%s\n", rows[i].reply);
		assert_non_null(strstr(advice_remedy(ADVICE_US, rows[i].stage,
						     rows[i].reply),
				       rows[i].setting));
	}
}

#define STORM_TEST(f) cmocka_unit_test_setup_teardown(f, calm, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORM_TEST(many_mailboxes_that_do_not_exist_are_no_storm),
		STORM_TEST(domains_without_any_mailbox_are_counted_for_people),
		STORM_TEST(a_guess_is_never_believed_by_time_alone),
		STORM_TEST(
		a_guess_is_believed_at_the_third_time_when_others_pass),
		STORM_TEST(what_passed_before_the_first_refusal_proves_nothing),
		STORM_TEST(one_domain_is_no_storm_and_ends_when_others_pass),
		STORM_TEST(more_guesses_than_are_remembered_end_all_the_same),
		STORM_TEST(three_domains_in_a_row_pause_the_relay),
		STORM_TEST(a_storm_buries_nothing_however_the_answers_change),
		STORM_TEST(another_sort_of_refusal_begins_to_count_anew),
		STORM_TEST(the_third_mail_refused_for_its_content_waits),
		STORM_TEST(of_many_contents_refused_at_once_one_is_believed),
		STORM_TEST(in_a_storm_content_is_doubted_at_once),
		STORM_TEST(
		one_domain_refused_for_our_sake_does_not_stop_others),
		STORM_TEST(a_refused_domain_waits_and_others_are_asked),
		STORM_TEST(
		a_guess_holds_its_domain_only_while_the_relay_is_doubted),
		STORM_TEST(one_alert_is_out_until_the_relay_takes_mails_again),
		STORM_TEST(the_alert_is_over_when_nothing_waits_for_its_cause),
		STORM_TEST(an_alert_does_not_hang_on_a_mail_that_is_gone),
		STORM_TEST(a_reload_forgets_it_all),
		STORM_TEST(rubbish_in_the_record_only_makes_mails_wait),
		cmocka_unit_test(an_alert_names_the_setting_to_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
