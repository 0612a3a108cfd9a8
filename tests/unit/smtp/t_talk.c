/* SPDX-License-Identifier: MIT */
/* Tests how an SMTP dialogue is read along. */
#include "config.h"

#include "base/buf.h"
#include "smtp/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void show(void *arg, const char *line)
{
	struct buf *out = arg;

	buf_add(out, line, strlen(line));
	buf_add(out, "\n", 1);
}

static void server(struct talk *t, const char *text)
{
	struct buf bytes = BUF_INIT;

	buf_add(&bytes, text, strlen(text));
	talk_read(t, bytes.data, bytes.len);
	buf_release(&bytes);
}

static bool client(struct talk *t, const char *text)
{
	talk_wrote(t, text, strlen(text));
	return talk_is_mail(text, strlen(text));
}

static void each_step_is_known(void **state)
{
	struct talk t = { .stage = STAGE_CONNECT };

	(void)state;
	assert_string_equal(stages_name(t.stage), "connect");
	talk_connected(&t, STAGE_GREETING);
	assert_string_equal(stages_name(t.stage), "greeting");
	server(&t, "220 hello\r\n");
	assert_false(client(&t, "EHLO me\r\n"));
	assert_int_equal(t.stage, STAGE_EHLO);
	server(&t, "250-hello\r\n250 STARTTLS\r\n");
	assert_false(client(&t, "STARTTLS\r\n"));
	assert_int_equal(t.stage, STAGE_STARTTLS);
	server(&t, "220 go\r\n");
	assert_int_equal(t.stage, STAGE_TLS);
	talk_secured(&t);
	assert_int_equal(t.stage, STAGE_TLS);
	assert_false(client(&t, "EHLO me\r\n"));
	server(&t, "250-me\r\n250 AUTH PLAIN  login\r\n");
	assert_string_equal(t.ways, "PLAIN, login");
	assert_false(client(&t, "AUTH PLAIN AGEAYg==\r\n"));
	assert_int_equal(t.stage, STAGE_AUTH);
	server(&t, "235 ok\r\n");
	assert_true(t.logged_in);
	assert_true(client(&t, "MAIL FROM:<a@b>\r\n"));
	assert_int_equal(t.stage, STAGE_MAIL);
}

static void lines_may_come_in_any_pieces(void **state)
{
	struct talk t = { .stage = STAGE_CONNECT };
	char text[] = "250-one\r\n250-two\r\n250 three\r\n";

	(void)state;
	talk_connected(&t, STAGE_GREETING);
	for (char *p = text; *p; p++)
		talk_read(&t, p, 1);
	assert_int_equal(t.code, 250);
	assert_string_equal(t.last, "250 three");
	talk_forget(&t);
	assert_int_equal(t.code, 0);
	assert_string_equal(t.last, "");
}

static void tls_may_come_before_the_greeting(void **state)
{
	struct talk t = { .stage = STAGE_CONNECT };

	(void)state;
	talk_connected(&t, STAGE_TLS);
	assert_int_equal(t.stage, STAGE_TLS);
	talk_secured(&t);
	assert_int_equal(t.stage, STAGE_GREETING);
	server(&t, "220 hello\r\n");
	(void)client(&t, "EHLO me\r\n");
	assert_int_equal(t.stage, STAGE_EHLO);
}

/* What a server offers may be more than fits, or no words at all. */
static void ways_to_log_in_are_kept_as_far_as_they_fit(void **state)
{
	struct talk t = { .stage = STAGE_CONNECT };
	struct buf many = BUF_INIT;

	(void)state;
	talk_connected(&t, STAGE_GREETING);
	(void)client(&t, "EHLO me\r\n");
	server(&t, "250 AUTH \r\n");
	assert_string_equal(t.ways, "");
	buf_addstr(&many, "250-AUTH");
	for (int i = 0; i < 60; i++)
		buf_addstr(&many, " LOGIN");
	buf_addstr(&many, "\r\n250 AUTH=PLAIN\r\n");
	server(&t, many.data);
	buf_release(&many);
	assert_int_equal(strlen(t.ways), sizeof(t.ways) - 1);
	assert_int_equal(strncmp(t.ways, "LOGIN, LOGIN, ", 14), 0);
}

static void a_bare_code_offers_no_way_to_log_in(void **state)
{
	struct talk t = { .stage = STAGE_CONNECT };

	(void)state;
	talk_connected(&t, STAGE_GREETING);
	server(&t, "220 auth is off here\r\n");
	(void)client(&t, "EHLO me\r\n");
	server(&t, "250\r\n");
	assert_string_equal(t.ways, "");
}

static void a_second_log_in_makes_up_for_the_first(void **state)
{
	struct talk t = { .stage = STAGE_CONNECT };

	(void)state;
	talk_connected(&t, STAGE_GREETING);
	(void)client(&t, "AUTH XOAUTH2 dG9rZW4=\r\n");
	server(&t, "535 5.7.8 expired\r\n");
	assert_int_equal(t.auth_code, 535);
	(void)client(&t, "AUTH XOAUTH2 b3RoZXI=\r\n");
	server(&t, "235 welcome\r\n");
	assert_true(t.logged_in);
	assert_int_equal(t.auth_code, 0);
}

static void the_answer_to_quit_is_no_reason(void **state)
{
	struct talk t = { .stage = STAGE_CONNECT };

	(void)state;
	talk_connected(&t, STAGE_GREETING);
	server(&t, "554 go away\r\n");
	(void)client(&t, "QUIT\r\n");
	server(&t, "221 bye\r\n");
	assert_int_equal(t.code, 554);
	assert_string_equal(t.last, "554 go away");
}

/* A client that reads on sees no CHUNKING, wherever the pieces were cut. */
static void an_offer_of_chunking_is_hidden(void **state)
{
	static const char text[] = "250-chunky\r\n250-CHUNKING\r\n250 chunking"
				   "\r\n";
	const size_t len = sizeof(text) - 1;

	(void)state;
	for (size_t cut = 0; cut <= len; cut++) {
		struct talk t = { .stage = STAGE_CONNECT };
		char bytes[sizeof(text)];

		memcpy(bytes, text, sizeof(text));
		talk_connected(&t, STAGE_GREETING);
		(void)client(&t, "EHLO me\r\n");
		talk_read(&t, bytes, cut);
		talk_read(&t, bytes + cut, len - cut);
		assert_memory_equal(bytes, "250-chunky\r\n250-", 16);
		assert_string_equal(t.last, "250 chunking");
		/* Too late when no more than the last byte is left. */
		if (cut != strlen("250-chunky\r\n250-CHUNKING\r"))
			assert_null(strstr(bytes, "CHUNKING\r\n"));
		if (cut != len - 1)
			assert_null(strstr(bytes, "chunking\r\n"));
		(void)client(&t, "MAIL FROM:<a@b>\r\n");
		memcpy(bytes, text, sizeof(text));
		talk_read(&t, bytes, len);
		assert_string_equal(bytes, text);	/* no offer any more */
	}
}

static void a_refused_log_in_leaves_its_code(void **state)
{
	struct talk t = { .stage = STAGE_CONNECT };

	(void)state;
	talk_connected(&t, STAGE_GREETING);
	(void)client(&t, "AUTH LOGIN\r\n");
	server(&t, "334 VXNlcm5hbWU6\r\n");
	assert_true(t.logging_in);
	(void)client(&t, "MAIL\r\n");	/* a user of that name */
	assert_int_equal(t.stage, STAGE_AUTH);
	server(&t, "535 no\r\n");
	assert_false(t.logged_in);
	assert_int_equal(t.auth_code, 535);
}

static void a_mails_own_text_is_no_command(void **state)
{
	struct talk t = { .stage = STAGE_CONNECT };

	(void)state;
	talk_connected(&t, STAGE_GREETING);
	assert_true(client(&t, "MAIL FROM:<a@b>\r\n"));
	assert_false(client(&t, "BDAT 40\r\nAUTH x\r\nSTARTTLS\r\nEHLO\r\n"));
	assert_int_equal(t.stage, STAGE_MAIL);
	server(&t, "250 ok\r\n");
	assert_false(t.logged_in);
}

static void what_is_shown_has_no_credentials(void **state)
{
	struct buf out = BUF_INIT;
	struct talk t = { .show = show, .show_arg = &out };

	(void)state;
	talk_connected(&t, STAGE_GREETING);
	server(&t, "220 \x1b[2Jhi\r\n");
	(void)client(&t, "AUTH PLAIN c2VjcmV0\r\n");
	server(&t, "504 no\r\n");
	(void)client(&t, "auth login c2VjcmV0\r\n");
	server(&t, "334 UGFzc3dvcmQ6\r\n");
	(void)client(&t, "c2VjcmV0\r\n");
	server(&t, "235 yes\r\n");
	(void)client(&t, "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n");
	assert_string_equal(out.data,
			    "S: 220 ?[2Jhi\n"
			    "C: AUTH PLAIN [redacted]\n"
			    "S: 504 no\n"
			    "C: AUTH login [redacted]\n"
			    "S: 334 UGFzc3dvcmQ6\n"
			    "C: [redacted]\n"
			    "S: 235 yes\n"
			    "C: MAIL FROM:<a@b>\n"
			    "C: RCPT TO:<c@d>\n");
	buf_release(&out);
}

static void long_lines_and_rubbish_are_cut_and_kept_off(void **state)
{
	struct talk t = { .stage = STAGE_CONNECT };
	char piece[] = "\0x\n";

	(void)state;
	talk_connected(&t, STAGE_GREETING);
	for (int i = 0; i < 100000; i++)
		talk_read(&t, piece, 2);
	talk_read(&t, piece + 2, 1);
	assert_int_equal(t.code, 0);
	assert_int_equal(strlen(t.last), sizeof(t.last) - 1);
}

static void all_lines_of_a_reply_are_kept_up_to_a_limit(void **state)
{
	struct talk t = { .stage = STAGE_CONNECT };

	(void)state;
	talk_connected(&t, STAGE_GREETING);
	server(&t, "220 hello\r\n");
	(void)client(&t, "EHLO me\r\n");
	server(&t, "550-5.7.1 you are\r\n550-5.7.1 on a list\r\n");
	server(&t, "550 5.7.1 of ours\r\n");
	assert_string_equal(t.reply, "550-5.7.1 you are\n"
			    "550-5.7.1 on a list\n550 5.7.1 of ours");
	/* Only the one, and not what follows. */
	(void)client(&t, "HELO me\r\n");
	server(&t, "501 no\r\n");
	assert_string_equal(t.reply, "501 no");
	(void)client(&t, "QUIT\r\n");
	server(&t, "221 bye\r\n");
	assert_string_equal(t.reply, "501 no");

	struct talk other = { .stage = STAGE_CONNECT };

	talk_connected(&other, STAGE_GREETING);
	for (int i = 0; i < 1000; i++)
		server(&other, "554-go away, whoever you are\r\n");
	server(&other, "554 go\r\n");
	assert_int_equal(strlen(other.reply), sizeof(other.reply) - 1);
	assert_int_equal(other.code, 554);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_is_known),
		cmocka_unit_test(lines_may_come_in_any_pieces),
		cmocka_unit_test(tls_may_come_before_the_greeting),
		cmocka_unit_test(ways_to_log_in_are_kept_as_far_as_they_fit),
		cmocka_unit_test(a_bare_code_offers_no_way_to_log_in),
		cmocka_unit_test(a_second_log_in_makes_up_for_the_first),
		cmocka_unit_test(the_answer_to_quit_is_no_reason),
		cmocka_unit_test(an_offer_of_chunking_is_hidden),
		cmocka_unit_test(a_refused_log_in_leaves_its_code),
		cmocka_unit_test(a_mails_own_text_is_no_command),
		cmocka_unit_test(what_is_shown_has_no_credentials),
		cmocka_unit_test(long_lines_and_rubbish_are_cut_and_kept_off),
		cmocka_unit_test(all_lines_of_a_reply_are_kept_up_to_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
