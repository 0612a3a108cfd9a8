/* SPDX-License-Identifier: MIT */
/* Which characters a name and a message may hold. */
#include "config.h"

#include "base/utext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

static void names_are_told_from_what_only_looks_like_one(void **state)
{
	static const struct {
		const char *name;
		enum utext_fault fault;
	} rows[] = {
		{ "Zo\u00e9 Martin", UTEXT_GOOD },
		{ "O\u2019Neil", UTEXT_GOOD },
		{ "7", UTEXT_GOOD },
		{ "\u674e", UTEXT_GOOD },
		{ "\u845b\U000e0100\u57ce", UTEXT_GOOD },	/* Han */
		{ "Zoe\u0301", UTEXT_GOOD },
		/* Persian and Sinhala need their joiners. */
		{ "\u0645\u06cc\u200c\u062e\u0648\u0627\u0646\u062f",
		  UTEXT_GOOD },
		{ "\u0dc1\u0dca\u200d\u0dbb\u0dd3", UTEXT_GOOD },
		{ "", UTEXT_EMPTY },
		{ "\u00a0", UTEXT_EMPTY },
		{ "\u3000 \u2003", UTEXT_EMPTY },
		{ "...", UTEXT_EMPTY },
		{ "\u0301", UTEXT_EMPTY },
		{ "\u2014", UTEXT_EMPTY },
		{ "Zo\u00adé", UTEXT_INVISIBLE },
		{ "\U000e0041", UTEXT_INVISIBLE },
		{ "a\U000e0041", UTEXT_INVISIBLE },
		{ "a\uffff", UTEXT_INVISIBLE },
		{ "a\U0001fffe", UTEXT_INVISIBLE },
		{ "a\ufdd0", UTEXT_INVISIBLE },
		{ "a\ue000", UTEXT_INVISIBLE },
		{ "a\U00100000", UTEXT_INVISIBLE },
		{ "a\u202eb", UTEXT_INVISIBLE },
		{ "a\u2028b", UTEXT_INVISIBLE },
		{ "a\u200bb", UTEXT_INVISIBLE },
		{ "a\u3164", UTEXT_INVISIBLE },
		{ "a\u2800", UTEXT_INVISIBLE },
		{ "a\nb", UTEXT_INVISIBLE },
		{ "a\x7f", UTEXT_INVISIBLE },
		/* Joiners and selectors where nothing is joined. */
		{ "a\u200db", UTEXT_INVISIBLE },
		{ "\u200d", UTEXT_INVISIBLE },
		{ "\u0645\u200c", UTEXT_INVISIBLE },
		{ "\u0645\u200c\u200c\u0645", UTEXT_INVISIBLE },
		{ "a\ufe0f", UTEXT_INVISIBLE },
		{ "a\U000e0100", UTEXT_INVISIBLE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (utext_name_check(rows[i].name) != rows[i].fault)
			fail_msg("row %zu: %d", i,
				 (int)utext_name_check(rows[i].name));
}

static void a_message_may_hold_emoji(void **state)
{
	(void)state;
	assert_false(utext_has_invisible(
		"\U0001f468\u200d\U0001f467 \u2764\ufe0f"));
	assert_false(utext_has_invisible("..."));
}

static void controls_that_cannot_be_seen_are_found(void **state)
{
	(void)state;
	assert_true(utext_has_invisible("a\u202eb"));
	assert_true(utext_has_invisible("a\rb"));
	assert_true(utext_has_invisible("a\r\nb"));
	assert_true(utext_has_invisible("a\x7f"));
	assert_true(utext_has_invisible("a\xc2\x85"));	/* NEL */
	assert_true(utext_has_invisible("a\xe2\x80\xae"));	/* override */
	assert_true(utext_has_invisible("a\xe2\x80\x8b"));	/* zero width */
	assert_true(utext_has_invisible("a\xc3"));	/* no UTF-8 */
	assert_false(utext_has_invisible("Zo\xc3\xab O\xe2\x80\x99" "Neil"));
}

static void assert_trimmed(const char *text, const char *wanted)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	assert_string_equal(utext_trim(copy), wanted);
	free(copy);
}

static void blanks_of_every_kind_are_trimmed(void **state)
{
	(void)state;
	assert_trimmed("\u00a0\u3000 Zo\u00e9 Martin\u2003\r\n",
		       "Zo\u00e9 Martin");
	assert_trimmed("\u00a0", "");
	assert_trimmed("", "");
	assert_trimmed("a", "a");
}

static void a_word_of_ascii_reads_like_the_text(void **state)
{
	static const struct {
		const char *text;
		const char *word;
	} rows[] = {
		{ "Visite guid\u00e9e", "visite-guidee" },
		{ "  L\u2019atelier \u2013 \u00c9t\u00e9 2027 !", "l-atelier-ete-2027" },
		{ "C\u0153ur & \u00c6gir, Stra\u00dfe", "coeur-aegir-strasse" },
		{ "\u0141\u00f3d\u017a", "lodz" },
		{ "Zoe\u0301", "zoe" },
		{ "7", "7" },
		{ "", "" },
		{ "...", "" },
		{ "\u674e", "" },
		{ "aaaa bbbb cccc dddd eeee", "aaaa-bbbb-cccc-dddd" },
		{ "aaaa bbbb cccc dddd \u0153uf", "aaaa-bbbb-cccc-dddd" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char word[22];

		utext_word(word, sizeof(word), rows[i].text, '-');
		if (strcmp(word, rows[i].word) != 0)
			fail_msg("%s: %s", rows[i].text, word);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_told_from_what_only_looks_like_one),
		cmocka_unit_test(a_message_may_hold_emoji),
		cmocka_unit_test(controls_that_cannot_be_seen_are_found),
		cmocka_unit_test(blanks_of_every_kind_are_trimmed),
		cmocka_unit_test(a_word_of_ascii_reads_like_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
