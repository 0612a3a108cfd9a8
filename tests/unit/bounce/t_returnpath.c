/* SPDX-License-Identifier: MIT */
/* Tests the address that bounces come back to. */
#include "config.h"

#include "bounce/returnpath.h"

#include "base/alloc.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char to[] = "bounces@rdv.example.fr", plus[] = "+", none[] = "";
static char from[] = "rdv@example.fr", key[] = "0123456789abcdef";
static char other_key[] = "0123456789abcdeF";

static struct mailconf conf = {
	.bounce_to = to, .bounce_delimiter = plus, .bounce_key = key,
	.envelope_from = none, .mail_from_address = from,
};

static void the_address_names_the_mail_and_proves_it(void **state)
{
	char out[RETURNPATH_MAX];
	char id[ENVELOPE_ID_MAX + 1];

	(void)state;
	returnpath_make(&conf, "RK7F3M2Q.confirm.0", out);
	/* The tag is Python's: hmac, base64.b32encode. */
	assert_string_equal(out, "bounces+=RK7F3M2Q.=confirm.0=neo44dpm"
			    "@rdv.example.fr");
	assert_true(returnpath_read(&conf, out, id));
	assert_string_equal(id, "RK7F3M2Q.confirm.0");
}

static void any_id_comes_back_in_whatever_case(void **state)
{
	static const char *const ids[] = {
		"RK7F3M2Q.confirm.0", "a", "A", "7", "-", "aB", "Ab", "_A_b_",
		"invoice-2025-0042.sent", "test-mail.0123456789abcdef",
		"ABCdef123GHI", "aAaAaAaAaAaAaAaA",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(ids); i++) {
		char out[RETURNPATH_MAX];
		char id[ENVELOPE_ID_MAX + 1];

		returnpath_make(&conf, ids[i], out);
		assert_true(envelope_address_is_plain(out));
		assert_string_not_equal(out, to);
		for (int fold = 0; fold < 3; fold++) {
			for (char *s = out; *s; s++)
				if (*s >= 'A' && *s <= 'Z' && fold == 1)
					*s = (char)(*s - 'A' + 'a');
				else if (*s >= 'a' && *s <= 'z' && fold == 2)
					*s = (char)(*s - 'a' + 'A');
			if (!returnpath_read(&conf, out, id))
				fail_msg("%s", out);
			assert_string_equal(id, ids[i]);
		}
	}
}

static void one_changed_letter_is_no_proof(void **state)
{
	char out[RETURNPATH_MAX];
	char id[ENVELOPE_ID_MAX + 1];
	struct mailconf other = conf;

	(void)state;
	returnpath_make(&conf, "RK7F3M2Q.confirm.0", out);
	for (size_t i = 0; i < strcspn(out, "@"); i++) {
		char was = out[i];

		out[i] = was == '3' ? '4' : '3';
		if (returnpath_read(&conf, out, id))
			fail_msg("%s", out);
		assert_string_equal(id, "");
		out[i] = was;
	}
	assert_true(returnpath_read(&conf, out, id));
	other.bounce_key = other_key;
	assert_false(returnpath_read(&other, out, id));
}

static void what_is_no_such_address_is_refused(void **state)
{
	static const char *const rows[] = {
		"", "@", "bounces", "bounces@rdv.example.fr", "bounces+",
		"bounces+@x", "bounces+=", "bounces+=abcdefgh@x",
		"bounces+a=abcdefg@x", "bounces+a=abcdefghi@x",
		"bounces-a=abcdefgh@x", "+a=abcdefgh@x",
		"bounces+0123456789012345678901234567890123456789012345678901"
		"234567890=abcdefgh@x",
		"bounces+====================================================="
		"==abcdefgh@x",
	};
	char id[ENVELOPE_ID_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (returnpath_read(&conf, rows[i], id))
			fail_msg("%s", rows[i]);
}

static void forwarders_may_change_the_domain(void **state)
{
	char out[RETURNPATH_MAX];
	char id[ENVELOPE_ID_MAX + 1];

	(void)state;
	returnpath_make(&conf, "a.1", out);
	assert_true(str_copy(strchr(out, '@'), 20, "@localhost"));
	assert_true(returnpath_read(&conf, out, id));
	*strchr(out, '@') = '\0';
	assert_true(returnpath_read(&conf, out, id));
	assert_string_equal(id, "a.1");
}

static void an_id_that_does_not_fit_is_left_out(void **state)
{
	char out[RETURNPATH_MAX];
	char id[ENVELOPE_ID_MAX + 1];

	(void)state;
	memset(id, 'a', sizeof(id) - 1);
	/* 64 = "bounces" "+" 47 "=" 8. */
	id[47] = '\0';
	returnpath_make(&conf, id, out);
	assert_int_equal(strcspn(out, "@"), 64);
	id[47] = 'a';
	id[48] = '\0';
	returnpath_make(&conf, id, out);
	assert_string_equal(out, to);
	id[48] = 'a';
	id[64] = '\0';
	returnpath_make(&conf, id, out);
	assert_string_equal(out, to);
}

static void without_the_setting_the_sender_is_plain(void **state)
{
	struct mailconf plain = conf;
	char out[RETURNPATH_MAX];
	char id[ENVELOPE_ID_MAX + 1];

	(void)state;
	plain.bounce_to = none;
	plain.bounce_key = NULL;
	returnpath_make(&plain, "a.1", out);
	assert_string_equal(out, from);
	plain.envelope_from = to;
	returnpath_make(&plain, "a.1", out);
	assert_string_equal(out, to);
	returnpath_make(&conf, "a.1", out);
	assert_false(returnpath_read(&plain, out, id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_address_names_the_mail_and_proves_it),
		cmocka_unit_test(any_id_comes_back_in_whatever_case),
		cmocka_unit_test(one_changed_letter_is_no_proof),
		cmocka_unit_test(what_is_no_such_address_is_refused),
		cmocka_unit_test(forwarders_may_change_the_domain),
		cmocka_unit_test(an_id_that_does_not_fit_is_left_out),
		cmocka_unit_test(without_the_setting_the_sender_is_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
