/* SPDX-License-Identifier: MIT */
/* The e-mail rule, row by row. */
#include "config.h"

#include "domain/address.h"

#include "queue/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#define L10 "abcdefghij"
#define L60 L10 L10 L10 L10 L10 L10

static void good_addresses_are_kept_in_their_normal_form(void **state)
{
	static const struct {
		const char *given;
		const char *kept;
	} rows[] = {
		{ "zoe@example.org", "zoe@example.org" },
		{ "Zoe.Martin+rdv@EXAMPLE.Org", "Zoe.Martin+rdv@example.org" },
		{ "a@b.fr", "a@b.fr" },
		{ "o'neil@example.ie", "o'neil@example.ie" },
		{ "#$&*/=?^_`{|}~-@example.org",
		  "#$&*/=?^_`{|}~-@example.org" },
		{ "a@xn--9ca.fr", "a@xn--9ca.fr" },
		{ "a@é.fr", "a@xn--9ca.fr" },
		{ "a@É.FR", "a@xn--9ca.fr" },
		{ "a@bücher.example", "a@xn--bcher-kva.example" },
		{ "a@straße.de", "a@xn--strae-oqa.de" },
		{ L60 "1234@example.org", L60 "1234@example.org" },
		/* What people copy along. */
		{ "\u200b zoe@example.org\u2060", "zoe@example.org" },
		{ "\u200ezoe@example.org\u200f", "zoe@example.org" },
		{ "\ufeff\u00a0zoe@example.org\u200d\t", "zoe@example.org" },
		{ "mailto:zoe@example.org", "zoe@example.org" },
		{ "Mailto: zoe@example.org", "zoe@example.org" },
		{ "<zoe@example.org>", "zoe@example.org" },
		{ "Zoé Martin <zoe@example.org>", "zoe@example.org" },
		{ "\"Martin, Z.\" <mailto:zoe@example.org> ",
		  "zoe@example.org" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char out[ADDRESS_MAX + 1];

		print_message("%s\n", rows[i].given);
		assert_int_equal(address_normalise(rows[i].given, out),
				 ADDRESS_GOOD);
		assert_string_equal(out, rows[i].kept);
		/* maild takes what we take. */
		assert_true(envelope_address_is_plain(out));
	}
}

static void bad_addresses_are_refused_with_their_reason(void **state)
{
	static const struct {
		const char *given;
		enum address_result result;
	} rows[] = {
		{ "", ADDRESS_EMPTY },
		{ "zoe", ADDRESS_BROKEN },
		{ "@example.org", ADDRESS_BROKEN },
		{ "zoe@", ADDRESS_BROKEN },
		{ "a@b@example.org", ADDRESS_BROKEN },
		{ "a b@example.org", ADDRESS_BROKEN },
		{ "\"a b\"@example.org", ADDRESS_BROKEN },
		{ "a(c)@example.org", ADDRESS_BROKEN },
		{ "a,b@example.org", ADDRESS_BROKEN },
		{ "a@example.org\r\nBcc: b@example.org", ADDRESS_BROKEN },
		{ "a\r\n@example.org", ADDRESS_BROKEN },
		{ "<a@example.org", ADDRESS_BROKEN },
		{ "a@example.org>", ADDRESS_BROKEN },
		{ "<a@example.org> x", ADDRESS_BROKEN },
		{ "<<a@example.org>>", ADDRESS_BROKEN },
		{ "<>", ADDRESS_EMPTY },
		/* Mail servers of old send these on to another host. */
		{ "zoe%victim.example@example.org", ADDRESS_BROKEN },
		{ "victim.example!zoe@example.org", ADDRESS_BROKEN },
		{ "mailto:", ADDRESS_EMPTY },
		{ "mailto:a@example.org?subject=x", ADDRESS_BROKEN },
		{ "a\u200b@example.org", ADDRESS_NON_ASCII },
		{ "a@[127.0.0.1]", ADDRESS_BROKEN },
		{ "a@-b.fr", ADDRESS_BROKEN },
		{ "a@b-.fr", ADDRESS_BROKEN },
		{ "a@b..fr", ADDRESS_BROKEN },
		{ "a@.fr", ADDRESS_BROKEN },
		{ "a@b.fr.", ADDRESS_BROKEN },
		{ "a@b_c.fr", ADDRESS_BROKEN },
		{ "a@é é.fr", ADDRESS_BROKEN },
		{ "a@" L60 "1234.fr", ADDRESS_BROKEN },
		{ "a@example", ADDRESS_NO_DOT },
		{ "a@localhost", ADDRESS_NO_DOT },
		{ "zoé@example.org", ADDRESS_NON_ASCII },
		{ ".a@example.org", ADDRESS_DOTS },
		{ "a.@example.org", ADDRESS_DOTS },
		{ "a..b@example.org", ADDRESS_DOTS },
		{ "a@192.0.2.1", ADDRESS_NUMERIC },
		{ "a@example.1", ADDRESS_NUMERIC },
		{ "用户@example.org", ADDRESS_NON_ASCII },
		{ L60 "12345@example.org", ADDRESS_LONG },
		{ L60 "@" L60 "." L60 "." L60 "." "abcdefghijkl",
		  ADDRESS_LONG },
		{ "a@" L60 "." L60 "." L60 "." L60 "." L60, ADDRESS_LONG },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char out[ADDRESS_MAX + 1];

		print_message("%s\n", rows[i].given);
		assert_int_equal(address_normalise(rows[i].given, out),
				 rows[i].result);
		assert_string_equal(out, "");
	}
}

static void the_longest_address_fits_and_one_more_does_not(void **state)
{
	char text[ADDRESS_MAX + 2];
	char out[ADDRESS_MAX + 1];

	(void)state;
	/* 64 + 1 + 189 = 254 */
	(void)snprintf(text, sizeof(text), "%s1234@%s.%s.%s.%s", L60, L60,
		       L60, L60, "abcdef");
	assert_int_equal(strlen(text), ADDRESS_MAX);
	assert_int_equal(address_normalise(text, out), ADDRESS_GOOD);
	assert_string_equal(out, text);
	text[ADDRESS_MAX] = 'x';
	text[ADDRESS_MAX + 1] = '\0';
	assert_int_equal(address_normalise(text, out), ADDRESS_LONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_addresses_are_kept_in_their_normal_form),
		cmocka_unit_test(bad_addresses_are_refused_with_their_reason),
		cmocka_unit_test(
			the_longest_address_fits_and_one_more_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
