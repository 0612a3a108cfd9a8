/* SPDX-License-Identifier: MIT */
/* What a service asks besides name and address, as organisers set it.  Pure. */
#ifndef DOMAIN_QUESTION_H
#define DOMAIN_QUESTION_H

#include "base/compiler.h"
#include "domain/fields.h"
#include "form/form.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUESTIONS_MAX 20	/* of a service, those asked now */
#define QUESTION_NAME_MAX 32
#define QUESTION_LABEL_MAX 200	/* characters */
#define QUESTION_OPTIONS_MAX 30
#define QUESTION_OPTION_MAX 100	/* characters */
#define QUESTION_LANG_MAX 16

/* The member of JSON that holds the answers; in forms they are fields named
 * "answers.NAME". */
#define ANSWERS_FIELD FORM_GROUP

enum question_kind {
	QUESTION_TEXT,		/* one line */
	QUESTION_LINES,
	QUESTION_CHOICE,	/* one of its options */
	QUESTION_BOX,		/* ticked or not */
	QUESTION_PHONE,
	QUESTION_KINDS
};

/* "text", "lines", "choice", "box", "phone". */
const char *question_kind_name(enum question_kind kind);

/* The texts of a question in one language. */
struct question_words {
	char lang[QUESTION_LANG_MAX + 1];	/* "" = the service's own */
	char *label;
	char *options;		/* of a choice, a line each; else "" */
};

struct question {
	int64_t id;		/* 0 = not stored yet */
	char name[QUESTION_NAME_MAX + 1];	/* stays, never given again */
	char field[sizeof(ANSWERS_FIELD) + QUESTION_NAME_MAX + 1];
	enum question_kind kind;	/* stays */
	bool required;
	bool per_seat;		/* one line for each seat; text and phone */
	bool retired;		/* asked no more; its answers stay */
	int64_t position;	/* smaller ones come first */
	struct question_words own;	/* in the service's language */
	struct question_words *others;	/* translations; on the heap */
	size_t other_count;
};

/* All of a service, in their order, also those that are retired.  Shared: it
 * never changes once it was made. */
struct questions {
	unsigned users;
	struct question *list;	/* on the heap */
	size_t count;
};

/* Another user of q (may be NULL); each ends with questions_drop(). */
struct questions *questions_share(struct questions *q);
void questions_drop(struct questions *q);

/* By name or id; NULL if there is none. */
const struct question *questions_named(const struct questions *q,
				       const char *name);
const struct question *questions_by_id(const struct questions *q, int64_t id);

/* Sets name and field. */
void question_name_set(struct question *q, const char *name);

void question_copy(struct question *to, const struct question *from);
void question_release(struct question *q);

/* The texts in that language, the service's if there are none in it. */
const struct question_words *question_words(const struct question *q,
					    const char *lang);

/* Option i of a choice as a copy for free(); NULL if there are fewer. */
char *question_option(const struct question_words *words, size_t i);

/* ---- organisers --------------------------------------------------------- */

/* question_form_read(), then question_form_release(). */
struct question_form {
	struct fields fields;	/* its errors; none: question is fit to keep */
	struct question question;
};

/*
 * Reads name, kind, label, options, required, per_seat, position and text_lang:
 * the language that label and options are in, "" = the service's.  What is
 * absent stays as in before; before == NULL makes a new question, which must
 * have kind and label.  It comes after all others of the service, and its name
 * is made of its label, unless the form says otherwise.
 */
void question_form_read(const struct form *f, const struct questions *all,
			const struct question *before,
			struct question_form *out);
void question_form_release(struct question_form *form);

#endif
