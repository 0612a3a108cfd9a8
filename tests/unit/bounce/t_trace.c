/* SPDX-License-Identifier: MIT */
/* Tests which mail a report is about, and how sure that is. */
#include "config.h"

#include "bounce/trace.h"

#include "base/alloc.h"
#include "bounce/returnpath.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char to[] = "bounces@rdv.example.fr", plus[] = "+", none[] = "";
static char from[] = "rdv@example.fr", key[] = "0123456789abcdef";
static char domain[] = "example.fr";

static struct mailconf conf = {
	.bounce_to = to, .bounce_delimiter = plus, .bounce_key = key,
	.envelope_from = none, .mail_from_address = from,
	.message_domain = domain,
};

static struct trace traced(const char *recipient, const char *envid,
			   const char *mail)
{
	const struct trace_clues clues = { recipient, envid, mail };
	struct trace out;

	trace_find(&conf, &clues, &out);
	return out;
}

#define RETURNED(headers) \
	"To: x@y\nSubject: back\n\nIt came back.\n\n" headers "\nHello\n"

static void the_proof_outweighs_all_else(void **state)
{
	char path[RETURNPATH_MAX];
	char *mail;
	struct trace t;

	(void)state;
	returnpath_make(&conf, "A.1", path);
	t = traced(path, "b.2", RETURNED("X-Reservoir-Id: c.3\n"
					 "Message-ID: <d.4@example.fr>\n"));
	assert_string_equal(t.id, "A.1");
	assert_true(t.sure);
	assert_string_equal(t.by, "return-path");
	/* A mailbox that was fetched has it in To, a complaint anywhere. */
	mail = alloc_printf("To: <%s>\r\n\r\ntext\r\n", path);
	assert_true(traced("", "", mail).sure);
	free(mail);
	mail = alloc_printf("To: x@y\n\ntext\nOriginal-Mail-From: <%s>\n",
			    path);
	assert_true(traced("someone@else", "", mail).sure);
	free(mail);
}

static void a_forged_proof_leaves_what_anybody_may_write(void **state)
{
	struct trace t = traced("bounces+a.1=abcdefgh@rdv.example.fr", "",
				"To: bounces+a.1=abcdefgh@rdv.example.fr\n\n"
				"X-Reservoir-Id: a.1\n");

	(void)state;
	assert_string_equal(t.id, "a.1");
	assert_false(t.sure);
	assert_string_equal(t.by, "x-reservoir-id");
}

static void the_rest_has_an_order(void **state)
{
	static const struct {
		const char *envid, *mail, *id, *by;
	} rows[] = {
		{ "b.2", RETURNED("X-Reservoir-Id: c.3\n"), "b.2",
		  "envelope-id" },
		{ "", RETURNED("Message-ID: <d.4@example.fr>\n"
			       "X-Reservoir-Id: c.3\n"), "c.3",
		  "x-reservoir-id" },
		{ "", RETURNED("Message-Id: <d.4@EXAMPLE.fr>\n"), "d.4",
		  "message-id" },
		{ "", RETURNED("Message-ID:\r\n <d.4@example.fr>\r\n"), "d.4",
		  "message-id" },
		{ "", RETURNED("> Message-ID: <d.4@example.fr>\n"), "d.4",
		  "message-id" },
		{ "", "In-Reply-To: <e.5@example.fr>\n\nAway\n", "e.5",
		  "in-reply-to" },
		{ "", "References: <e.5@example.fr>\n\nAway\n", "e.5",
		  "in-reply-to" },
		{ "", "x-reservoir-id: z\nMessage-ID: <z@example.fr>\n\nHi\n",
		  "", "" },
		{ "", "To: x@y\n\nIn-Reply-To: <e.5@example.fr>\n", "", "" },
		{ "", RETURNED("X-Reservoir-Id: c 3\n"), "c",
		  "x-reservoir-id" },
		{ "", RETURNED("X-Reservoir-Id: c<3\n"), "", "" },
		{ "", RETURNED("X-Reservoir-Id:\n"), "", "" },
		{ "", "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct trace t = traced("", rows[i].envid, rows[i].mail);

		if (strcmp(t.id, rows[i].id) != 0 || t.sure ||
		    strcmp(t.by, rows[i].by) != 0)
			fail_msg("row %zu: \"%s\" by %s", i, t.id, t.by);
	}
}

static void another_installations_mail_is_none_of_ours(void **state)
{
	static const char *const rows[] = {
		RETURNED("Message-ID: <c.3@other.example>\n"
			 "X-Reservoir-Id: c.3\n"),
		RETURNED("X-Reservoir-Id: c.3\n"
			 "Message-ID: <c.3@example.fr.other>\n"),
		RETURNED("Message-ID: <c.3@other.example>\n"),
		"In-Reply-To: <c.3@other.example>\n\nAway\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		assert_string_equal(traced("", "", rows[i]).id, "");
	assert_string_equal(traced("", "c.3", rows[0]).id, "");
	/* Amazon SES has an id of its own there. */
	assert_string_equal(traced("", "", RETURNED(
		"Message-ID: <0102018@eu-west-1.amazonses.com>\n"
		"X-Reservoir-Id: c.3\n")).id, "c.3");
}

static void an_envelope_id_is_read_from_xtext(void **state)
{
	static const struct {
		const char *xtext, *id;
	} rows[] = {
		{ "RK7F3M2Q.confirm.0", "RK7F3M2Q.confirm.0" },
		{ "a+2Eb", "a.b" }, { "a+2eb", "a.b" }, { "", "" },
		{ "a+", "" }, { "a+2", "" }, { "a+2G", "" }, { "a+20b", "" },
		{ "a+00b", "" }, { "a b", "" }, { "<a>", "" },
		{ "0123456789012345678901234567890123456789012345678901234567"
		  "890123",
		  "0123456789012345678901234567890123456789012345678901234567"
		  "890123" },
		{ "0123456789012345678901234567890123456789012345678901234567"
		  "8901234", "" },
	};
	char id[ENVELOPE_ID_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		trace_envid_read(rows[i].xtext, id);
		assert_string_equal(id, rows[i].id);
	}
}

static void without_the_setting_nothing_is_sure(void **state)
{
	char path[RETURNPATH_MAX];
	struct trace t;

	(void)state;
	returnpath_make(&conf, "A.1", path);
	conf.bounce_to = none;
	t = traced(path, "b.2", "\n");
	conf.bounce_to = to;
	assert_string_equal(t.id, "b.2");
	assert_false(t.sure);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_proof_outweighs_all_else),
		cmocka_unit_test(a_forged_proof_leaves_what_anybody_may_write),
		cmocka_unit_test(the_rest_has_an_order),
		cmocka_unit_test(another_installations_mail_is_none_of_ours),
		cmocka_unit_test(an_envelope_id_is_read_from_xtext),
		cmocka_unit_test(without_the_setting_nothing_is_sure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
