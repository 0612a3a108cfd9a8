/* SPDX-License-Identifier: MIT */
/*
 * Answers to a service's questions, from a form and from JSON: whatever is
 * taken has its bounds and can be kept, and whatever is sent is judged.
 */
#include "config.h"

#include "fuzz.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "base/str.h"
#include "domain/answers.h"
#include "domain/question.h"
#include "form/form.h"

#include <stdlib.h>
#include <string.h>

/* One of each kind; seats are asked for a line and for a telephone. */
static struct questions *questions_make(void)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f",
					     "g" };
	static const enum question_kind kinds[] = {
		QUESTION_TEXT, QUESTION_LINES, QUESTION_CHOICE, QUESTION_BOX,
		QUESTION_PHONE, QUESTION_TEXT, QUESTION_PHONE,
	};
	struct questions *all = alloc_zeroed(1, sizeof(*all));

	all->users = 1;
	all->count = ARRAY_COUNT(names);
	all->list = alloc_zeroed(all->count, sizeof(*all->list));
	for (size_t i = 0; i < all->count; i++) {
		struct question *q = &all->list[i];

		question_name_set(q, names[i]);
		q->id = (int64_t)i + 1;
		q->kind = kinds[i];
		q->per_seat = i > 4;
		q->required = i == 0;
		q->own.label = alloc_text(names[i]);
		q->own.options = alloc_text(q->kind == QUESTION_CHOICE ?
					    "x\ny" : "");
	}
	return all;
}

static void check_one(const struct questions *all,
		      const struct given_answer *a, int64_t seats)
{
	const struct question *q = questions_by_id(all, a->question_id);
	char back[PHONE_DIGITS_MAX + 1];
	size_t count = str_utf8_count(a->text, strlen(a->text));

	must(q != NULL && *a->text != '\0' && fuzz_is_utf8(a->text));
	must(count <= ANSWER_LINES_MAX && strchr(a->text, '\r') == NULL);
	must(q->kind == QUESTION_LINES ||
	     (count <= ANSWER_LINE_MAX && strchr(a->text, '\n') == NULL));
	must(q->per_seat ? a->seat >= 1 && a->seat <= answers_wanted(seats) :
			   a->seat == 0);
	must((q->kind == QUESTION_PHONE) == (*a->phone_back != '\0'));
	if (q->kind == QUESTION_PHONE)
		must(phone_read(a->text, back) &&
		     strcmp(back, a->phone_back) == 0);
	if (q->kind == QUESTION_CHOICE)
		must(strcmp(a->text, "x") == 0 || strcmp(a->text, "y") == 0);
}

static void judge(const struct form *f, int64_t seats)
{
	struct questions *all = questions_make();
	struct fields wrong = { .form = f };
	struct answers answers;
	size_t bytes = 0;

	answers_read(&wrong, all, seats, &answers);
	must(answers.count <= 5 + 2 * ANSWER_SEATS_MAX);
	for (size_t i = 0; i < answers.count; i++) {
		check_one(all, &answers.list[i], seats);
		bytes += strlen(answers.list[i].text);
	}
	must(wrong.error_count > 0 || bytes <= ANSWERS_BYTES_MAX);
	answers_release(&answers);
	questions_drop(all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	struct form f = { .count = 0 };
	size_t len;
	char *text = fuzz_rest(&in, &len);

	if (form_read_urlencoded(&f, text, len) == FORM_READ)
		judge(&f, 2);
	form_release(&f);
	if (form_read_json(&f, text, len) == FORM_READ)
		judge(&f, 500);
	form_release(&f);
	free(text);
	return 0;
}
