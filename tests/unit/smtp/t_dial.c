/* SPDX-License-Identifier: MIT */
/* Tests how a relay's addresses are tried. */
#include "config.h"

#include "addresses.h"
#include "base/ticks.h"
#include "smtp/dial.h"
#include "smtp/lookup.h"
#include "smtp/marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define LIMIT_MS 2000

static char known[400];		/* the addresses of every name */
static int lookups;

static int look(const struct lookup_question *q, struct lookup_result *out,
		struct fault *why)
{
	lookups++;
	if (known[0] == '\0')
		return fault_set(why, FAULT_REJECT, "look up %s: nowhere",
				 q->host);
	*out = list_of(known, (int)q->port);
	return 0;
}

/* Servers on one port of several addresses. */
struct servers {
	int listener[4], filler[4];
	size_t count;
	int port;
};

static void listen_at(struct servers *s, const char *text, int backlog)
{
	struct lookup_address at = address_of(text, s->port);
	int fd = socket(at.at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, &at.at.any, at.len), 0);
	assert_int_equal(getsockname(fd, &at.at.any, &at.len), 0);
	s->port = ntohs(at.at.v4.sin_port);
	assert_int_equal(listen(fd, backlog), 0);
	s->filler[s->count] = -1;
	s->listener[s->count++] = fd;
}

static void serve(struct servers *s, const char *text)
{
	listen_at(s, text, 16);
}

/* Nobody accepts, and there is no room left: further ones hear nothing. */
static void fall_silent(struct servers *s, const char *text)
{
	struct lookup_address at;
	int fd;

	listen_at(s, text, 0);
	at = address_of(text, s->port);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, &at.at.any, at.len), 0);
	s->filler[s->count - 1] = fd;
}

static void stop(struct servers *s)
{
	for (size_t i = 0; i < s->count; i++) {
		(void)close(s->listener[i]);
		if (s->filler[i] != -1)
			(void)close(s->filler[i]);
	}
}

static struct dial *dial_to(const char *addresses, const struct servers *s,
			    struct marks *marks)
{
	(void)snprintf(known, sizeof(known), "%s", addresses);
	lookups = 0;
	return dial_new(&(struct dial_opts){
		.host = "mx.example.net", .port = s->port,
		.limit_ms = LIMIT_MS, .marks = marks, .lookup = look,
	});
}

static void assert_connects_to(struct dial *d, const char *text)
{
	struct lookup_address peer;
	char got[INET6_ADDRSTRLEN];
	struct fault why = { .text = "" };
	int fd = dial_next(d, &why);

	assert_string_equal(why.text, "");
	assert_int_not_equal(fd, -1);
	peer.len = sizeof(peer.at);
	assert_int_equal(getpeername(fd, &peer.at.any, &peer.len), 0);
	assert_string_equal(lookup_text(&peer, got), text);
	(void)close(fd);
}

static void a_silent_first_address_costs_a_moment_and_only_once(void **state)
{
	struct servers s = { .count = 0 };
	struct marks marks = { .mark[0].who = 0 };
	int64_t begun_ms;
	struct dial *d;

	(void)state;
	fall_silent(&s, "127.0.0.2");
	serve(&s, "127.0.0.3");
	d = dial_to("127.0.0.2 127.0.0.3", &s, &marks);
	dial_begin(d);
	begun_ms = ticks_ms();
	assert_connects_to(d, "127.0.0.3");
	assert_true(ticks_ms() - begun_ms >= 450);
	assert_non_null(strstr(dial_trouble(d), "connect mx.example.net "
			       "(127.0.0.2): no answer within 0."));
	dial_accept(d);
	dial_free(d);
	/* Another worker knows. */
	d = dial_to("127.0.0.2 127.0.0.3", &s, &marks);
	dial_begin(d);
	assert_connects_to(d, "127.0.0.3");
	assert_string_equal(dial_trouble(d), "");
	dial_free(d);
	stop(&s);
}

static void refused_and_unreachable_ones_are_left_at_once(void **state)
{
	struct servers s = { .count = 0 };
	struct dial *d;

	(void)state;
	serve(&s, "127.0.0.4");
	/* No TCP to a group, whatever the routes. */
	d = dial_to("127.0.0.2 224.0.0.1 127.0.0.4", &s, NULL);
	dial_begin(d);
	assert_connects_to(d, "127.0.0.4");
	assert_string_equal(dial_trouble(d), "connect mx.example.net "
			    "(127.0.0.2): refused; (224.0.0.1): unreachable");
	dial_free(d);
	stop(&s);
}

static void a_server_of_the_other_family_is_found(void **state)
{
	struct servers s = { .count = 0 };
	struct lookup_address here = address_of("::1", 0);
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has_v6 = fd != -1 && bind(fd, &here.at.any, here.len) == 0;
	struct dial *d;

	(void)state;
	(void)close(fd);
	if (!has_v6)
		return;		/* and there is nothing to find */
	serve(&s, "::1");
	d = dial_to("127.0.0.2 ::1", &s, NULL);
	dial_begin(d);
	assert_connects_to(d, "::1");
	assert_string_equal(dial_trouble(d), "connect mx.example.net "
			    "(127.0.0.2): refused");
	dial_free(d);
	stop(&s);
}

static void when_all_fail_each_has_its_share_and_its_words(void **state)
{
	struct servers s = { .count = 0 };
	int64_t begun_ms;
	struct fault why;
	struct dial *d;

	(void)state;
	fall_silent(&s, "127.0.0.2");
	fall_silent(&s, "127.0.0.3");
	d = dial_to("127.0.0.2 127.0.0.4 127.0.0.3", &s, NULL);
	dial_begin(d);
	begun_ms = ticks_ms();
	assert_int_equal(dial_next(d, &why), -1);
	assert_in_range(ticks_ms() - begun_ms, LIMIT_MS - 5, LIMIT_MS + 1000);
	assert_int_equal(why.class, FAULT_RETRY);
	assert_non_null(strstr(why.text, "connect mx.example.net (127.0.0.4): "
			       "refused; (127.0.0.2): no answer within 2 s; "
			       "(127.0.0.3): no answer within "));
	assert_false(dial_has_more(d));
	dial_free(d);
	stop(&s);
}

static void one_that_does_not_greet_is_left_for_the_next(void **state)
{
	struct servers s = { .count = 0 };
	struct fault why;
	struct dial *d;

	(void)state;
	serve(&s, "127.0.0.2");
	serve(&s, "127.0.0.3");
	d = dial_to("127.0.0.2 127.0.0.3", &s, NULL);
	dial_begin(d);
	assert_connects_to(d, "127.0.0.2");
	assert_true(dial_has_more(d));
	dial_refuse(d, "no answer at greeting");
	assert_connects_to(d, "127.0.0.3");
	assert_false(dial_has_more(d));
	dial_refuse(d, "no answer at greeting");
	assert_int_equal(dial_next(d, &why), -1);
	assert_string_equal(why.text, "connect mx.example.net (127.0.0.2): no "
			    "answer at greeting; (127.0.0.3): no answer at "
			    "greeting");
	/* The other one first, in the next session. */
	dial_begin(d);
	assert_connects_to(d, "127.0.0.2");
	dial_accept(d);
	dial_begin(d);
	assert_connects_to(d, "127.0.0.2");
	dial_free(d);
	stop(&s);
}

static void many_words_are_counted_rather_than_cut(void **state)
{
	struct servers s = { .count = 0, .port = 1 };
	struct fault why;
	struct dial *d;

	(void)state;
	d = dial_to("127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.5 127.0.0.6 "
		    "127.0.0.7 127.0.0.8 127.0.0.9", &s, NULL);
	dial_begin(d);
	assert_int_equal(dial_next(d, &why), -1);
	assert_string_equal(why.text, "connect mx.example.net (127.0.0.2): "
			    "refused; (127.0.0.3): refused; (127.0.0.4): "
			    "refused; (127.0.0.5): refused; (127.0.0.6): "
			    "refused; and 3 more");
	dial_free(d);
}

static void a_name_is_looked_up_again_when_nothing_answers(void **state)
{
	struct servers s = { .count = 0 };
	struct fault why;
	struct dial *d;

	(void)state;
	serve(&s, "127.0.0.3");
	d = dial_to("127.0.0.3", &s, NULL);
	for (int i = 0; i < 3; i++) {
		dial_begin(d);
		assert_connects_to(d, "127.0.0.3");
	}
	assert_int_equal(lookups, 1);
	stop(&s);
	dial_begin(d);
	assert_int_equal(dial_next(d, &why), -1);
	assert_string_equal(why.text, "connect mx.example.net (127.0.0.3): "
			    "refused");
	s.count = 0;
	serve(&s, "127.0.0.5");
	(void)snprintf(known, sizeof(known), "127.0.0.5");
	dial_begin(d);
	assert_connects_to(d, "127.0.0.5");
	assert_int_equal(lookups, 2);
	dial_free(d);
	stop(&s);
}

static void a_name_that_is_gone_is_said_so(void **state)
{
	struct servers s = { .count = 0, .port = 1 };
	struct dial *d = dial_to("", &s, NULL);
	struct fault why;

	(void)state;
	dial_begin(d);
	assert_int_equal(dial_next(d, &why), -1);
	assert_string_equal(why.text, "look up mx.example.net: nowhere");
	assert_false(dial_has_more(d));
	dial_free(d);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_silent_first_address_costs_a_moment_and_only_once),
		cmocka_unit_test(refused_and_unreachable_ones_are_left_at_once),
		cmocka_unit_test(a_server_of_the_other_family_is_found),
		cmocka_unit_test(
			when_all_fail_each_has_its_share_and_its_words),
		cmocka_unit_test(one_that_does_not_greet_is_left_for_the_next),
		cmocka_unit_test(many_words_are_counted_rather_than_cut),
		cmocka_unit_test(
			a_name_is_looked_up_again_when_nothing_answers),
		cmocka_unit_test(a_name_that_is_gone_is_said_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
