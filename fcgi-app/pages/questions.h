/* SPDX-License-Identifier: MIT */
/* A service's questions as fields of a visitor's form. */
#ifndef PAGES_QUESTIONS_H
#define PAGES_QUESTIONS_H

#include "domain/fields.h"
#include "domain/model.h"

struct call;
struct form;
struct json_object;

/* What goes into them; all borrowed. */
struct page_questions {
	const struct service *service;
	const struct form *typed;	/* NULL = nothing yet */
	const struct fields *wrong;	/* NULL = nothing is */
	bool many;		/* more than one seat can be had */
	int64_t seats;		/* as far as it is known; 0 = it is not */
};

/* Adds the list "questions", for the template of that name. */
void page_put_questions(const struct call *call, struct json_object *to,
			const struct page_questions *page);

/* Adds the list "answers": {label, text}, what was typed into such a form. */
void page_put_typed_answers(const struct call *call, struct json_object *to,
			    const struct service *service,
			    const struct form *typed);

/* Adds "text", that of an error, with the label of its question before it. */
void page_put_answer_error(const struct call *call, struct json_object *to,
			   const struct service *service,
			   const struct field_error *e);

#endif
