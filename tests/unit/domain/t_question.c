/* SPDX-License-Identifier: MIT */
/* What organisers may ask. */
#include "config.h"

#include "domain/question.h"

#include "base/str.h"
#include "form/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#define T10 "abcdefghij"
#define T100 T10 T10 T10 T10 T10 T10 T10 T10 T10 T10

static void read_body(const char *body, const struct question *before,
		      struct question_form *out)
{
	struct form f = { 0 };

	assert_int_equal(form_read_urlencoded(&f, body, strlen(body)),
			 FORM_READ);
	question_form_read(&f, NULL, before, out);
	form_release(&f);
}

static void a_question_is_read(void **state)
{
	struct question_form form;
	char *second;

	(void)state;
	read_body("name=menu_1&kind=choice&label=+Menu+%3F&options=+Fish+%0D%0A"
		  "%0D%0AMeat&required=yes&position=7", NULL, &form);
	assert_int_equal(form.fields.error_count, 0);
	assert_string_equal(form.question.name, "menu_1");
	assert_string_equal(form.question.field, "answers.menu_1");
	assert_string_equal(form.question.own.label, "Menu ?");
	assert_string_equal(form.question.own.options, "Fish\nMeat");
	assert_true(form.question.required);
	assert_int_equal(form.question.position, 7);
	second = question_option(&form.question.own, 1);
	assert_string_equal(second, "Meat");
	free(second);
	assert_null(question_option(&form.question.own, 2));
	question_form_release(&form);
}

static void what_is_wrong_is_said_beside_its_field(void **state)
{
	static const struct {
		const char *body;
		const char *field;
		const char *code;
	} wrong[] = {
		{ "kind=text&label=%E6%9D%8E", "name", "question_name" },
		{ "name=&kind=text&label=7", "name", "question_name" },
		{ "name=1a&kind=text&label=A", "name", "question_name" },
		{ "name=a.b&kind=text&label=A", "name", "question_name" },
		{ "name=" T100 "&kind=text&label=A", "name", "question_name" },
		{ "name=a&kind=date&label=A", "kind", "question_kind" },
		{ "name=a&label=A", "kind", "question_kind" },
		{ "name=a&kind=text", "label", "question_label" },
		{ "name=a&kind=text&label=%3F", "label", "question_label" },
		{ "name=a&kind=text&label=" T100 T100 "a", "label",
		  "text_long" },
		{ "name=a&kind=text&label=A&options=B", "options",
		  "options_none" },
		{ "name=a&kind=choice&label=A", "options", "options_count" },
		{ "name=a&kind=choice&label=A&options=B", "options",
		  "options_count" },
		{ "name=a&kind=choice&label=A&options=B%0AB", "options",
		  "option_double" },
		{ "name=a&kind=choice&label=A&options=B%0A" T100 "a",
		  "options", "option_long" },
		{ "name=a&kind=choice&label=A&options=1%0A2%0A3%0A4%0A5%0A6%0A"
		  "7%0A8%0A9%0A10%0A11%0A12%0A13%0A14%0A15%0A16%0A17%0A18%0A"
		  "19%0A20%0A21%0A22%0A23%0A24%0A25%0A26%0A27%0A28%0A29%0A30"
		  "%0A31", "options", "options_count" },
		{ "name=a&kind=box&label=A&per_seat=yes", "per_seat",
		  "question_per_seat" },
		{ "name=a&kind=text&label=A&required=perhaps", "required",
		  "flag_wrong" },
		{ "name=a&kind=text&label=A&position=-1", "position",
		  "question_position" },
		{ "name=a&kind=text&label=A&text_lang=../x", "text_lang",
		  "language_broken" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		struct question_form form;
		const struct field_error *e;

		read_body(wrong[i].body, NULL, &form);
		e = fields_error(&form.fields, wrong[i].field);
		assert_non_null(e);
		assert_string_equal(e->code, wrong[i].code);
		question_form_release(&form);
	}
}

static void a_name_is_made_of_the_label(void **state)
{
	static const struct {
		const char *body;
		const char *name;
	} rows[] = {
		{ "kind=text&label=Votre+t%C3%A9l%C3%A9phone+%3F",
		  "votre_telephone" },
		{ "name=&kind=text&label=2e+adresse", "e_adresse" },
		{ "kind=text&label=" T100, "abcdefghijabcdefghijabcdefghija" },
		{ "name=tel&kind=text&label=Votre+num%C3%A9ro", "tel" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct question_form form;

		read_body(rows[i].body, NULL, &form);
		assert_int_equal(form.fields.error_count, 0);
		assert_string_equal(form.question.name, rows[i].name);
		question_form_release(&form);
	}
}

static void a_new_question_comes_last(void **state)
{
	struct question asked[] = { { .position = 4 }, { .position = 2 } };
	const struct questions all = { .list = asked, .count = 2 };
	struct question_form form;
	struct form f = { 0 };
	const char body[] = "name=a&kind=text&label=A";

	(void)state;
	assert_int_equal(form_read_urlencoded(&f, body, strlen(body)),
			 FORM_READ);
	question_form_read(&f, &all, NULL, &form);
	assert_int_equal(form.question.position, 5);
	question_form_release(&form);
	asked[0].position = 1000;
	question_form_read(&f, &all, NULL, &form);
	assert_int_equal(form.question.position, 1000);
	question_form_release(&form);
	question_form_read(&f, NULL, NULL, &form);
	assert_int_equal(form.question.position, 0);
	question_form_release(&form);
	form_release(&f);
}

static void options_of_programs_are_a_list(void **state)
{
	const char body[] = "{\"name\": \"a\", \"kind\": \"choice\", "
			    "\"label\": \"A\", "
			    "\"options\": [\"Fish\", \"Meat\"]}";
	struct question_form form;
	struct form f = { 0 };

	(void)state;
	assert_int_equal(form_read_json(&f, body, strlen(body)), FORM_READ);
	question_form_read(&f, NULL, NULL, &form);
	assert_int_equal(form.fields.error_count, 0);
	assert_string_equal(form.question.own.options, "Fish\nMeat");
	question_form_release(&form);
	form_release(&f);
}

static void name_and_kind_stay(void **state)
{
	struct question_form before;
	struct question_form after;

	(void)state;
	read_body("name=a&kind=text&label=A", NULL, &before);
	read_body("name=b&kind=box&label=B", &before.question, &after);
	assert_string_equal(fields_error(&after.fields, "name")->code,
			    "question_fixed");
	assert_string_equal(fields_error(&after.fields, "kind")->code,
			    "question_fixed");
	question_form_release(&after);
	read_body("name=a&label=B&required=yes", &before.question, &after);
	assert_int_equal(after.fields.error_count, 0);
	assert_string_equal(after.question.own.label, "B");
	assert_true(after.question.required);
	question_form_release(&after);
	question_form_release(&before);
}

static void another_language_has_texts_of_its_own(void **state)
{
	struct question_form own;
	struct question_form fr;
	struct question_form bad;

	(void)state;
	read_body("name=a&kind=choice&label=Menu&options=Fish%0AMeat", NULL,
		  &own);
	read_body("text_lang=fr&label=Plat&options=Poisson%0AViande", &own.question,
		  &fr);
	assert_int_equal(fr.fields.error_count, 0);
	assert_string_equal(question_words(&fr.question, "fr")->label, "Plat");
	assert_string_equal(question_words(&fr.question, "en")->label, "Menu");
	read_body("text_lang=fr&options=Poisson", &fr.question, &bad);
	assert_string_equal(fields_error(&bad.fields, "options")->code,
			    "options_same");
	question_form_release(&bad);
	/* More options of its own: the old translation fits no more. */
	read_body("options=Fish%0AMeat%0ANone", &fr.question, &bad);
	assert_int_equal(bad.fields.error_count, 0);
	assert_string_equal(question_words(&bad.question, "fr")->options,
			    "Fish\nMeat\nNone");
	question_form_release(&bad);
	question_form_release(&fr);
	question_form_release(&own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_is_read),
		cmocka_unit_test(what_is_wrong_is_said_beside_its_field),
		cmocka_unit_test(a_name_is_made_of_the_label),
		cmocka_unit_test(a_new_question_comes_last),
		cmocka_unit_test(options_of_programs_are_a_list),
		cmocka_unit_test(name_and_kind_stay),
		cmocka_unit_test(another_language_has_texts_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
