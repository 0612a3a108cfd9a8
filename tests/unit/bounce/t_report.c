/* SPDX-License-Identifier: MIT */
/* Tests what a mail to the address of bounces is taken for. */
#include "config.h"

#include "bounce/report.h"

#include "base/buf.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct report read_text(const char *mail)
{
	struct report r;

	report_read(mail, strlen(mail), &r);
	return r;
}

/* A standard report with this delivery status. */
static struct report read_status(const char *status)
{
	struct buf mail = BUF_INIT;
	struct report r;

	buf_addf(&mail, "From: MAILER-DAEMON@mx.example\n"
		 "Auto-Submitted: auto-replied\n"
		 "Content-Type: multipart/report; boundary=\"b\";\n"
		 " report-type=delivery-status\n\n"
		 "--b\n\nSorry.\n--b\n"
		 "Content-Type: message/delivery-status\n\n%s\n--b\n"
		 "Content-Type: text/rfc822-headers\n\n"
		 "X-Reservoir-Id: a.1\n\n--b--\n", status);
	r = read_text(mail.data);
	buf_release(&mail);
	return r;
}

static void the_action_decides(void **state)
{
	static const struct {
		const char *status;
		enum report_kind kind;
		enum queue_fate fate;
		const char *text;
	} rows[] = {
		{ "Reporting-MTA: dns; mx\n\nAction: failed\nStatus: 5.1.1\n"
		  "Diagnostic-Code: smtp; 550 5.1.1 no such\n  user\n",
		  REPORT_FATE, QUEUE_FATE_RETURNED, "550 5.1.1 no such user" },
		{ "\nAction: delayed\nStatus: 4.4.1\n", REPORT_FATE,
		  QUEUE_FATE_DELAYED, "4.4.1" },
		/* Given up after days. */
		{ "\nAction: failed\nStatus: 4.4.1 (timeout)\n", REPORT_FATE,
		  QUEUE_FATE_RETURNED, "4.4.1" },
		{ "\nACTION : Failed (bad)\nStatus: 5.0.0\n"
		  "Diagnostic-Code: x-unix; exit 67\n", REPORT_FATE,
		  QUEUE_FATE_RETURNED, "5.0.0 exit 67" },
		{ "\nAction: delivered\nStatus: 2.1.5\n", REPORT_FATE,
		  QUEUE_FATE_DELIVERED, "2.1.5" },
		{ "\nAction: relayed\nStatus: 2.0.0\n", REPORT_NO_NEWS,
		  QUEUE_FATE_NONE, "2.0.0" },
		{ "\nAction: expanded\nStatus: 2.0.0\n", REPORT_NO_NEWS,
		  QUEUE_FATE_NONE, "2.0.0" },
		/* Without an action. */
		{ "\nStatus: 5.1.1\n", REPORT_FATE, QUEUE_FATE_RETURNED,
		  "5.1.1" },
		{ "\nStatus: 4.2.2\n", REPORT_FATE, QUEUE_FATE_DELAYED,
		  "4.2.2" },
		/* Another server's words, as Postfix has them. */
		{ "\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: "
		  "x-postfix; host mx[1.2.3.4] said: 550 unknown (in reply)\n",
		  REPORT_FATE, QUEUE_FATE_RETURNED,
		  "550 unknown (in reply)" },
		/* Several people, whom somebody else made of one. */
		{ "\nAction: delivered\nStatus: 2.0.0\n\nAction: failed\n"
		  "Status: 5.2.2\n\nAction: delayed\nStatus: 4.0.0\n",
		  REPORT_FATE, QUEUE_FATE_RETURNED, "5.2.2" },
		/* CRLF, no empty line before the end, blanks. */
		{ "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; x\r\n"
		  "Action:failed\r\nStatus:5.1.1\r\n"
		  "Diagnostic-Code:\r\n\tsmtp;550\tno\r\n", REPORT_FATE,
		  QUEUE_FATE_RETURNED, "550 no" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct report r = read_status(rows[i].status);

		if (r.kind != rows[i].kind || r.fate != rows[i].fate ||
		    strcmp(r.text, rows[i].text) != 0)
			fail_msg("row %zu: %d %s \"%s\"", i, (int)r.kind,
				 queue_fate_word(r.fate), r.text);
	}
}

static void the_envelope_id_is_found(void **state)
{
	(void)state;
	assert_string_equal(read_status(
		"Original-Envelope-Id: a+2E1\n\nAction: failed\n").envid,
			    "a.1");
	assert_string_equal(read_status(
		"Original-Envelope-Id: a b\n\nAction: failed\n").envid, "");
}

static struct report read_complaint(const char *type)
{
	char mail[1000];

	(void)snprintf(mail, sizeof(mail),
		       "From: fbl@isp.example\nContent-Type: multipart/report;"
		       " boundary=b; report-type=feedback-report\n\n"
		       "--b\n\nThis is an abuse report.\n--b\n"
		       "Content-Type: message/feedback-report\n\n"
		       "Feedback-Type: %s\nUser-Agent: x\nVersion: 1\n"
		       "Original-Envelope-Id: a.1\n--b\n"
		       "Content-Type: message/rfc822\n\nSubject: x\n\nx\n"
		       "--b--\n", type);
	return read_text(mail);
}

static void a_complaint_is_one(void **state)
{
	(void)state;
	assert_int_equal(read_complaint("abuse").fate, QUEUE_FATE_COMPLAINED);
	assert_int_equal(read_complaint("Abuse").fate, QUEUE_FATE_COMPLAINED);
	assert_string_equal(read_complaint("opt-out").envid, "a.1");
	assert_int_equal(read_complaint("auth-failure").kind, REPORT_NO_NEWS);
	assert_int_equal(read_complaint("not-spam").kind, REPORT_NO_NEWS);
}

static void what_programs_answer_in_a_persons_place_is_no_report(void **state)
{
	static const char *const rows[] = {
		"From: z@example.org\nAuto-Submitted: auto-replied\n"
		"Subject: Re: x\n\nI am away; your mail is not delivered.\n",
		"From: z@example.org\nSubject: Out of office: x\n\nAway\n",
		"From: z@example.org\n"
		"Subject: =?utf-8?q?R=C3=A9ponse_automatique_=3A_x?=\n\nx\n",
		"From: z@example.org\nPrecedence: auto_reply\n\nAway\n",
		"From: z@example.org\nX-Autoreply: yes\n\nAway\n",
		/* Without a sender, as RFC 3834 wants it, and unlucky words. */
		"Return-Path: <>\nFrom: z@example.org\n"
		"Auto-Submitted: auto-replied (vacation)\nSubject: Re: x\n\n"
		"My answer is delayed, my old address could not be reached: "
		"550 5.1.1 user unknown\n",
		"Return-Path: <>\nFrom: \"System Administrator\" <z@e.org>\n"
		"Subject: Automatic reply: Undeliverable\n\n550 5.1.1 no\n",
		"From: z@example.org\nAuto-Submitted: auto-replied\n"
		"Subject: Re: delivery failure of our courier\n\nAway\n",
		/* It has no sender, as bounces have none. */
		"Return-Path: <>\nFrom: z@example.org\nSubject: Read: x\n"
		"Content-Type: multipart/report; boundary=b;\n"
		" report-type=disposition-notification\n\n--b\n\n"
		"Your message was not delivered but read.\n--b\n"
		"Content-Type: message/disposition-notification\n\n"
		"Disposition: manual-action/MDN-sent-manually; displayed\n"
		"--b--\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (read_text(rows[i]).kind != REPORT_REPLY)
			fail_msg("row %zu: %d", i,
				 (int)read_text(rows[i]).kind);
}

static void what_people_write_is_unknown(void **state)
{
	static const char *const rows[] = {
		"", "\n", "x", "From: z@example.org\n\nI cannot come.\n",
		"From: z@example.org\nSubject: Re: your appointment\n\n"
		"My mail to you could not be delivered: 550 5.1.1\n",
		"From: z@example.org\nContent-Type: message/rfc822\n\n"
		"From: MAILER-DAEMON@x\nSubject: failure notice\n\nfailed\n",
		/* A report that somebody passes on. */
		"From: z@example.org\nContent-Type: multipart/mixed; "
		"boundary=b\n\n--b\n\nWhat is this?\n--b\n"
		"Content-Type: message/rfc822\n\nFrom: MAILER-DAEMON@x\n"
		"Content-Type: multipart/report; boundary=c\n\n--c\n"
		"Content-Type: message/delivery-status\n\n"
		"Action: failed\n--c--\n--b--\n",
		"From: MAILER-DAEMON@mx.example\n\nHello\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (read_text(rows[i]).kind != REPORT_UNKNOWN)
			fail_msg("row %zu: %d", i,
				 (int)read_text(rows[i]).kind);
}

static void what_only_people_can_read_is_read(void **state)
{
	static const struct {
		const char *mail;
		enum queue_fate fate;
		const char *text;
	} rows[] = {
		{ "From: MAILER-DAEMON@a.example\nSubject: failure notice\n\n"
		  "Hi. This is the program at a.example.\n\n"
		  "<z@example.org>:\n1.2.3.4 does not like recipient.\n"
		  "Remote host said: 550 5.1.1 No such user\n"
		  "Giving up on 1.2.3.4.\n", QUEUE_FATE_RETURNED,
		  "550 5.1.1 No such user" },
		{ "From: Mailer-Daemon@a.example\nX-Failed-Recipients: z@e.org\n"
		  "Subject: x\n\nwill keep trying, as they say\n",
		  QUEUE_FATE_RETURNED, "" },
		{ "From: Mail Delivery System <Mailer-Daemon@a.example>\n"
		  "Subject: Warning: message 1abc delayed 24 hours\n\n"
		  "A message has not yet been delivered; delivery attempts "
		  "will continue to be made.\n", QUEUE_FATE_DELAYED, "" },
		{ "From: \"System Administrator\" <sa@example.org>\n"
		  "Subject: Undeliverable: x\n\nYour message did not reach "
		  "some or all of the intended recipients.\n",
		  QUEUE_FATE_RETURNED, "" },
		/* No known words, but a code. */
		{ "Return-Path: <>\nFrom: x@y\n\n<<< 552 5.2.2 plein\n",
		  QUEUE_FATE_RETURNED, "552 5.2.2 plein" },
		/* Dovecot's filter, in the form of a receipt for reading. */
		{ "From: Mail Delivery Subsystem <postmaster@e.org>\n"
		  "Subject: Rejected: x\nAuto-Submitted: auto-replied\n"
		  "Content-Type: multipart/report; boundary=b\n\n--b\n\n"
		  "Your message was automatically rejected:\nQuota exceeded\n"
		  "--b\nContent-Type: message/disposition-notification\n\n"
		  "Disposition: automatic-action/MDN-sent-automatically; "
		  "deleted\n--b--\n", QUEUE_FATE_RETURNED, "" },
		/* Only as HTML. */
		{ "From: postmaster@e.org\nContent-Type: text/html\n\n"
		  "<p>Votre message n'a <b>pas pu \xc3\xaatre remis</b>.\n",
		  QUEUE_FATE_RETURNED, "" },
		/* What looks like a code and is none. */
		{ "From: postmaster@e.org\nSubject: Undeliverable mail\n\n"
		  "Call us: room 512 or 4500 123, from 4.30 to 5.15\n",
		  QUEUE_FATE_RETURNED, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct report r = read_text(rows[i].mail);

		if (r.kind != REPORT_FATE || r.fate != rows[i].fate ||
		    strcmp(r.text, rows[i].text) != 0)
			fail_msg("row %zu: %d %s \"%s\"", i, (int)r.kind,
				 queue_fate_word(r.fate), r.text);
	}
}

static void parts_may_be_encoded_and_nested(void **state)
{
	struct report r = read_text(
		"From: x@y\nContent-Type: multipart/mixed; boundary=a\n\n"
		"--a\nContent-Type: multipart/report; boundary=b\n\n"
		"--b\nContent-Type: message/delivery-status\n"
		"Content-Transfer-Encoding: base64\n\n"
		/* "\nAction: failed\nStatus: 5.1.1\n" */
		"CkFjdGlvbjogZmFpbGVkClN0YXR1czogNS4xLjEK\n--b--\n"
		"--a\n\nNo virus was found.\n--a--\n");

	(void)state;
	assert_int_equal(r.fate, QUEUE_FATE_RETURNED);
	assert_string_equal(r.text, "5.1.1");
}

/* A mail of so many multiparts in each other, the report at the bottom. */
static void nested(struct buf *mail, int depth)
{
	buf_addstr(mail, "From: x@y\n");
	for (int i = 0; i < depth; i++)
		buf_addf(mail, "Content-Type: multipart/mixed; boundary=b%d\n"
			 "\n--b%d\n", i, i);
	buf_addstr(mail, "Content-Type: message/delivery-status\n\n"
			 "Action: failed\n");
	for (int i = depth - 1; i >= 0; i--)
		buf_addf(mail, "--b%d--\n", i);
}

static void hostile_mails_end_soon(void **state)
{
	struct buf mail = BUF_INIT;
	struct report r;

	(void)state;
	nested(&mail, 7);
	report_read(mail.data, mail.len, &r);
	assert_int_equal(r.fate, QUEUE_FATE_RETURNED);
	buf_clear(&mail);
	nested(&mail, 12000);
	assert_true(mail.len < REPORT_BYTES_MAX);
	report_read(mail.data, mail.len, &r);
	assert_int_equal(r.kind, REPORT_UNKNOWN);
	/* Messages in messages. */
	buf_clear(&mail);
	while (mail.len < REPORT_BYTES_MAX - 100)
		buf_addstr(&mail, "Content-Type: message/rfc822\n\n");
	report_read(mail.data, mail.len, &r);
	assert_int_equal(r.kind, REPORT_UNKNOWN);
	/* One header that never ends, and many. */
	buf_clear(&mail);
	buf_addstr(&mail, "Subject:");
	while (mail.len < REPORT_BYTES_MAX / 16)
		buf_addstr(&mail, " =?utf-8?q?=41?=\n");
	report_read(mail.data, mail.len, &r);
	buf_clear(&mail);
	while (mail.len < REPORT_BYTES_MAX / 4)
		buf_addstr(&mail, "X:\n");
	report_read(mail.data, mail.len, &r);
	/* Boundaries that nobody ever announced. */
	buf_clear(&mail);
	nested(&mail, 500);
	while (mail.len < REPORT_BYTES_MAX - 100)
		buf_addstr(&mail, "--b\n");
	report_read(mail.data, mail.len, &r);
	buf_release(&mail);
}

static int begin(void **state)
{
	(void)state;
	report_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_action_decides),
		cmocka_unit_test(the_envelope_id_is_found),
		cmocka_unit_test(a_complaint_is_one),
		cmocka_unit_test(
			what_programs_answer_in_a_persons_place_is_no_report),
		cmocka_unit_test(what_people_write_is_unknown),
		cmocka_unit_test(what_only_people_can_read_is_read),
		cmocka_unit_test(parts_may_be_encoded_and_nested),
		cmocka_unit_test(hostile_mails_end_soon),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
