/* SPDX-License-Identifier: MIT */
/* What the page says of a mail, from what the queue has said. */
#include "config.h"

#include "outbox/mailstate.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

static struct notification dead(const char *reply)
{
	struct notification n = { .state = NOTIFICATION_DEAD };

	assert_true(str_copy(n.reply, sizeof(n.reply), reply));
	return n;
}

static void a_mail_just_taken_is_not_called_refused_for_now(void **state)
{
	struct notification n = { .state = NOTIFICATION_OPEN };
	struct publish_seen seen = {
		.sent = true, .attempts = 1, .final_at_ms = 1700000000000,
		.reply = "250 2.0.0 queued as 4711",
	};

	(void)state;
	mailstate_hear(&n, &seen);
	assert_string_equal(mailstate_word(mailstate_of(&n, "")), "accepted");
	assert_string_equal(mailstate_reply(&n), "250 2.0.0 queued as 4711");
	assert_int_equal(n.final_at_ms, 1700000000000);
}

static void a_mail_just_given_up_says_why(void **state)
{
	struct notification n = { .state = NOTIFICATION_OPEN };
	struct publish_seen seen = {
		.dead = true, .attempts = 1, .final_at_ms = 1700000000000,
		.reply = "rejected: 550 5.1.1 User unknown",
	};

	(void)state;
	mailstate_hear(&n, &seen);
	assert_string_equal(mailstate_word(mailstate_of(&n, "")), "bad_address");
}

static void a_mail_set_aside_is_tried_again(void **state)
{
	struct notification n = { .state = NOTIFICATION_OPEN };
	struct publish_seen seen = {
		.attempts = 2, .next_at_ms = 1700000000000,
		.reply = "451 4.3.0 later",
	};

	(void)state;
	mailstate_hear(&n, &seen);
	assert_string_equal(mailstate_word(mailstate_of(&n, "")), "retrying");
	assert_string_equal(mailstate_reply(&n), "451 4.3.0 later");
	seen = (struct publish_seen){ .attempts = 0 };
	mailstate_hear(&n, &seen);
	assert_string_equal(mailstate_word(mailstate_of(&n, "")), "waiting");
	assert_int_equal(n.final_at_ms, 0);
}

static void silence_is_told_from_a_refusal(void **state)
{
	static const struct {
		const char *reply;
		const char *word;
		const char *said;
	} rows[] = {
		{ "", "waiting", "" },
		{ "421 4.3.2 busy", "retrying", "421 4.3.2 busy" },
		{ "RCPT 451 later", "retrying", "RCPT 451 later" },
		{ "Connection refused", "unreached", "" },
		{ "no relay may be used now", "unreached", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct notification n = { .state = NOTIFICATION_OPEN };
		struct publish_seen seen = { 0 };

		assert_true(str_copy(seen.reply, sizeof(seen.reply),
				     rows[i].reply));
		mailstate_hear(&n, &seen);
		assert_string_equal(mailstate_word(mailstate_of(&n, "")),
				    rows[i].word);
		assert_string_equal(mailstate_reply(&n), rows[i].said);
	}
}

static void dead_letters_are_told_apart(void **state)
{
	static const struct {
		const char *reply;
		const char *word;
	} rows[] = {
		{ "rejected: 550 5.1.1 User unknown", "bad_address" },
		{ "rejected: 550 No such user here", "bad_address" },
		{ "rejected: 553 sorry", "bad_address" },
		{ "rejected: 550 5.1.10 null MX", "bad_address" },
		{ "rejected: 550 5.2.1 mailbox disabled", "bad_address" },
		{ "rejected: RCPT 550 5.1.1 User unknown", "bad_address" },
		{ "rejected: 552 5.2.2 Mailbox full", "mailbox_full" },
		{ "rejected: 552 over quota", "mailbox_full" },
		{ "rejected: 554 5.7.1 spam", "refused" },
		{ "rejected: 550 5.4.5 Daily user sending quota exceeded",
			"refused" },
		{ "rejected: 550 5.4.5", "refused" },
		{ "rejected: 550 5.5.2 syntax error", "refused" },
		{ "rejected: 550 5.7.1 Access denied", "refused" },
		{ "rejected: 530 5.7.0 Authentication required", "refused" },
		{ "rejected: 530 hmm", "refused" },
		{ "rejected: 550 5.1.1 too many recipients this hour",
			"refused" },
		{ "rejected: 550 Sender verify failed", "refused" },
		{ "rejected: 554 5.7.1 blocked by this recipient", "refused" },
		{ "rejected: 550 5.1.0 sender rejected: user unknown",
			"refused" },
		{ "rejected: dot 550 hmm", "refused" },
		{ "rejected: dot 550 5.1.1 User unknown", "bad_address" },
		{ "rejected: dot 552 5.2.2 mailbox full", "mailbox_full" },
		{ "rejected: dot", "refused" },
		{ "rejected: 550 5.7.1 relaying denied", "refused" },
		{ "rejected: 550 5.1.8 sender's domain", "refused" },
		{ "rejected: 554 Transaction failed", "refused" },
		{ "rejected: ", "refused" },
		{ "rejected: 5", "refused" },
		{ "rejected: 550 5.", "bad_address" },
		{ "rejected: 550 5.1.999999999999", "bad_address" },
		{ "poison: no template", "failed" },
		{ "poison: 550 5.1.1", "failed" },
		{ "expired: not accepted in time", "expired" },
		{ "uncertain: maybe sent, and never confirmed", "maybe" },
		{ "cancelled: by the operator", "aborted" },
		{ "", "failed" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct notification n = dead(rows[i].reply);

		if (strcmp(mailstate_word(mailstate_of(&n, "")), rows[i].word))
			fail_msg("\"%s\" is %s", rows[i].reply,
				 mailstate_word(mailstate_of(&n, "")));
	}
}

static void an_address_that_sounds_like_a_reason_is_none(void **state)
{
	struct notification n = dead("rejected: 550 Unknown user: blacklisted");

	(void)state;
	assert_string_equal(mailstate_word(mailstate_of(&n, "")), "refused");
	assert_string_equal(mailstate_word(mailstate_of(
		&n, "blacklisted@example.org")), "bad_address");
}

static void class_words_are_not_shown(void **state)
{
	struct notification n = dead("rejected: 550 5.1.1 unknown");

	(void)state;
	assert_string_equal(mailstate_reply(&n), "550 5.1.1 unknown");
	n = dead("rejected: dot 554 5.7.1 spam");
	assert_string_equal(mailstate_reply(&n), "554 5.7.1 spam");
	n = dead("poison: no template for x");
	assert_string_equal(mailstate_reply(&n), "");
	n = dead("uncertain: maybe sent");
	assert_string_equal(mailstate_reply(&n), "");
}

static void what_is_heard_of_a_sent_mail_is_told(void **state)
{
	static const struct {
		enum queue_fate fate;
		bool sure;
		const char *word;
		bool good, bad, lost;
	} rows[] = {
		{ QUEUE_FATE_NONE, false, "accepted", true, false, false },
		{ QUEUE_FATE_DELIVERED, true, "delivered", true, false, false },
		{ QUEUE_FATE_DELIVERED, false, "accepted", true, false, false },
		{ QUEUE_FATE_DELAYED, true, "delayed", false, false, false },
		{ QUEUE_FATE_DELAYED, false, "delayed", false, false, false },
		{ QUEUE_FATE_RETURNED, true, "returned", false, true, true },
		{ QUEUE_FATE_RETURNED, false, "maybe_returned", false, false,
		  false },
		{ QUEUE_FATE_COMPLAINED, true, "accepted", true, false, false },
		{ QUEUE_FATE_COMPLAINED, false, "accepted", true, false,
		  false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct notification n = {
			.state = NOTIFICATION_SENT, .reply = "250 Ok",
			.final_at_ms = 1000, .fate = rows[i].fate,
			.fate_sure = rows[i].sure, .fate_at_ms = 2000,
			.fate_text = "550 5.1.1 nobody",
		};
		enum mailstate now = mailstate_of(&n, "");
		bool by_report = strcmp(rows[i].word, "accepted") != 0;

		assert_string_equal(mailstate_word(now), rows[i].word);
		assert_int_equal(mailstate_is_good(now), rows[i].good);
		assert_int_equal(mailstate_is_bad(now), rows[i].bad);
		assert_int_equal(mailstate_lost(&n), rows[i].lost);
		/* A forger's words are not shown. */
		assert_string_equal(mailstate_reply(&n), !by_report ?
				    "250 Ok" : rows[i].sure ?
				    "550 5.1.1 nobody" : "");
		assert_int_equal(mailstate_since_ms(&n, now),
				 by_report ? 2000 : 1000);
	}
}

static void a_report_settles_only_what_was_sent_or_may_have_been(void **state)
{
	static const struct {
		enum notification_state state;
		const char *reply;
		const char *word;
	} rows[] = {
		{ NOTIFICATION_SENT, "250 Ok", "returned" },
		{ NOTIFICATION_DEAD, "uncertain: maybe sent", "returned" },
		{ NOTIFICATION_DEAD, "rejected: 554 5.7.1 spam", "refused" },
		{ NOTIFICATION_DEAD, "poison: no template", "failed" },
		{ NOTIFICATION_OPEN, "451 4.3.0 later", "retrying" },
		{ NOTIFICATION_OPEN, "", "waiting" },
		{ NOTIFICATION_EXPIRED, "", "expired" },
		{ NOTIFICATION_ABORTED, "", "aborted" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct notification n = {
			.state = rows[i].state, .fate = QUEUE_FATE_RETURNED,
			.fate_sure = true,
		};

		assert_true(str_copy(n.reply, sizeof(n.reply), rows[i].reply));
		assert_string_equal(mailstate_word(mailstate_of(&n, "")),
				    rows[i].word);
	}
}

static void a_visitor_waits_after_a_mail(void **state)
{
	const struct notification last = { .begins_at_ms = 100000 };

	(void)state;
	assert_int_equal(mailstate_again_ms(&last, 60000, 100000), 160000);
	assert_int_equal(mailstate_again_ms(&last, 60000, 159999), 160000);
	assert_int_equal(mailstate_again_ms(&last, 60000, 160000), 0);
	assert_int_equal(mailstate_again_ms(&last, 0, 100000), 0);
	assert_int_equal(mailstate_again_ms(NULL, 60000, 100000), 0);
	/* The clock was set back by a day. */
	assert_int_equal(mailstate_again_ms(&last, 60000, 10000), 70000);
}

static void the_latest_mail_to_the_visitor_is_told_of(void **state)
{
	const struct notification list[] = {
		{ .id = 1, .kind = KIND_CONFIRMED,
		  .state = NOTIFICATION_ABORTED },
		{ .id = 2, .kind = KIND_MOVED, .state = NOTIFICATION_SENT },
		{ .id = 3, .kind = KIND_ORGANISER },
		{ .id = 4, .kind = KIND_REMINDER, .begins_at_ms = 5000 },
	};

	(void)state;
	assert_int_equal(mailstate_latest(list, 4, 1000)->id, 2);
	assert_int_equal(mailstate_latest(list, 4, 6000)->id, 4);
	assert_int_equal(mailstate_latest(list, 1, 1000)->id, 1);
	assert_null(mailstate_latest(list, 0, 1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_mail_just_taken_is_not_called_refused_for_now),
		cmocka_unit_test(a_mail_just_given_up_says_why),
		cmocka_unit_test(a_mail_set_aside_is_tried_again),
		cmocka_unit_test(dead_letters_are_told_apart),
		cmocka_unit_test(silence_is_told_from_a_refusal),
		cmocka_unit_test(an_address_that_sounds_like_a_reason_is_none),
		cmocka_unit_test(class_words_are_not_shown),
		cmocka_unit_test(what_is_heard_of_a_sent_mail_is_told),
		cmocka_unit_test(
			a_report_settles_only_what_was_sent_or_may_have_been),
		cmocka_unit_test(a_visitor_waits_after_a_mail),
		cmocka_unit_test(the_latest_mail_to_the_visitor_is_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
