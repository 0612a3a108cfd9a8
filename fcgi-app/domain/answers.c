/* SPDX-License-Identifier: MIT */
/* Decides about answers; asks nobody. */
#include "config.h"

#include "domain/answers.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/utext.h"
#include "domain/fields.h"
#include "domain/question.h"

#include <stdlib.h>
#include <string.h>

void answers_release(struct answers *a)
{
	for (size_t i = 0; i < a->count; i++)
		free(a->list[i].text);
	free(a->list);
	memset(a, 0, sizeof(*a));
}

void answers_add(struct answers *a, const struct given_answer *one)
{
	a->list = alloc_resize(a->list, a->count + 1, sizeof(*a->list));
	a->list[a->count] = *one;
	a->list[a->count++].text = alloc_text(one->text);
}

int64_t answers_wanted(int64_t seats)
{
	return seats < ANSWER_SEATS_MAX ? seats : ANSWER_SEATS_MAX;
}

/* ---- one answer --------------------------------------------------------- */

/* What is being read. */
struct reading {
	const struct question *q;
	struct fields *wrong;
	struct answers *out;
	int64_t seats;
};

/* Takes one text for a line or a telephone; false if it is refused. */
static bool take_line(struct reading *r, char *text, int64_t seat)
{
	struct given_answer one = { r->q->id, seat, text, "" };
	bool phone = r->q->kind == QUESTION_PHONE;

	if (phone && !phone_read(text, one.phone_back)) {
		fields_fail(r->wrong, r->q->field, "phone_broken", 0);
		return false;
	}
	if (str_utf8_count(text, strlen(text)) > ANSWER_LINE_MAX) {
		fields_fail(r->wrong, r->q->field, "text_long",
			    ANSWER_LINE_MAX);
		return false;
	}
	answers_add(r->out, &one);
	return true;
}

/* One line for each seat; one that is empty answers nothing. */
static void take_lines(struct reading *r, char *text)
{
	int64_t wanted = answers_wanted(r->seats);
	int64_t seat = 0;
	int64_t given = 0;
	char *rest = text;
	char *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		line = utext_trim(line);
		seat++;
		if (seat > wanted)
			break;
		if (*line != '\0' && !take_line(r, line, seat))
			return;
		given += *line != '\0';
	}
	if (seat > wanted || (r->q->required && given < wanted))
		fields_fail(r->wrong, r->q->field, "answer_seats", wanted);
}

/* The option's text in the service's language, for free(), by its text in any
 * language; NULL if there is none. */
static char *option_find(const struct question *q, const char *text)
{
	for (size_t w = 0; w <= q->other_count; w++) {
		const struct question_words *words = w == 0 ? &q->own :
							 &q->others[w - 1];
		char *option;

		for (size_t i = 0; (option = question_option(words, i)); i++) {
			bool same = strcmp(option, text) == 0;

			free(option);
			if (same)
				return question_option(&q->own, i);
		}
	}
	return NULL;
}

static void take_choice(struct reading *r, const char *text)
{
	struct given_answer one = { r->q->id, 0, option_find(r->q, text), "" };

	if (one.text)
		answers_add(r->out, &one);
	else
		fields_fail(r->wrong, r->q->field, "choice_unknown", 0);
	free(one.text);
}

/* A box that is not ticked is not sent; "on" is what a form without a value
 * sends. */
static void read_box(struct reading *r)
{
	static char yes[] = "yes";
	const struct form *f = r->wrong->form;
	const char *text;
	bool ticked = false;
	enum form_found found = form_flag(f, r->q->field, &ticked);

	if (found == FORM_WRONG_TYPE) {
		found = form_get(f, r->q->field, &text);
		ticked = strcmp(text, yes) == 0 || strcmp(text, "on") == 0;
		if (found == FORM_FOUND && !ticked && *text != '\0' &&
		    strcmp(text, "no") != 0)
			found = FORM_WRONG_TYPE;
	}
	if (found == FORM_REPEATED)
		fields_fail(r->wrong, r->q->field, "repeated", 0);
	else if (found == FORM_WRONG_TYPE)
		fields_fail(r->wrong, r->q->field, "flag_wrong", 0);
	else if (ticked)
		answers_add(r->out, &(struct given_answer){ r->q->id, 0, yes,
							    "" });
	else if (r->q->required)
		fields_fail(r->wrong, r->q->field, "box_required", 0);
}

static int64_t longest(const struct reading *r)
{
	if (r->q->per_seat)
		return ANSWER_SEATS_MAX * (ANSWER_LINE_MAX + 2);
	return r->q->kind == QUESTION_LINES ? ANSWER_LINES_MAX :
					      ANSWER_LINE_MAX;
}

static void read_words(struct reading *r)
{
	const struct question *q = r->q;
	const struct fields_room room = {
		longest(r), q->per_seat || q->kind == QUESTION_LINES,
	};
	size_t errors = r->wrong->error_count;
	char *text = NULL;

	if (!fields_words(r->wrong, q->field, room, &text) &&
	    r->wrong->error_count > errors)
		return;
	if (text == NULL || *text == '\0') {
		if (q->required)
			fields_fail(r->wrong, q->field,
				    q->kind == QUESTION_CHOICE ?
				    "choice_required" : "answer_required", 0);
	} else if (q->per_seat) {
		take_lines(r, text);
	} else if (q->kind == QUESTION_CHOICE) {
		take_choice(r, text);
	} else if (q->kind == QUESTION_LINES) {
		answers_add(r->out, &(struct given_answer){ q->id, 0, text,
							    "" });
	} else {
		(void)take_line(r, text, 0);
	}
	free(text);
}

/* ---- all of them -------------------------------------------------------- */

/* A name that was never asked for is a mistake of whoever made the form. */
static void find_unknown(struct fields *wrong, const struct questions *q)
{
	static const char prefix[] = ANSWERS_FIELD ".";
	const struct form *f = wrong->form;
	const char *ignored;

	for (size_t i = 0; i < f->count; i++) {
		const char *name = f->fields[i].name;

		if (str_starts_with(name, prefix) &&
		    questions_named(q, name + strlen(prefix)) == NULL)
			fields_fail(wrong, ANSWERS_FIELD, "answer_unknown", 0);
	}
	/* The object itself is none of these. */
	if (form_get(f, ANSWERS_FIELD, &ignored) == FORM_FOUND)
		fields_fail(wrong, ANSWERS_FIELD, "wrong_type", 0);
}

static void limit(const struct answers *all, struct fields *wrong)
{
	size_t bytes = 0;

	for (size_t i = 0; i < all->count; i++)
		bytes += strlen(all->list[i].text);
	if (bytes > ANSWERS_BYTES_MAX)
		fields_fail(wrong, ANSWERS_FIELD, "answers_long",
			    ANSWERS_BYTES_MAX);
}

void answers_read(struct fields *f, const struct questions *q, int64_t seats,
		  struct answers *out)
{
	*out = (struct answers){ .count = 0 };
	for (size_t i = 0; q && i < q->count; i++) {
		const struct question *one = &q->list[i];
		struct reading r = { one, f, out, seats };
		const char *sent = form_text(f->form, one->field);

		if (one->retired)
			continue;
		if (one->kind == QUESTION_BOX)
			read_box(&r);
		else
			read_words(&r);
		if (f->form->guessed && !str_is_ascii(sent, strlen(sent)))
			fields_fail(f, one->field, "letters_guessed", 0);
	}
	find_unknown(f, q);
	limit(out, f);
}

char *answer_shown(const struct question *q, const struct given_answer *a,
		   const char *lang, const char *yes)
{
	char *own;

	if (q && q->kind == QUESTION_BOX)
		return alloc_text(yes);
	if (!q || q->kind != QUESTION_CHOICE)
		return alloc_text(a->text);
	for (size_t i = 0; (own = question_option(&q->own, i)) != NULL; i++) {
		bool same = strcmp(own, a->text) == 0;
		char *shown = same ? question_option(question_words(q, lang),
						     i) : NULL;

		free(own);
		if (shown)
			return shown;
	}
	/* An option that is no longer there. */
	return alloc_text(a->text);
}
