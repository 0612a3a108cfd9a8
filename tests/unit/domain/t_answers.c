/* SPDX-License-Identifier: MIT */
/* Which answers are taken. */
#include "config.h"

#include "domain/answers.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "domain/booking.h"
#include "domain/idempotency.h"
#include "domain/question.h"
#include "form/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

static const struct {
	const char *name;
	enum question_kind kind;
	bool required;
	bool per_seat;
	bool retired;
} asked[] = {
	{ "line", QUESTION_TEXT, true, false, false },
	{ "lines", QUESTION_LINES, false, false, false },
	{ "menu", QUESTION_CHOICE, false, false, false },
	{ "terms", QUESTION_BOX, false, false, false },
	{ "tel", QUESTION_PHONE, false, false, false },
	{ "who", QUESTION_TEXT, false, true, false },
	{ "old", QUESTION_TEXT, true, false, true },
};

static struct questions *all_of(void)
{
	struct questions *all = alloc_zeroed(1, sizeof(*all));

	all->users = 1;
	all->count = ARRAY_COUNT(asked);
	all->list = alloc_zeroed(all->count, sizeof(*all->list));
	for (size_t i = 0; i < all->count; i++) {
		struct question *q = &all->list[i];

		question_name_set(q, asked[i].name);
		q->id = (int64_t)i + 1;
		q->kind = asked[i].kind;
		q->required = asked[i].required;
		q->per_seat = asked[i].per_seat;
		q->retired = asked[i].retired;
		q->own.label = alloc_text(asked[i].name);
		q->own.options = alloc_text(q->kind == QUESTION_CHOICE ?
					    "Poisson\nViande" : "");
		q->others = alloc_zeroed(1, sizeof(*q->others));
		q->other_count = 1;
		must(str_copy(q->others[0].lang, 17, "en"));
		q->others[0].label = alloc_text("in English");
		q->others[0].options = alloc_text(q->kind == QUESTION_CHOICE ?
						  "Fish\nMeat" : "");
	}
	return all;
}

struct read {
	struct questions *all;
	struct fields wrong;
	struct answers answers;
};

static void read_form(struct read *r, struct form *f, int64_t seats)
{
	r->all = all_of();
	r->wrong = (struct fields){ .form = f };
	answers_read(&r->wrong, r->all, seats, &r->answers);
	form_release(f);
}

static void read_posted(struct read *r, const char *body, int64_t seats)
{
	struct form f = { 0 };

	assert_int_equal(form_read_urlencoded(&f, body, strlen(body)),
			 FORM_READ);
	read_form(r, &f, seats);
}

static void read_json(struct read *r, const char *body, int64_t seats)
{
	struct form f = { 0 };

	assert_int_equal(form_read_json(&f, body, strlen(body)), FORM_READ);
	read_form(r, &f, seats);
}

static void read_end(struct read *r)
{
	answers_release(&r->answers);
	questions_drop(r->all);
}

static const char *text_of(const struct read *r, const char *name,
			   int64_t seat)
{
	const struct question *q = questions_named(r->all, name);

	for (size_t i = 0; i < r->answers.count; i++)
		if (r->answers.list[i].question_id == q->id &&
		    r->answers.list[i].seat == seat)
			return r->answers.list[i].text;
	return "";
}

static void each_kind_is_read_from_a_form_and_from_json(void **state)
{
	static const char *const json =
		"{\"answers\": {\"line\": \" a \", \"lines\": \"b\\r\\nc\", "
		"\"menu\": \"Fish\", \"terms\": true, "
		"\"tel\": \" 06 12 34 56 78 \", \"who\": [\"Zo\\u00e9\", "
		"\"Max\"]}}";
	static const char *const form =
		"answers.line=+a+&answers.lines=b%0D%0Ac&answers.menu=Fish&"
		"answers.terms=yes&answers.tel=+06+12+34+56+78+&"
		"answers.who=Zo%C3%A9%0D%0AMax";

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct read r;

		if (i == 0)
			read_json(&r, json, 2);
		else
			read_posted(&r, form, 2);
		assert_int_equal(r.wrong.error_count, 0);
		assert_int_equal(r.answers.count, 7);
		assert_string_equal(text_of(&r, "line", 0), "a");
		assert_string_equal(text_of(&r, "lines", 0), "b\nc");
		/* Its option in the service's own language. */
		assert_string_equal(text_of(&r, "menu", 0), "Poisson");
		assert_string_equal(text_of(&r, "terms", 0), "yes");
		assert_string_equal(text_of(&r, "tel", 0), "06 12 34 56 78");
		assert_string_equal(text_of(&r, "who", 1), "Zoé");
		assert_string_equal(text_of(&r, "who", 2), "Max");
		read_end(&r);
	}
}

static void what_is_wrong_has_its_code(void **state)
{
	static const struct {
		const char *body;
		const char *field;
		const char *code;
	} wrong[] = {
		{ "", "answers.line", "answer_required" },
		{ "answers.line=+", "answers.line", "answer_required" },
		{ "answers.line=a&answers.line=b", "answers.line",
		  "repeated" },
		{ "answers.line=a%0Ab", "answers.line", "text_control" },
		{ "answers.line=a%E2%80%AEb", "answers.line", "text_control" },
		{ "answers.menu=Tofu", "answers.menu", "choice_unknown" },
		{ "answers.menu=Poisson%0AViande", "answers.menu",
		  "text_control" },
		{ "answers.terms=maybe", "answers.terms", "flag_wrong" },
		{ "answers.terms=yes&answers.terms=yes", "answers.terms",
		  "repeated" },
		{ "answers.tel=no", "answers.tel", "phone_broken" },
		{ "answers.who=a%0Ab%0Ac", "answers.who", "answer_seats" },
		{ "answers.nobody=a", "answers", "answer_unknown" },
		{ "answers.=a", "answers", "answer_unknown" },
		{ "answers=a", "answers", "wrong_type" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		struct read r;
		const struct field_error *e;

		read_posted(&r, wrong[i].body, 2);
		e = fields_error(&r.wrong, wrong[i].field);
		assert_non_null(e);
		assert_string_equal(e->code, wrong[i].code);
		read_end(&r);
	}
}

static void json_of_another_shape_is_refused(void **state)
{
	static const struct {
		const char *body;
		const char *field;
		const char *code;
	} wrong[] = {
		{ "{\"answers\": \"a\"}", "answers", "wrong_type" },
		{ "{\"answers\": {\"line\": 7}}", "answers.line",
		  "wrong_type" },
		{ "{\"answers\": {\"line\": {\"a\": \"b\"}}}", "answers.line",
		  "wrong_type" },
		{ "{\"answers\": {\"line\": \"a\", \"line\": \"a\"}}",
		  "answers.line", "repeated" },
		{ "{\"answers\": {\"line\": \"a\", \"li\\u006ee\": null}}",
		  "answers.line", "repeated" },
		{ "{\"answers\": {\"terms\": \"x\"}}", "answers.terms",
		  "flag_wrong" },
		{ "{\"answers\": {\"who\": [\"a\\nb\"]}}", "answers.who",
		  "wrong_type" },
		{ "{\"answers\": {\"who\": [7]}}", "answers.who",
		  "wrong_type" },
		{ "{\"answers\": {\"x\": null, \"y\": \"z\"}}", "answers",
		  "answer_unknown" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		struct read r;
		const struct field_error *e;

		read_json(&r, wrong[i].body, 2);
		e = fields_error(&r.wrong, wrong[i].field);
		assert_non_null(e);
		assert_string_equal(e->code, wrong[i].code);
		read_end(&r);
	}
}

static void a_retired_question_is_not_asked_and_its_answer_left_out(void **s)
{
	struct read r;

	(void)s;
	read_posted(&r, "answers.line=a&answers.old=b", 1);
	assert_int_equal(r.wrong.error_count, 0);
	assert_int_equal(r.answers.count, 1);
	read_end(&r);
}

/* A field of count lines of that text. */
static char *lines_of(const char *field, const char *text, int count)
{
	struct buf out = BUF_INIT;

	buf_addf(&out, "answers.line=a&answers.%s=", field);
	for (int i = 0; i < count; i++)
		buf_addf(&out, "%s%s", i > 0 ? "%0A" : "", text);
	return buf_detach(&out);
}

static void five_hundred_seats_answer_for_the_first_fifty(void **state)
{
	static const struct {
		int lines;
		const char *code;	/* NULL = it is good */
	} rows[] = {
		{ 50, NULL }, { 51, "answer_seats" }, { 500, "answer_seats" },
	};

	(void)state;
	assert_int_equal(answers_wanted(500), 50);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct read r;
		char *body = lines_of("who", "x", rows[i].lines);
		const struct field_error *e;

		read_posted(&r, body, 500);
		e = fields_error(&r.wrong, "answers.who");
		if (rows[i].code)
			assert_string_equal(e->code, rows[i].code);
		else
			assert_null(e);
		assert_in_range(r.answers.count, 1, 51);
		read_end(&r);
		free(body);
	}
}

static void long_answers_are_refused(void **state)
{
	static char text[4097];
	static const struct {
		const char *field;
		size_t len;
		const char *code;
	} rows[] = {
		{ "lines", 1000, NULL }, { "lines", 1001, "text_long" },
		{ "lines", 4096, "text_long" }, { "line", 201, "text_long" },
		{ "tel", 4096, "text_long" }, { "menu", 4096, "text_long" },
		{ "who", 201, "text_long" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct read r;
		char *body;
		char *field = alloc_printf("answers.%s", rows[i].field);
		const struct field_error *e;

		memset(text, 'x', rows[i].len);
		text[rows[i].len] = '\0';
		body = alloc_printf("%s=%s", field, text);
		read_posted(&r, body, 1);
		e = fields_error(&r.wrong, field);
		if (rows[i].code)
			assert_string_equal(e->code, rows[i].code);
		else
			assert_null(e);
		read_end(&r);
		free(field);
		free(body);
	}
}

static void all_of_a_booking_fit_into_one_mail(void **state)
{
	struct read r;
	char text[201];
	struct buf euros = BUF_INIT;
	char *body;

	(void)state;
	memset(text, 'x', 200);
	text[200] = '\0';
	body = lines_of("who", text, 50);
	read_posted(&r, body, 50);
	assert_null(fields_error(&r.wrong, "answers"));
	assert_int_equal(r.answers.count, 51);
	read_end(&r);
	free(body);
	/* 50 lines of 200 euro signs are 30,000 bytes. */
	for (int i = 0; i < 200; i++)
		buf_addstr(&euros, "%E2%82%AC");
	body = lines_of("who", euros.data, 50);
	read_posted(&r, body, 50);
	assert_string_equal(fields_error(&r.wrong, "answers")->code,
			    "answers_long");
	read_end(&r);
	buf_release(&euros);
	free(body);
}

/* ---- with a booking ----------------------------------------------------- */

static void hash_of(const char *body, uint8_t hash[BOOKING_HASH_BYTES])
{
	struct questions *all = all_of();
	struct form f = { 0 };
	struct booking_form b;

	assert_int_equal(form_read_urlencoded(&f, body, strlen(body)),
			 FORM_READ);
	booking_form_read(&f, &b);
	assert_true(booking_form_answers(&b, &f, all));
	assert_int_equal(b.fields.error_count, 0);
	booking_hash(&b, "fr", hash);
	booking_form_release(&b);
	form_release(&f);
	questions_drop(all);
}

#define BOOKING "slot=7&name=Zo&email=z@example.org&"

static void other_answers_are_another_request(void **state)
{
	uint8_t first[BOOKING_HASH_BYTES];
	uint8_t same[BOOKING_HASH_BYTES];
	uint8_t other[BOOKING_HASH_BYTES];

	(void)state;
	hash_of(BOOKING "answers.line=a", first);
	hash_of("answers.line=+a+&" BOOKING, same);
	hash_of(BOOKING "answers.line=b", other);
	assert_memory_equal(first, same, sizeof(first));
	assert_memory_not_equal(first, other, sizeof(first));
	hash_of(BOOKING "answers.line=a&answers.terms=yes", other);
	assert_memory_not_equal(first, other, sizeof(first));
}

static void answers_read_again_have_only_the_last_errors(void **state)
{
	struct questions *all = all_of();
	struct form f = { 0 };
	struct booking_form b;
	const char *body = BOOKING "name=&answers.line=&answers.x=y";

	(void)state;
	assert_int_equal(form_read_urlencoded(&f, body, strlen(body)),
			 FORM_READ);
	booking_form_read(&f, &b);
	for (int i = 0; i < 3; i++) {
		assert_false(booking_form_answers(&b, &f, all));
		assert_int_equal(b.fields.error_count, 3);
	}
	assert_false(booking_form_answers(&b, &f, NULL));
	assert_int_equal(b.fields.error_count, 2);
	booking_form_release(&b);
	form_release(&f);
	questions_drop(all);
}

static void an_option_is_shown_in_the_readers_language(void **state)
{
	static char old[] = "Tofu";
	static char own[] = "Viande";
	struct questions *all = all_of();
	const struct question *menu = questions_named(all, "menu");
	struct given_answer a = { .text = own };
	char *shown = answer_shown(menu, &a, "en", "Yes");

	(void)state;
	assert_string_equal(shown, "Meat");
	free(shown);
	/* One that was taken out of the list since. */
	a.text = old;
	shown = answer_shown(menu, &a, "en", "Yes");
	assert_string_equal(shown, "Tofu");
	free(shown);
	shown = answer_shown(questions_named(all, "terms"), &a, "en", "Yes");
	assert_string_equal(shown, "Yes");
	free(shown);
	questions_drop(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_read_from_a_form_and_from_json),
		cmocka_unit_test(what_is_wrong_has_its_code),
		cmocka_unit_test(json_of_another_shape_is_refused),
		cmocka_unit_test(
			a_retired_question_is_not_asked_and_its_answer_left_out),
		cmocka_unit_test(five_hundred_seats_answer_for_the_first_fifty),
		cmocka_unit_test(long_answers_are_refused),
		cmocka_unit_test(all_of_a_booking_fit_into_one_mail),
		cmocka_unit_test(other_answers_are_another_request),
		cmocka_unit_test(answers_read_again_have_only_the_last_errors),
		cmocka_unit_test(an_option_is_shown_in_the_readers_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
