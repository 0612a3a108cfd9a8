/* SPDX-License-Identifier: MIT */
/* Makes the values of questions' fields. */
#include "config.h"

#include "pages/questions.h"

#include "answer/render.h"
#include "base/alloc.h"
#include "domain/answers.h"
#include "domain/question.h"
#include "form/form.h"
#include "json/get.h"
#include "json/put.h"
#include "text/lang.h"

#define ROWS_MAX 10		/* of a text area, before it scrolls */

/* Sets "foreign": in which language the label is if it is not the page's. */
static void put_foreign(const struct call *call, struct json_object *row,
			const struct question_words *words,
			const struct service *service)
{
	const char *lang = words->lang;

	if (*lang == '\0')
		lang = *service->language != '\0' ? service->language :
			call->site->conf.default_locale;
	put_text(row, "foreign",
		 strcmp(lang, lang_tag(call->lang)) != 0 ? lang : "");
}

static void put_options(struct json_object *row, const struct question *q,
			const struct question_words *words, const char *value)
{
	struct json_object *list = put_list(row, "options");
	char *own;

	for (size_t i = 0; q->kind == QUESTION_CHOICE &&
			   (own = question_option(&q->own, i)) != NULL; i++) {
		struct json_object *option = put_row(list);
		char *shown = question_option(words, i);

		put_text(option, "value", own);
		put_text(option, "text", shown ? shown : own);
		put_flag(option, "selected", strcmp(own, value) == 0);
		free(shown);
		free(own);
	}
}

/* For how many seats a line each is wanted. */
static void put_hint(const struct call *call, struct json_object *row,
		     const struct page_questions *page, bool lines)
{
	put_text(row, "hint", "");
	if (lines && page->seats == 0)
		put_value(row, "hint",
			  page_count(call, "form.each_seat", ANSWER_SEATS_MAX));
	else if (lines)
		put_value(row, "hint",
			  page_count(call, "form.each_of",
				     answers_wanted(page->seats)));
}

static void put_input(struct json_object *row, const struct question *q,
		      bool per_seat, int64_t seats)
{
	bool lines = q->kind == QUESTION_LINES || per_seat;
	int64_t rows = per_seat && seats > 3 ? seats : 3;

	put_flag(row, "line", q->kind == QUESTION_TEXT && !lines);
	put_flag(row, "phone", q->kind == QUESTION_PHONE && !lines);
	put_flag(row, "lines", lines);
	put_flag(row, "dial", q->kind == QUESTION_PHONE);
	put_flag(row, "choice", q->kind == QUESTION_CHOICE);
	put_flag(row, "box", q->kind == QUESTION_BOX);
	put_int(row, "rows", rows < ROWS_MAX ? rows : ROWS_MAX);
	put_flag(row, "required", q->required);
	put_flag(row, "optional", !q->required);
}

static void put_question(const struct call *call, struct json_object *list,
			 const struct page_questions *page,
			 const struct question *q)
{
	const struct question_words *words =
		question_words(q, lang_tag(call->lang));
	const char *value = page->typed ? form_text(page->typed, q->field) :
					  "";
	struct json_object *row = put_row(list);
	bool per_seat = q->per_seat && page->many;
	bool hint;

	put_text(row, "field", q->field);
	put_text(row, "label", words->label);
	put_foreign(call, row, words, page->service);
	put_text(row, "value", value);
	put_flag(row, "ticked", strcmp(value, "yes") == 0);
	put_options(row, q, words, value);
	put_input(row, q, per_seat, page->seats);
	put_hint(call, row, page, per_seat);
	page_put_error(call, row, "error",
		       page->wrong ? fields_error(page->wrong, q->field) :
				     NULL);
	hint = *get_text(row, "hint") != '\0';
	put_format(row, "described", "%s%s%s%s",
		   *get_text(row, "error") != '\0' ? q->field : "",
		   *get_text(row, "error") != '\0' ? "-error " : "",
		   hint ? q->field : "", hint ? "-hint" : "");
}

void page_put_questions(const struct call *call, struct json_object *to,
			const struct page_questions *page)
{
	const struct questions *all = page->service ?
				      page->service->questions : NULL;
	struct json_object *list = put_list(to, "questions");

	for (size_t i = 0; all && i < all->count; i++)
		if (!all->list[i].retired)
			put_question(call, list, page, &all->list[i]);
}

void page_put_typed_answers(const struct call *call, struct json_object *to,
			    const struct service *service,
			    const struct form *typed)
{
	const struct questions *all = service ? service->questions : NULL;
	struct json_object *list = put_list(to, "answers");

	for (size_t i = 0; all && i < all->count; i++) {
		const struct question *q = &all->list[i];
		const char *value = typed ? form_text(typed, q->field) : "";
		struct json_object *row;

		if (q->retired || *value == '\0')
			continue;
		row = put_row(list);
		put_text(row, "label",
			 question_words(q, lang_tag(call->lang))->label);
		put_text(row, "text", q->kind == QUESTION_BOX ?
			 page_text(call, "form.yes") : value);
	}
}

void page_put_answer_error(const struct call *call, struct json_object *to,
			   const struct service *service,
			   const struct field_error *e)
{
	const struct questions *all = service ? service->questions : NULL;
	char *text;

	page_put_error(call, to, "text", e);
	for (size_t i = 0; all && i < all->count; i++) {
		const struct question *q = &all->list[i];

		if (strcmp(q->field, e->field) != 0)
			continue;
		text = alloc_printf("%s – %s", question_words(
			q, lang_tag(call->lang))->label, get_text(to, "text"));
		put_text(to, "text", text);
		free(text);
	}
}
