/* SPDX-License-Identifier: MIT */
/* A service's texts in other languages: which are shown, kept, told of. */
#include "config.h"

#include "base/alloc.h"
#include "domain/words.h"

#include <json-c/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h needs stddef.h and stdint.h, setjmp.h and stdarg.h. */
#include <cmocka.h>

/* A French service, with other texts as JSON. */
static struct service service_make(const char *name, const char *place,
				   const char *texts)
{
	struct service s = { .name = alloc_text(name),
			     .description = alloc_text("Deux heures"),
			     .place = alloc_text(place),
			     .language = alloc_text("fr") };

	s.slug = alloc_text("visite");
	s.zone = alloc_text("Europe/Paris");
	s.organiser_name = alloc_text("");
	s.organiser_email = alloc_text("");
	s.noun = alloc_text("");

	service_words_read(&s, texts);
	return s;
}

#define TOUR "{\"en\":{\"name\":\"Tour\",\"place\":\"Gate\"}}"

static void readers_see_their_language_else_the_services_own(void **state)
{
	struct service s = service_make("Visite", "Porte", TOUR);
	struct service_said said = service_say(&s, "en");

	(void)state;
	assert_string_equal(said.name, "Tour");
	assert_string_equal(said.place, "Gate");
	assert_true(said.name_is_theirs && said.place_is_theirs);
	assert_string_equal(said.description, "Deux heures");
	assert_false(said.description_is_theirs);
	said = service_say(&s, "de");
	assert_string_equal(said.name, "Visite");
	assert_false(said.name_is_theirs);
	service_release(&s);
}

static void its_own_language_is_never_a_translation(void **state)
{
	struct service s = service_make(
		"Visite", "Porte", "{\"fr\":{\"name\":\"Ancien nom\"}}");

	(void)state;
	assert_string_equal(service_say(&s, "fr").name, "Visite");
	service_release(&s);
}

static void what_is_kept_is_read_again(void **state)
{
	struct service s = service_make("Visite", "Porte", TOUR);
	struct json_object *json = service_words_json(&s);
	struct service again = service_make("", "",
					    json_object_to_json_string(json));
	struct service copy;

	(void)state;
	service_copy(&copy, &again);
	assert_int_equal(copy.other_count, 1);
	assert_string_equal(copy.others[0].lang, "en");
	assert_string_equal(copy.others[0].name, "Tour");
	assert_string_equal(copy.others[0].description, "");
	assert_string_equal(copy.others[0].place, "Gate");
	service_release(&copy);
	service_release(&again);
	service_release(&s);
	json_object_put(json);
}

static void what_is_not_understood_is_left_out(void **state)
{
	static const char *const texts[] = {
		"", "[]", "{", "{\"../x\":{\"name\":\"A\"}}",
		"{\"a-tag-that-is-much-too-long\":{\"name\":\"A\"}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct service s = service_make("Visite", "", texts[i]);

		print_message("%s\n", texts[i]);
		assert_int_equal(s.other_count, 0);
		service_release(&s);
	}
}

static void a_change_is_seen_by_those_who_read_it(void **state)
{
	static const struct {
		const char *name, *place, *texts;
		const char *what, *langs;
	} rows[] = {
		{ "Visite", "Porte", TOUR, "", "" },
		{ "Tournée", "Porte", TOUR, "name", "-en" },
		{ "Visite", "Cour", "{\"en\":{\"name\":\"Tour\"}}",
		  "place", "" },
		{ "Visite", "Porte", "", "name-place", "+en" },
		{ "Visite", "Porte",
		  "{\"en\":{\"name\":\"Tour\",\"place\":\"Yard\"}}",
		  "place", "+en" },
		{ "Visite", "Porte",
		  "{\"en\":{\"name\":\"Tour\",\"place\":\"Gate\"},"
		  "\"de\":{\"name\":\"Führung\"}}", "name", "+de" },
		{ "Tournée", "Porte",
		  "{\"en\":{\"name\":\"Round\",\"place\":\"Gate\"}}",
		  "name", "" },
		{ "Tournée", "Porte",
		  "{\"en\":{\"name\":\"Tour\",\"place\":\"Gate\"},"
		  "\"de\":{\"name\":\"Visite\"}}", "name", "-en,de" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct service before = service_make("Visite", "Porte", TOUR);
		struct service after = service_make(rows[i].name,
						    rows[i].place,
						    rows[i].texts);
		struct service_seen seen;

		print_message("row %zu\n", i);
		service_seen_compare(&before, &after, &seen);
		assert_string_equal(seen.what, rows[i].what);
		assert_string_equal(seen.langs, rows[i].langs);
		service_release(&before);
		service_release(&after);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			readers_see_their_language_else_the_services_own),
		cmocka_unit_test(its_own_language_is_never_a_translation),
		cmocka_unit_test(what_is_kept_is_read_again),
		cmocka_unit_test(what_is_not_understood_is_left_out),
		cmocka_unit_test(a_change_is_seen_by_those_who_read_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
