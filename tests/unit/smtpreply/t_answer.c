/* SPDX-License-Identifier: MIT */
/* What mail servers' refusals mean: their words, and the doubts. */
#include "config.h"

#include "smtpreply/answer.h"

#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

struct row {
	const char *stage;
	const char *reply;
	enum answer_verdict verdict;
};

static void rows_check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct answer a = answer_judge(rows[i].stage, rows[i].reply,
					       NULL);

		if (a.verdict != rows[i].verdict)
			fail_msg("at %s not %s, but %s by %s: %s",
				 rows[i].stage ? rows[i].stage : "?",
				 answer_name(rows[i].verdict),
				 answer_name(a.verdict), a.rule,
				 rows[i].reply);
	}
}

static void words_that_lead_astray(void **state)
{
	static const struct row rows[] = {
		{ "dot", "554 5.2.2 mailbox full; STOREDRV.Submission.Exception"
			":QuotaExceededException", ANSWER_US },
		{ "RCPT", "452 4.2.2 Quota exceeded for the current period",
			ANSWER_QUOTA },
		{ "RCPT", "550 5.1.1 too many recipients this hour",
			ANSWER_QUOTA },
		{ "dot", "432 4.3.2 STOREDRV.Deliver; recipient thread limit "
			"exceeded", ANSWER_RECIPIENT_LATER },
		{ "dot", "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit "
			"exceeded", ANSWER_TOO_FAST },
		{ "dot", "550 5.7.1 RESOLVER.RST.AuthRequired; authentication "
			"required", ANSWER_RECIPIENT },
		{ "DATA", "421 Domain example.org is not allowed to send",
			ANSWER_US },
		{ "RCPT", "554 5.7.1 <x@example.org>: Sender address rejected: "
			"Blocked by this recipient", ANSWER_RECIPIENT },
		{ "RCPT", "550 5.1.0 <x@example.org>: Sender address rejected: "
			"User unknown", ANSWER_US },
		{ "AUTH", "451 Authentication failed: Maximum credits exceeded",
			ANSWER_QUOTA },
		{ "dot", "550-5.4.5 Daily user sending limit exceeded.\r\n"
			"550 5.4.5 x - gsmtp", ANSWER_QUOTA },
		{ "dot", "454 Throttling failure: Maximum sending rate "
			"exceeded", ANSWER_TOO_FAST },
	};

	(void)state;
	rows_check(rows, ARRAY_COUNT(rows));
}

static void servers_speak_other_languages(void **state)
{
	static const struct row rows[] = {
		{ "RCPT", "550 5.7.1 Empf\xc3\xa4nger unbekannt",
			ANSWER_RECIPIENT },
		{ "RCPT", "550 5.7.1 Empf??nger unbekannt", ANSWER_RECIPIENT },
		{ "RCPT", "550 Der Empfaenger existiert nicht",
			ANSWER_RECIPIENT },
		{ "RCPT", "550 Cet utilisateur n'existe pas",
			ANSWER_RECIPIENT },
		{ "RCPT", "550 El usuario no existe", ANSWER_RECIPIENT },
		{ "RCPT", "550 Usuario desconocido", ANSWER_RECIPIENT },
		{ "RCPT", "550 Utente sconosciuto", ANSWER_RECIPIENT },
		{ "RCPT", "550 Destinat\xe1rio inexistente", ANSWER_RECIPIENT },
		{ "RCPT", "552 Postfach voll", ANSWER_RECIPIENT },
		{ "RCPT", "552 Boite du destinataire pleine",
			ANSWER_RECIPIENT },
		{ "MAIL", "550 Absender nicht erlaubt", ANSWER_US },
		{ "AUTH", "535 Authentification echouee", ANSWER_US },
		{ "RCPT", "550 5.7.1 Acces refuse: votre adresse IP est sur "
			"liste noire", ANSWER_US },
		{ "RCPT", "450 Zu viele Verbindungen, bitte langsamer",
			ANSWER_TOO_FAST },
		{ "connect", "421 Trop de connexions", ANSWER_TOO_FAST },
		{ "dot", "550 Tageslimit erreicht", ANSWER_QUOTA },
		{ "dot", "550 Limite diario de envio excedido", ANSWER_QUOTA },
		{ "dot", "550 Quota giornaliera superata", ANSWER_QUOTA },
		{ "dot", "550 Vous avez d\xc3\xa9pass\xc3\xa9 votre quota "
			"d'envoi journalier", ANSWER_QUOTA },
		{ "dot", "554 Nachricht wegen Spamverdacht abgelehnt",
			ANSWER_CONTENT },
	};

	(void)state;
	rows_check(rows, ARRAY_COUNT(rows));
}

/* Who books with such an address must not stop everybody's mails. */
static void addresses_are_no_words_of_the_server(void **state)
{
	static const struct row rows[] = {
		{ "RCPT", "550 5.1.1 <relay.access.denied@example.org>: "
			"Recipient address rejected: User unknown",
			ANSWER_RECIPIENT },
		{ "RCPT", "550 <\"daily sending limit exceeded\"@example.org> "
			"User unknown", ANSWER_RECIPIENT },
		{ "RCPT", "550 \"relay access denied\"@example.org "
			"User unknown", ANSWER_RECIPIENT },
		{ "RCPT", "550 spf-dkim-dmarc@sender-rejected.example unknown",
			ANSWER_RECIPIENT },
		{ "RCPT", "550 No such user: sender-blocked.by.dnsbl",
			ANSWER_RECIPIENT },
		{ "RCPT", "550 user unknown at relay-denied.example.org",
			ANSWER_RECIPIENT },
		{ "dot", "554 see http://example.org/spam/dnsbl/sender/denied",
			ANSWER_CONTENT },
		/* The part before the @, bare. */
		{ "RCPT", "550 No such user: spf", ANSWER_RECIPIENT },
		{ "RCPT", "550 5.1.1 tls: User unknown", ANSWER_RECIPIENT },
		{ "RCPT", "550 5.1.1 Mailbox reputation not found",
			ANSWER_RECIPIENT },
		{ "RCPT", "550 User unknown: relay", ANSWER_RECIPIENT },
		{ "RCPT", "550 mx.spamfilter.example.org: User unknown",
			ANSWER_RECIPIENT },
	};

	(void)state;
	rows_check(rows, ARRAY_COUNT(rows));
}

/* Nor must who writes such words into a mail that a server then cites. */
static void quotations_are_no_words_of_the_server(void **state)
{
	static const struct row rows[] = {
		{ "dot", "550 Message rejected: subject \"User unknown\" looks "
			"like spam", ANSWER_CONTENT },
		{ "dot", "554 5.7.1 Message blocked: header Subject: Your "
			"account is suspended", ANSWER_CONTENT },
		{ "dot", "554 5.7.1 Blocked: header Subject: daily sending "
			"limit exceeded", ANSWER_CONTENT },
		{ "dot", "552 5.7.0 content \"relay access denied\" not "
			"allowed", ANSWER_CONTENT },
		{ "dot", "550 5.7.1 Your message was rejected: contains the "
			"word \"user unknown\"", ANSWER_CONTENT },
		/* All that is said is in quotes, or a quote has no end. */
		{ "RCPT", "550 5.7.1 \"Relay access denied\"", ANSWER_US },
		{ "RCPT", "550-\"Rejected, 192.0.2.1 is in an RBL\r\n"
			"550 see there\"", ANSWER_US },
		{ "RCPT", "550 the \"relay access denied", ANSWER_US },
	};

	(void)state;
	rows_check(rows, ARRAY_COUNT(rows));
}

/* Before RCPT all that is refused is us, whatever it is called. */
static void nobody_is_refused_before_he_is_named(void **state)
{
	static const struct row rows[] = {
		{ "MAIL", "552 5.2.2 mailbox full", ANSWER_US },
		{ "MAIL", "550 5.1.1 User unknown", ANSWER_US },
		{ "MAIL", "554 rejected by the recipient", ANSWER_US },
		{ "AUTH", "554 5.2.2 mailbox full", ANSWER_US },
		{ "connect", "550 5.7.129 blocked by user", ANSWER_US },
		{ "connect", "554 p=overquota", ANSWER_US },
		{ "MAIL", "552 5.3.4 message size exceeds limit",
			ANSWER_CONTENT },
		{ "EHLO", "550 p=blockedmessage", ANSWER_US },
	};

	(void)state;
	rows_check(rows, ARRAY_COUNT(rows));
}

/* They speak of us without a word for it, or with one of the recipient's. */
static void what_we_may_do_is_no_recipients_fault(void **state)
{
	static const struct row rows[] = {
		{ "RCPT", "550 Sending is restricted to verified recipients",
			ANSWER_US },
		{ "dot", "554 Sandbox: you are restricted to authorized "
			"recipients", ANSWER_US },
		{ "RCPT", "550 5.7.1 API key not permitted to send to this "
			"recipient domain", ANSWER_US },
		{ "RCPT", "550 5.7.1 restricted to members",
			ANSWER_RECIPIENT },
		{ "RCPT", "550 SMTP disabled for this mailbox", ANSWER_US },
		{ "RCPT", "550 payment overdue", ANSWER_US },
		{ "RCPT", "550 access denied", ANSWER_US },
		{ "RCPT", "550 5.4.1 Recipient address rejected: Access denied",
			ANSWER_RECIPIENT },
		{ "RCPT", "550 you have exceeded your quota", ANSWER_QUOTA },
		{ "RCPT", "550 user has exceeded his quota", ANSWER_RECIPIENT },
		{ "RCPT", "550 limit exceeded", ANSWER_QUOTA },
		{ "dot", "550 account has insufficient balance", ANSWER_QUOTA },
		{ "dot", "550 account locked", ANSWER_US },
		{ "dot", "550 Your email address is blocked", ANSWER_US },
		{ "dot", "553 5.1.8 domain not found", ANSWER_US },
	};

	(void)state;
	rows_check(rows, ARRAY_COUNT(rows));
}

/* An address that a server cannot read must not stop everybody's mails. */
static void what_is_one_recipients_stops_nobody_else(void **state)
{
	static const struct row rows[] = {
		{ "RCPT", "501 5.5.2 Syntax error", ANSWER_RECIPIENT },
		{ "RCPT", "555 5.5.2 Syntax error, goodbye", ANSWER_RECIPIENT },
		{ "RCPT", "553 5.5.4 Domain name required", ANSWER_RECIPIENT },
		{ "RCPT", "550 5.2.1 This account has been disabled",
			ANSWER_RECIPIENT },
		{ "RCPT", "550 5.2.1 Your account has been disabled",
			ANSWER_US },
		{ "MAIL", "501 5.5.2 Syntax error", ANSWER_US },
		{ "RCPT", "503 5.5.1 Bad sequence of commands", ANSWER_US },
	};

	(void)state;
	rows_check(rows, ARRAY_COUNT(rows));
}

/* Text that says nothing: the stage and the code decide. */
static void in_doubt_nothing_is_buried_for_our_fault(void **state)
{
	static const struct row rows[] = {
		{ "connect", "554 hmm", ANSWER_US },
		{ "greeting", "421 hmm", ANSWER_RELAY },
		{ "EHLO", "550 hmm", ANSWER_US },
		{ "STARTTLS", "454 hmm", ANSWER_RELAY },
		{ "TLS", "certificate has expired", ANSWER_RELAY },
		{ "AUTH", "535 hmm", ANSWER_US },
		{ "AUTH", "454 hmm", ANSWER_RELAY },
		{ "AUTH", "the server offers neither AUTH PLAIN nor AUTH LOGIN",
			ANSWER_US },
		{ "MAIL", "550 hmm", ANSWER_US },
		{ "MAIL", "451 hmm", ANSWER_RELAY },
		{ "RCPT", "550 hmm", ANSWER_RECIPIENT },
		{ "RCPT", "550 5.1.1", ANSWER_RECIPIENT },
		{ "RCPT", "550 5.7.1 hmm", ANSWER_US },
		{ "RCPT", "530 hmm", ANSWER_US },
		{ "RCPT", "450 hmm", ANSWER_RECIPIENT_LATER },
		{ "RCPT", "421 hmm", ANSWER_RELAY },
		{ "DATA", "554 hmm", ANSWER_RECIPIENT },
		{ "dot", "554 hmm", ANSWER_CONTENT },
		{ "dot", "550 5.4.5", ANSWER_QUOTA },
		{ "dot", "451 hmm", ANSWER_RECIPIENT_LATER },
		{ "dot", "421 hmm", ANSWER_RELAY },
		{ "dot", "535 5.7.8 hmm", ANSWER_US },
		{ "somewhere", "550 hmm", ANSWER_US },
		{ NULL, "550 hmm", ANSWER_US },
		{ NULL, "550 5.1.1 User unknown", ANSWER_RECIPIENT },
		{ "connect", "Connection refused", ANSWER_RELAY },
		{ "dot", "", ANSWER_RELAY },
		{ "dot", "250 2.0.0 queued", ANSWER_RELAY },
	};

	(void)state;
	rows_check(rows, ARRAY_COUNT(rows));
}

static void case_and_line_ends_do_not_matter(void **state)
{
	static const struct row rows[] = {
		{ "rcpt", "550-5.1.1 The email account that you tried\n"
			"550 5.1.1 to reach does not exist", ANSWER_RECIPIENT },
		{ "Rcpt", "550-5.1.1 THE EMAIL ACCOUNT THAT YOU TRIED\r\n"
			"550 5.1.1 TO REACH DOES NOT EXIST", ANSWER_RECIPIENT },
		{ "RCPT", "550 5.1.1 the email account that you tried\\nto "
			"reach does not exist", ANSWER_RECIPIENT },
		{ "DOT", "550-5.7.1 mail\n550 5.7.1 sending\t\tlimit exceeded",
			ANSWER_QUOTA },
		{ "mail/rcpt", "554 5.7.1 Relay\r\naccess\r\ndenied",
			ANSWER_US },
	};

	(void)state;
	rows_check(rows, ARRAY_COUNT(rows));
}

/* The page tells visitors to correct an address only for the first. */
static void a_mailbox_is_missing_or_full_only_if_it_says_so(void **state)
{
	static const struct {
		const char *stage;
		const char *reply;
		enum answer_mailbox mailbox;
	} rows[] = {
		{ "RCPT", "550 5.1.1 User unknown", ANSWER_MAILBOX_NONE },
		{ "RCPT", "550 no", ANSWER_MAILBOX_NONE },
		{ "RCPT", "554 no", ANSWER_MAILBOX_UNTOLD },
		{ "dot", "550 no", ANSWER_MAILBOX_UNTOLD },
		{ "RCPT", "552 5.2.2 over quota", ANSWER_MAILBOX_FULL },
		{ "RCPT", "452 4.2.2 mailbox full", ANSWER_MAILBOX_FULL },
		{ "RCPT", "550 blocked by this recipient",
			ANSWER_MAILBOX_UNTOLD },
		{ "dot", "550 5.4.5 Daily user sending quota exceeded",
			ANSWER_MAILBOX_UNTOLD },
		{ "MAIL", "530 5.7.0 Authentication required",
			ANSWER_MAILBOX_UNTOLD },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (answer_judge(rows[i].stage, rows[i].reply, NULL).mailbox !=
		    rows[i].mailbox)
			fail_msg("row %zu: %s", i, rows[i].reply);
}

static void codes_are_read_wherever_they_stand(void **state)
{
	static const struct {
		const char *reply;
		struct answer_code code;
	} rows[] = {
		{ "550 5.1.1 x", { 550, 5, 1, 1 } },
		{ "550-5.1.1 x", { 550, 5, 1, 1 } },
		{ "RCPT 451 later", { 451, 0, 0, 0 } },
		{ "553 sorry (#5.7.1)", { 553, 5, 7, 1 } },
		{ "550 #5.1.0 Address rejected.", { 550, 5, 1, 0 } },
		{ "450 cuda_nsu 4.7.1 x", { 450, 4, 7, 1 } },
		{ "550 5.7.606 banned", { 550, 5, 7, 606 } },
		{ "554 192.0.2.1 is 5.4.3.2 x", { 554, 0, 0, 0 } },
		{ "550 s5.4.5 S5.4.5", { 550, 0, 0, 0 } },
		{ "554 mx-5.1.2.example", { 554, 0, 0, 0 } },
		{ "550 5.", { 550, 0, 0, 0 } },
		{ "550 5.1.999999999999", { 550, 0, 0, 0 } },
		{ "550", { 550, 0, 0, 0 } },
		{ "5", { 0, 0, 0, 0 } },
		{ "999 no code", { 0, 0, 0, 0 } },
		{ "Connection refused", { 0, 0, 0, 0 } },
		{ "", { 0, 0, 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct answer_code c = answer_code_read(rows[i].reply);

		if (c.code != rows[i].code.code ||
		    c.class != rows[i].code.class ||
		    c.subject != rows[i].code.subject ||
		    c.detail != rows[i].code.detail)
			fail_msg("\"%s\": %d %d.%d.%d", rows[i].reply, c.code,
				 c.class, c.subject, c.detail);
	}
}

static void a_stored_answer_keeps_its_stage(void **state)
{
	static const struct {
		const char *stage;
		const char *line;
	} rows[] = {
		{ "RCPT", "550 hmm" },
		{ "dot", "dot 550 hmm" },
		{ "DATA", "DATA 550 hmm" },
	};
	const char *reply;
	char line[40];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct answer a = answer_judge(rows[i].stage, "550 hmm", NULL);

		answer_store(line, sizeof(line), rows[i].stage, "550 hmm");
		assert_string_equal(line, rows[i].line);
		assert_string_equal(answer_judge_stored(line, NULL, &reply).rule,
				    a.rule);
		assert_string_equal(reply, "550 hmm");
	}
	assert_int_equal(answer_judge_stored("", NULL, &reply).verdict,
			 ANSWER_RELAY);
	assert_string_equal(reply, "");
}

static void the_recipients_own_words_are_not_the_servers(void **state)
{
	static const struct {
		const char *recipient;
		struct row row;
	} rows[] = {
		{ "blacklisted@example.org", { "RCPT",
			"550 Unknown user: blacklisted", ANSWER_RECIPIENT } },
		{ "Spam@example.org", { "RCPT",
			"550 5.1.1 Mailbox \"SPAM\" unknown",
			ANSWER_RECIPIENT } },
		{ "spam@example.org", { "dot",
			"550 5.1.1 no such user <spam>", ANSWER_RECIPIENT } },
		{ "SPAM@example.org", { "RCPT",
			"550 5.1.1 spam... User unknown", ANSWER_RECIPIENT } },
		{ "blacklisted+x@example.org", { "RCPT",
			"550 no such user (blacklisted+x)", ANSWER_RECIPIENT } },
		{ "blacklisted+x@example.org", { "RCPT",
			"550 no such user 'blacklisted'", ANSWER_RECIPIENT } },
		{ "x+blacklisted@example.org", { "RCPT",
			"550 unknown user x, folder blacklisted.",
			ANSWER_RECIPIENT } },
		{ "your-ip-is-blacklisted@example.org", { "RCPT",
			"550-5.1.1 your-ip-is-blacklisted\n550 5.1.1 unknown",
			ANSWER_RECIPIENT } },
		{ "sender.blocked@example.org", { "RCPT",
			"550 sender.blocked: user unknown", ANSWER_RECIPIENT } },
		{ "o'spamhaus@example.org", { "RCPT",
			"550 o'spamhaus is no user here", ANSWER_RECIPIENT } },
		{ "quota@example.org", { "RCPT",
			"450 quota: try again later",
			ANSWER_RECIPIENT_LATER } },
		{ "x@blocked.club", { "RCPT", "550 No user x in blocked.club",
			ANSWER_RECIPIENT } },
		/* Only whole words are the recipient's. */
		{ "black@example.org", { "RCPT", "550 you are blacklisted",
			ANSWER_US } },
		{ "list@example.org", { "RCPT", "550 you are on a black-list",
			ANSWER_US } },
		{ "ip@example.org", { "RCPT", "550 ip is blacklisted",
			ANSWER_US } },
		/* What is left still speaks of us. */
		{ "blocked@example.org", { "RCPT",
			"550 blocked: your ip is blacklisted", ANSWER_US } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct row *row = &rows[i].row;
		struct answer a = answer_judge(row->stage, row->reply,
					       rows[i].recipient);

		if (a.verdict != row->verdict)
			fail_msg("%s: not %s, but %s by %s: %s",
				 rows[i].recipient, answer_name(row->verdict),
				 answer_name(a.verdict), a.rule, row->reply);
	}
}

/* Else "mailbox@example.org" would be told that there is no such mailbox. */
static void a_word_of_both_counts_if_it_speaks_of_the_recipient(void **state)
{
	struct answer a = answer_judge("RCPT", "552 mailbox full",
				       "mailbox@example.org");

	(void)state;
	assert_int_equal(a.mailbox, ANSWER_MAILBOX_FULL);
	a = answer_judge("RCPT", "550 user unknown", "user@example.org");
	assert_int_equal(a.verdict, ANSWER_RECIPIENT);
	assert_false(a.guessed);
	a = answer_judge("RCPT", "550 blacklisted", "blacklisted@example.org");
	assert_int_not_equal(a.verdict, ANSWER_US);
	assert_true(a.guessed);
}

static void a_very_long_answer_is_judged_by_its_beginning(void **state)
{
	size_t size = 65536;
	char *reply = alloc_zeroed(1, size + 1);

	(void)state;
	memset(reply, '<', size);
	memcpy(reply, "550 5.1.1 User unknown ", 23);
	assert_int_equal(answer_judge("RCPT", reply, NULL).verdict,
			 ANSWER_RECIPIENT);
	memset(reply + 23, 'x', size - 23);
	assert_int_equal(answer_judge("RCPT", reply, NULL).verdict,
			 ANSWER_RECIPIENT);
	memset(reply + 4, 'x', size - 4);
	assert_int_equal(answer_judge("dot", reply, NULL).verdict,
			 ANSWER_CONTENT);
	memcpy(reply, "550 5.1.1 User unknown ", 23);
	memset(reply + 23, '@', size - 23);
	assert_int_equal(answer_judge("RCPT", reply, NULL).verdict,
			 ANSWER_RECIPIENT);
	free(reply);
}

static void each_verdict_has_its_words(void **state)
{
	(void)state;
	for (int i = 0; i < ANSWER_COUNT; i++) {
		assert_true(*answer_name((enum answer_verdict)i));
		assert_true(*answer_does((enum answer_verdict)i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_that_lead_astray),
		cmocka_unit_test(servers_speak_other_languages),
		cmocka_unit_test(addresses_are_no_words_of_the_server),
		cmocka_unit_test(quotations_are_no_words_of_the_server),
		cmocka_unit_test(nobody_is_refused_before_he_is_named),
		cmocka_unit_test(what_we_may_do_is_no_recipients_fault),
		cmocka_unit_test(what_is_one_recipients_stops_nobody_else),
		cmocka_unit_test(in_doubt_nothing_is_buried_for_our_fault),
		cmocka_unit_test(case_and_line_ends_do_not_matter),
		cmocka_unit_test(
			a_mailbox_is_missing_or_full_only_if_it_says_so),
		cmocka_unit_test(codes_are_read_wherever_they_stand),
		cmocka_unit_test(a_stored_answer_keeps_its_stage),
		cmocka_unit_test(the_recipients_own_words_are_not_the_servers),
		cmocka_unit_test(
			a_word_of_both_counts_if_it_speaks_of_the_recipient),
		cmocka_unit_test(a_very_long_answer_is_judged_by_its_beginning),
		cmocka_unit_test(each_verdict_has_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
