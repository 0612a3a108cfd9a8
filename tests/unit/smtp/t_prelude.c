/* SPDX-License-Identifier: MIT */
/* Tests what is said to a relay before libesmtp. */
#include "config.h"

#include "base/ticks.h"
#include "smtp/prelude.h"
#include "peer.h"

#include <signal.h>
#include <stdlib.h>

#define GREETS "S 220 " PEER_NAME " ESMTP\r\n", "C EHLO me.example.org\r\n"

/* ---- a session ----------------------------------------------------------- */

struct scene {
	struct peer peer;
	struct wire wire;
	struct talk talk;
	struct relay_conf relay;
	struct sender_tls *tls;
	struct prelude_opts opts;
	struct prelude_heard heard;
	char words[160];
	char shown[4000];
};

static void show(void *arg, const char *line)
{
	struct scene *s = arg;
	size_t len = strlen(s->shown);

	(void)snprintf(s->shown + len, sizeof(s->shown) - len, "%s\n", line);
}

static void begin(struct scene *s, const char *const *script)
{
	struct talk talk = { .show = show, .show_arg = s };

	s->peer.script = script;
	s->peer.ctx = peer_server;
	s->talk = talk;
	s->wire = (struct wire){ .fd = peer_start(&s->peer) };
	s->opts.talk = &s->talk;
	s->opts.hello_name = "me.example.org";
	if (s->opts.step_ms == 0)
		s->opts.step_ms = 20000;
	buf_init(&s->heard.text);
}

static void trust(struct scene *s, const char *name, const char *oldest)
{
	struct fault why;

	s->relay.tls_ca_file = peer_trusted;
	s->relay.tls_name = (char *)(uintptr_t)name;
	s->relay.host = (char *)(uintptr_t)"127.0.0.1";
	s->relay.tls_min = (char *)(uintptr_t)oldest;
	s->tls = sender_tls_new(&s->relay, &why);
	assert_non_null(s->tls);
	s->opts.tls = s->tls;
}

static enum prelude_end run(struct scene *s)
{
	talk_connected(&s->talk, s->opts.implicit ? STAGE_TLS : STAGE_GREETING);
	return prelude_run(&s->wire, &s->opts, &s->heard, s->words);
}

static void end(struct scene *s)
{
	(void)shutdown(s->wire.fd, SHUT_RDWR);
	wire_close(&s->wire);
	peer_end(&s->peer);
	sender_tls_free(s->tls);
	buf_release(&s->heard.text);
}

/* ---- TLS ------------------------------------------------------------------- */

static void starttls_comes_before_all_else(void **state)
{
	static const char *const script[] = {
		GREETS, "S 250-mx\r\n250-SIZE 1\r\n250 STARTTLS\r\n",
		"C STARTTLS\r\n", "S 220 go\r\n", "TLS",
		"C EHLO me.example.org\r\n",
		"S 250-mx\r\n250-CHUNKING\r\n250-AUTH PLAIN\r\n250 DSN\r\n",
		NULL,
	};
	struct scene s = { .tls = NULL };

	(void)state;
	trust(&s, PEER_NAME, "1.2");
	begin(&s, script);
	assert_int_equal(run(&s), PRELUDE_GOOD);
	assert_string_equal(s.heard.text.data, "220 ESMTP\r\n250-mx\r\n"
			    "250-XHUNKING\r\n250-AUTH PLAIN\r\n"
			    "250 DSN\r\n");
	assert_int_equal(s.heard.known, s.heard.text.len);
	assert_string_equal(s.talk.ways, "PLAIN");
	end(&s);
}

static void tls_may_begin_with_the_first_byte(void **state)
{
	static const char *const script[] = {
		"TLS", GREETS, "S 250 mx\r\n", NULL,
	};
	struct scene s = { .opts.implicit = true };

	(void)state;
	trust(&s, PEER_NAME, "1.3");
	begin(&s, script);
	assert_int_equal(run(&s), PRELUDE_GOOD);
	assert_string_equal(s.heard.text.data, "220 ESMTP\r\n250 mx\r\n");
	end(&s);
}

/* As far as the client goes along. */
static void try_handshake(struct peer *p)
{
	char byte;

	p->ssl = SSL_new(p->ctx);
	if (SSL_set_fd(p->ssl, p->fd) && SSL_accept(p->ssl) == 1 &&
	    SSL_read(p->ssl, &byte, 1) == 1)
		(void)snprintf(p->wrong, sizeof(p->wrong), "was spoken to");
}

static void a_server_of_another_name_is_not_spoken_to(void **state)
{
	struct scene s = { .peer.act = try_handshake, .opts.implicit = true };

	(void)state;
	trust(&s, "other.example.net", "1.2");
	begin(&s, NULL);
	assert_int_equal(run(&s), PRELUDE_UNPROVEN);
	assert_non_null(strstr(s.words, "certificate for other.example.net: "
			       "hostname mismatch"));
	end(&s);
}

static void what_follows_starttls_in_clear_is_refused(void **state)
{
	static const char *const script[] = {
		GREETS, "S 250-mx\r\n250 STARTTLS\r\n", "C STARTTLS\r\n",
		"S 220 go\r\n250 2.1.0 injected\r\n", NULL,
	};
	struct scene s = { .tls = NULL };

	(void)state;
	trust(&s, PEER_NAME, "1.2");
	begin(&s, script);
	assert_int_equal(run(&s), PRELUDE_UNSECURED);
	assert_non_null(strstr(s.words, "slipped in"));
	assert_null(s.wire.ssl);
	end(&s);
}

/* Sent with EHLO's answer it is not seen as what follows the 220. */
static void answers_before_their_question_secure_nothing(void **state)
{
	static const char *const script[] = {
		GREETS, "S 250-mx\r\n250 STARTTLS\r\n220 go\r\n250 early\r\n",
		"C STARTTLS\r\n", NULL,
	};
	struct scene s = { .tls = NULL };

	(void)state;
	trust(&s, PEER_NAME, "1.2");
	begin(&s, script);
	assert_int_equal(run(&s), PRELUDE_UNSECURED);
	end(&s);
}

static void a_server_without_starttls_is_left(void **state)
{
	static const char *const script[] = {
		GREETS, "S 250-STARTTLS\r\n250 XSTARTTLS\r\n", NULL,
	};
	struct scene s = { .tls = NULL };

	(void)state;
	trust(&s, PEER_NAME, "1.2");
	begin(&s, script);
	assert_int_equal(run(&s), PRELUDE_NO_STARTTLS);
	end(&s);
}

/* ---- words ------------------------------------------------------------------ */

static void a_refusal_is_left_to_talk(void **state)
{
	static const struct {
		const char *const script[4];
		enum stage stage;
		int code;
	} table[] = {
		{ { "S 554-no\r\n554 never\r\n", NULL }, STAGE_GREETING, 554 },
		{ { "S hello\r\n", NULL }, STAGE_GREETING, 0 },
		{ { NULL }, STAGE_GREETING, 0 },
		{ { GREETS, "S 421 busy\r\n", NULL }, STAGE_EHLO, 421 },
		{ { GREETS, "S 502 what?\r\n", NULL }, STAGE_EHLO, 502 },
		{ { GREETS, "S 250-mx\r\n", NULL }, STAGE_EHLO, 220 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct scene s = { .tls = NULL };

		trust(&s, PEER_NAME, "1.2");
		begin(&s, table[i].script);
		assert_int_equal(run(&s), PRELUDE_REFUSED);
		assert_int_equal(s.talk.stage, table[i].stage);
		assert_int_equal(s.talk.code, table[i].code);
		assert_string_equal(s.words, "");
		end(&s);
	}
}

static void drip(struct peer *p)
{
	while (peer_say(p, "2", 1))
		(void)poll(NULL, 0, 10);
}

static void a_step_takes_no_longer_than_it_may(void **state)
{
	struct scene s = { .opts.step_ms = 100, .peer.act = drip };
	int64_t begun_ms = ticks_ms();

	(void)state;
	trust(&s, PEER_NAME, "1.2");
	begin(&s, NULL);
	assert_int_equal(run(&s), PRELUDE_REFUSED);
	assert_true(ticks_ms() - begun_ms < 2000);
	end(&s);
}

/* ---- tokens ------------------------------------------------------------------ */

static struct {
	const char *token[3];		/* one after the other; NULL = none */
	int given;
	char refused[40];
} source;

static int get(void *arg, size_t relay, char token[SENDER_TOKEN_MAX],
	       struct fault *why)
{
	const char *one = source.token[source.given];

	(void)arg;
	assert_int_equal(relay, 7);
	if (!one)
		return fault_set(why, FAULT_RETRY, "no token: the helper hangs");
	(void)snprintf(token, SENDER_TOKEN_MAX, "%s", one);
	return 0;
}

static void refused(void *arg, size_t relay, const char *token)
{
	(void)arg;
	assert_int_equal(relay, 7);
	(void)snprintf(source.refused + strlen(source.refused),
		       sizeof(source.refused) - strlen(source.refused), "%s ",
		       token);
	if (source.given < 2)
		source.given++;
}

static const struct sender_tokens tokens = { get, refused, NULL };

static void log_in(struct scene *s, const char *mechanism, const char *first,
		   const char *second)
{
	memset(&source, 0, sizeof(source));
	source.token[0] = first;
	source.token[1] = second;
	source.token[2] = second;
	s->opts.sasl = (struct sasl){ mechanism, "a,b@example.org", "mx", 587 };
	s->opts.tokens = &tokens;
	s->opts.relay = 7;
}

#define OFFERS "S 250-mx\r\n250-AUTH XOAUTH2 OAUTHBEARER\r\n250 SIZE 1\r\n"
/* "user=a,b@example.org^Aauth=Bearer one^A^A", and "two" */
#define ONE "dXNlcj1hLGJAZXhhbXBsZS5vcmcBYXV0aD1CZWFyZXIgb25lAQE="
#define TWO "dXNlcj1hLGJAZXhhbXBsZS5vcmcBYXV0aD1CZWFyZXIgdHdvAQE="
/* "n,a=a=2Cb@example.org,^Ahost=mx^Aport=587^Aauth=Bearer one^A^A" */
#define BEARER "bixhPWE9MkNiQGV4YW1wbGUub3JnLAFob3N0PW14AXBvcnQ9NTg3AWF1dGg9" \
	       "QmVhcmVyIG9uZQEB"
#define JSON "S 334 eyJzdGF0dXMiOiI0MDEifQ==\r\n"

static void logs_in_with_a_token(void **state)
{
	static const struct {
		const char *mechanism;
		const char *second;		/* token */
		const char *script[12];
		enum prelude_end end;
		int code;
		const char *refused;
	} table[] = {
		{ "XOAUTH2", "one", { GREETS, OFFERS,
		  "C AUTH XOAUTH2 " ONE "\r\n", "S 235 hi\r\n" },
		  PRELUDE_GOOD, 235, "" },
		{ "OAUTHBEARER", "one", { GREETS, OFFERS,
		  "C AUTH OAUTHBEARER " BEARER "\r\n", "S 235 hi\r\n" },
		  PRELUDE_GOOD, 235, "" },
		/* It wants the response by itself. */
		{ "XOAUTH2", "one", { GREETS, OFFERS,
		  "C AUTH XOAUTH2 " ONE "\r\n", "S 334 \r\n",
		  "C " ONE "\r\n", "S 235 hi\r\n" },
		  PRELUDE_GOOD, 235, "" },
		/* It says why not, and there is no other. */
		{ "XOAUTH2", "one", { GREETS, OFFERS,
		  "C AUTH XOAUTH2 " ONE "\r\n", JSON, "C \r\n",
		  "S 535 5.7.8 no\r\n" },
		  PRELUDE_REFUSED, 535, "one " },
		{ "OAUTHBEARER", "one", { GREETS, OFFERS,
		  "C AUTH OAUTHBEARER " BEARER "\r\n", JSON, "C AQ==\r\n",
		  "S 535 5.7.8 no\r\n" },
		  PRELUDE_REFUSED, 535, "one " },
		/* Another one does it, on the same connection. */
		{ "XOAUTH2", "two", { GREETS, OFFERS,
		  "C AUTH XOAUTH2 " ONE "\r\n", "S 535 5.7.8 no\r\n",
		  "C AUTH XOAUTH2 " TWO "\r\n", "S 235 hi\r\n" },
		  PRELUDE_GOOD, 235, "one " },
		/* Both are refused: no third try. */
		{ "XOAUTH2", "two", { GREETS, OFFERS,
		  "C AUTH XOAUTH2 " ONE "\r\n", "S 535 5.7.8 no\r\n",
		  "C AUTH XOAUTH2 " TWO "\r\n", "S 535 5.7.8 nor that\r\n" },
		  PRELUDE_REFUSED, 535, "one two " },
		/* It hangs up: another connection may take the other. */
		{ "XOAUTH2", "two", { GREETS, OFFERS,
		  "C AUTH XOAUTH2 " ONE "\r\n", "S 535 5.7.8 no\r\n" },
		  PRELUDE_AGAIN, 535, "one " },
		/* No word about the token. */
		{ "XOAUTH2", "two", { GREETS, OFFERS,
		  "C AUTH XOAUTH2 " ONE "\r\n", "S 454 4.7.0 later\r\n" },
		  PRELUDE_REFUSED, 454, "" },
		{ "XOAUTH2", "two", { GREETS, OFFERS,
		  "C AUTH XOAUTH2 " ONE "\r\n", "S 504 5.5.4 what?\r\n" },
		  PRELUDE_REFUSED, 504, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct scene s = { .tls = NULL };

		log_in(&s, table[i].mechanism, "one", table[i].second);
		begin(&s, table[i].script);
		assert_int_equal(run(&s), table[i].end);
		assert_int_equal(s.talk.code, table[i].code);
		assert_string_equal(source.refused, table[i].refused);
		assert_null(strstr(s.shown, ONE));
		assert_null(strstr(s.shown, TWO));
		assert_null(strstr(s.shown, BEARER));
		/* The library is not to log in again. */
		if (table[i].end == PRELUDE_GOOD)
			assert_string_equal(s.heard.text.data, "220 ESMTP\r\n"
					    "250-mx\r\n250 SIZE 1\r\n");
		end(&s);
	}
}

static void says_which_ways_a_server_offers(void **state)
{
	static const char *const script[] = {
		GREETS, "S 250-mx\r\n250 AUTH PLAIN LOGIN\r\n", NULL,
	};
	struct scene s = { .tls = NULL };

	(void)state;
	log_in(&s, "XOAUTH2", "one", "one");
	begin(&s, script);
	assert_int_equal(run(&s), PRELUDE_NO_LOGIN);
	assert_string_equal(s.words, "the server offers no AUTH XOAUTH2, only "
			    "PLAIN, LOGIN");
	end(&s);
}

static void without_a_token_nothing_is_tried(void **state)
{
	static const char *const script[] = { GREETS, OFFERS, NULL };
	struct scene s = { .tls = NULL };

	(void)state;
	log_in(&s, "XOAUTH2", NULL, NULL);
	begin(&s, script);
	assert_int_equal(run(&s), PRELUDE_NO_LOGIN);
	assert_string_equal(s.words, "no token: the helper hangs");
	end(&s);
}

/* Microsoft's are of 2 to 4 KB; the longest that fits must go, too. */
static void long_tokens_go_in_a_line_of_their_own(void **state)
{
	char token[SENDER_TOKEN_MAX];
	char response[SASL_LINE_MAX];
	char line[SASL_LINE_MAX + 40];
	const struct sasl sasl = { "OAUTHBEARER", "a,b@example.org", "mx",
				   587 };
	const char *script[] = { GREETS, OFFERS, "C AUTH OAUTHBEARER\r\n",
				 "S 334 \r\n", line, "S 235 hi\r\n", NULL };
	struct scene s = { .tls = NULL };

	(void)state;
	memset(token, 'x', sizeof(token));
	token[sizeof(token) - 1] = '\0';
	sasl_respond(&sasl, token, response);
	(void)snprintf(line, sizeof(line), "C %s\r\n", response);
	assert_true(strlen(line) - 2 <= 12288);
	log_in(&s, sasl.mechanism, token, token);
	begin(&s, script);
	assert_int_equal(run(&s), PRELUDE_GOOD);
	end(&s);
}

/* What comes of itself after the last answer is the library's to read. */
static void a_word_too_early_is_not_lost(void **state)
{
	static const char *const script[] = {
		GREETS, OFFERS, "C AUTH XOAUTH2 " ONE "\r\n",
		"S 235 hi\r\n421 but no\r\n", NULL,
	};
	struct scene s = { .tls = NULL };

	(void)state;
	log_in(&s, "XOAUTH2", "one", "one");
	begin(&s, script);
	assert_int_equal(run(&s), PRELUDE_GOOD);
	assert_string_equal(s.heard.text.data + s.heard.known, "421 but no\r\n");
	assert_int_equal(s.talk.code, 235);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starttls_comes_before_all_else),
		cmocka_unit_test(tls_may_begin_with_the_first_byte),
		cmocka_unit_test(a_server_of_another_name_is_not_spoken_to),
		cmocka_unit_test(what_follows_starttls_in_clear_is_refused),
		cmocka_unit_test(answers_before_their_question_secure_nothing),
		cmocka_unit_test(a_server_without_starttls_is_left),
		cmocka_unit_test(a_refusal_is_left_to_talk),
		cmocka_unit_test(a_step_takes_no_longer_than_it_may),
		cmocka_unit_test(logs_in_with_a_token),
		cmocka_unit_test(says_which_ways_a_server_offers),
		cmocka_unit_test(without_a_token_nothing_is_tried),
		cmocka_unit_test(long_tokens_go_in_a_line_of_their_own),
		cmocka_unit_test(a_word_too_early_is_not_lost),
	};

	return cmocka_run_group_tests(tests, peer_certificate_make,
				      peer_certificate_drop);
}
