/* SPDX-License-Identifier: MIT */
/* By what names are looked for. */
#include "config.h"

#include "domain/namekey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>
#include <string.h>

/* The keys, each with a bar behind it. */
static void assert_keys(const char *name, const char *keys)
{
	struct namekeys all;
	char said[2000] = "";

	namekeys_make(&all, name);
	for (size_t i = 0; i < all.count; i++) {
		(void)strcat(said, all.list[i]);
		(void)strcat(said, "|");
	}
	assert_string_equal(said, keys);
}

static void each_word_begins_a_key_and_what_was_before_follows(void **state)
{
	(void)state;
	assert_keys("Ana Maria Silva",
		    "Ana Maria Silva|Maria Silva Ana|Silva Ana Maria|");
	assert_keys("Zoé", "Zoé|");
}

static void signs_between_words_are_one_blank(void **state)
{
	(void)state;
	assert_keys(" (Dr.)  Jean-Pierre\u00a0d’Arc ",
		    "Dr Jean Pierre d Arc|Jean Pierre d Arc Dr|"
		    "Pierre d Arc Dr Jean|d Arc Dr Jean Pierre|"
		    "Arc Dr Jean Pierre d|");
	assert_keys("-- ", "");
	assert_keys("", "");
}

static void an_accent_of_its_own_ends_no_word(void **state)
{
	(void)state;
	assert_keys("Zoe\u0301 B", "Zoe\u0301 B|B Zoe\u0301|");
}

static void where_no_blanks_are_written_each_character_begins_one(void **state)
{
	(void)state;
	assert_keys("山田太郎", "山田太郎|田太郎|太郎|郎|");
	assert_keys("김 민수", "김 민수|민수 김|수|");
	assert_keys("マリア・シルバ",
		    "マリア シルバ|リア シルバ|ア シルバ|シルバ マリア|"
		    "ルバ|バ|");
}

static void long_names_are_cut_between_characters(void **state)
{
	static const char letters[] = "éééééééééééééééééééééééééééééééé";
	struct namekeys all;
	char name[201] = "";

	(void)state;
	(void)strcat(strcat(name, letters), "é é");
	namekeys_make(&all, name);
	assert_int_equal(all.count, 2);
	assert_string_equal(all.list[0], letters);
	for (size_t i = 0; i < 100; i++)
		memcpy(name + 2 * i, "a ", 3);
	namekeys_make(&all, name);
	assert_int_equal(all.count, NAMEKEYS_MAX);
	assert_int_equal(strlen(all.list[0]), NAMEKEY_CHARS);
}

static void what_is_typed_begins_a_key_of_the_name_that_is_meant(void **state)
{
	static const struct {
		const char *typed;
		const char *term;
	} rows[] = {
		{ "silva", "silva" },
		{ " silva,  ana ", "silva ana" },
		{ "jean-p", "jean p" },
		{ "o’br", "o br" },
		{ "%_!", "" },
		{ "", "" },
	};
	char term[4 * NAMEKEY_CHARS + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(namekey_term(rows[i].typed, term),
				 *rows[i].term != '\0');
		assert_string_equal(term, rows[i].term);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_word_begins_a_key_and_what_was_before_follows),
		cmocka_unit_test(signs_between_words_are_one_blank),
		cmocka_unit_test(an_accent_of_its_own_ends_no_word),
		cmocka_unit_test(
			where_no_blanks_are_written_each_character_begins_one),
		cmocka_unit_test(long_names_are_cut_between_characters),
		cmocka_unit_test(
			what_is_typed_begins_a_key_of_the_name_that_is_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
