/* SPDX-License-Identifier: MIT */
/*
 * Reads the fields of one form and keeps what is wrong with each, for pages
 * (beside the field), JSON (errors[]) and the shell (a sentence).  Pure.
 *
 * An absent field is left as it was; at most one error a field.
 */
#ifndef DOMAIN_FIELDS_H
#define DOMAIN_FIELDS_H

#include "base/compiler.h"
#include "form/form.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define FIELDS_ERRORS_MAX 32

struct field_error {
	const char *field;	/* its name in forms and JSON; a constant */
	const char *code;	/* catalogue web.error.CODE; a constant */
	int64_t n;		/* {n} in that text */
};

/* Zeroed with form set = nothing is wrong yet. */
struct fields {
	const struct form *form;	/* borrowed while it is read */
	bool of_page;		/* a day that is not filled in is absent */
	struct field_error errors[FIELDS_ERRORS_MAX];
	size_t error_count;
};

/* Adds an error, unless the field has one. */
void fields_fail(struct fields *f, const char *field, const char *code,
		 int64_t n);

/* The error of that field, or NULL. */
const struct field_error *fields_error(const struct fields *f,
				       const char *field);

/* Each returns true if the field is there and was read into *out. */

/* A text, without the blanks at its ends, and no JSON number ("wrong_type");
 * the caller frees it. */
bool fields_text(struct fields *f, const char *field, char **out);

/* How much text is right. */
struct fields_room {
	int64_t max;		/* characters */
	bool lines;		/* line ends are allowed, as \n */
};

/* The same with the rules for text in pages and mails: it has that room
 * ("text_long", n = max), and nothing invisible in it ("text_control"). */
bool fields_words(struct fields *f, const char *field, struct fields_room room,
		  char **out);

/* The same with lines; a program may send a list of texts, one for each
 * line. */
bool fields_lines(struct fields *f, const char *field, int64_t max,
		  char **out);

/* The text as it was sent, "" if there is none; borrowed from the form. */
const char *fields_sent(struct fields *f, const char *field);

/* A day, as "2025-12-03", else the error code. */
bool fields_day(struct fields *f, const char *field, const char *code,
		struct tm *out);

/* Which numbers are right, and the error code of all others, with n = max. */
struct fields_range {
	int64_t min;
	int64_t max;
	const char *code;
};

/* A whole number. */
bool fields_int(struct fields *f, const char *field, struct fields_range range,
		int64_t *out);

/* The same for minutes, which are hours or days if the field {field}_unit says
 * "h" or "d" ("min" is the same as none); the range is of minutes. */
bool fields_minutes(struct fields *f, const char *field,
		    struct fields_range range, int64_t *out);

/* "yes" or "no", or JSON's true and false ("flag_wrong"). */
bool fields_flag(struct fields *f, const char *field, bool *out);

/* How many rows of a list a program asks for by "limit": 1 to 200, 50 if it is
 * absent or wrong ("limit_range"). */
int64_t fields_limit(struct fields *f);

#endif
