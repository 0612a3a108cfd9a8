/* SPDX-License-Identifier: MIT */
/*
 * Fields of organisers' forms as values for the template admin_fields: each
 * with its label and hint from the catalogue (admin.field.NAME and
 * admin.hint.NAME) and what is wrong beside it.  Where forms mean different
 * things by one name, one of them has a prefix there.
 */
#ifndef ADMIN_FORM_H
#define ADMIN_FORM_H

#include "base/compiler.h"
#include "domain/fields.h"
#include "site/site.h"

#include <stddef.h>
#include <stdint.h>

struct json_object;

/* A form that was sent and is shown again; zeroed = an empty one is shown. */
struct admin_sent {
	const struct form *typed;	/* NULL = nothing was typed yet */
	const struct fields *wrong;	/* NULL = nothing is wrong */
};

/* Made by admin_form_begin(); all borrowed. */
struct admin_form {
	const struct call *call;
	const char *prefix;	/* of its names in the catalogue */
	struct json_object *list;
	struct json_object *folded;	/* NULL, or what holds the list */
	const struct form *typed;	/* NULL = nothing was typed yet */
	const struct fields *wrong;	/* NULL = nothing is wrong */
};

/* Adds the empty list "fields", and "errors" with what is wrong, to values. */
struct admin_form admin_form_begin(const struct call *call,
				   struct json_object *values,
				   const struct form *typed,
				   const struct fields *wrong);
/* The same for a form with a prefix; of f, call, prefix, typed and wrong are
 * read. */
struct admin_form admin_form_begin_as(const struct admin_form *f,
				      struct json_object *values);

/* The fields that follow are folded away, in "more", unless one is wrong. */
void admin_form_fold(struct admin_form *f, struct json_object *values);

struct admin_input {
	const char *name;
	const char *type;	/* of the input; NULL = lines of text */
	const char *value;	/* as long as nothing was typed */
	int max;		/* characters; 0 = no limit of the page's */
	bool must;		/* may not be empty */
	bool is_short;
	bool silent;		/* not marked as optional */
	const char *list;	/* NULL, or the id of its datalist */
};
void admin_form_input(const struct admin_form *f,
		      const struct admin_input *input);

/* A number of minutes, with the choice of its unit. */
void admin_form_minutes(const struct admin_form *f, const char *name,
			int64_t minutes);

struct admin_option {
	const char *value;
	const char *text;
};
struct admin_options {
	const struct admin_option *list;
	size_t count;
};
void admin_form_choice(const struct admin_form *f, const char *name,
		       const char *value, const struct admin_options *options);

/* "yes" or "no". */
void admin_form_flag(const struct admin_form *f, const char *name, bool value);

#endif
