/* SPDX-License-Identifier: MIT */
/*
 * What a form or a JSON body says, as a flat list of named texts.
 *
 * The header of form.c, form_json.c (form_read_json()) and charset.c
 * (form_is_utf8(), form_to_utf8()).
 *
 * Pure: bytes in, fields out.  A name or value that holds a NUL, or that is not
 * well-formed UTF-8, makes the whole body broken; form_read_posted() turns
 * other encodings into it.
 */
#ifndef FORM_FORM_H
#define FORM_FORM_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

#define FORM_FIELDS_MAX 64
#define FORM_BOUNDARY_MAX 70	/* RFC 2046 section 5.1.1 */

enum form_kind {
	FORM_TEXT,
	FORM_NUMBER,	/* JSON only: value is the number as written */
	FORM_FLAG,	/* JSON only: value is "true" or "false" */
	FORM_LIST,	/* JSON only: a list of texts; value has a line each */
	FORM_OTHER,	/* JSON only: another list, an object; value is "" */
};

struct form_field {
	char *name;
	char *value;
	enum form_kind kind;
};

/* Zeroed = empty.  form_release() frees what the readers put in. */
struct form {
	struct form_field fields[FORM_FIELDS_MAX];
	size_t count;
	bool guessed;	/* its encoding is: letters may be wrong */
};

enum form_result {
	FORM_READ,
	FORM_BROKEN,	/* not what its type says, or not UTF-8 */
	FORM_TOO_MANY,	/* more than FORM_FIELDS_MAX fields */
	FORM_HAS_FILE,	/* multipart with a file part */
};

enum form_media {
	FORM_MEDIA_NONE,	/* no Content-Type */
	FORM_MEDIA_URLENCODED,
	FORM_MEDIA_MULTIPART,
	FORM_MEDIA_JSON,	/* application/json */
	FORM_MEDIA_OTHER,
};

/* What a Content-Type header names; NULL or "" is FORM_MEDIA_NONE. */
enum form_media form_media(const char *content_type);

/*
 * Each reads len bytes into an empty *f.  On any result but FORM_READ *f is
 * empty again.
 */
enum form_result form_read_urlencoded(struct form *f, const char *text,
				      size_t len);
/* content_type carries the boundary parameter. */
enum form_result form_read_multipart(struct form *f, const char *content_type,
				     const char *text, size_t len);
/* What a browser posts: one of these two, by content_type; any other type is
 * refused as a file is.  In the encoding that content_type or a field _charset_
 * (left out of *f) says; see form_to_utf8(). */
enum form_result form_read_posted(struct form *f, const char *content_type,
				  const char *text, size_t len);
/* One JSON object; members that are null are left out, a member that is there
 * twice is a field that is there twice.  Half a surrogate pair is no text.  The
 * members of the object FORM_GROUP, and only of that, are fields, too, named
 * "answers.NAME"; a list of texts in it is one text, a line each. */
#define FORM_GROUP "answers"
enum form_result form_read_json(struct form *f, const char *text, size_t len);

/* Adds copies of both; for the readers. */
struct buf;
enum form_result form_add(struct form *f, enum form_kind kind,
			  const struct buf *name, const struct buf *value);

/* Are all names and values of *f well-formed UTF-8? */
bool form_is_utf8(const struct form *f);

/*
 * Turns the names and values of *f from bytes in the encoding named label into
 * UTF-8, and undoes the "&#321;" by which browsers send a letter that the
 * encoding does not have (HTML Standard, "constructing the entry list").
 * Labels are those of the Encoding Standard.
 *
 * Without a label ("" or one that is not known) the texts are taken as they are
 * if all of them are UTF-8, else as windows-1252.  That is a guess, and so is a
 * text that its encoding cannot mean: then f->guessed is set, and whoever typed
 * it should look at it again.
 */
void form_to_utf8(struct form *f, const char *label);

/* Frees all fields; *f is empty and usable again. */
void form_release(struct form *f);

enum form_found {
	FORM_ABSENT,
	FORM_FOUND,
	FORM_REPEATED,	/* more than one field of that name */
	FORM_WRONG_TYPE,	/* FORM_FLAG, FORM_LIST, FORM_OTHER */
};

/*
 * Looks up a scalar.  *value_out is borrowed from *f; "" unless FORM_FOUND or
 * FORM_REPEATED (then the first one).
 */
enum form_found form_get(const struct form *f, const char *name,
			 const char **value_out);

/* Looks up a boolean: form_get(), but of FORM_FLAG alone. */
enum form_found form_flag(const struct form *f, const char *name,
			  bool *value_out);

/* Like form_get_text(), for what is several lines: FORM_LIST is found, too. */
enum form_found form_get_lines(const struct form *f, const char *name,
			       const char **value_out);

/* Like form_get(), for what is a text: a JSON number is FORM_WRONG_TYPE. */
enum form_found form_get_text(const struct form *f, const char *name,
			      const char **value_out);

/* The first value of that name, "" if there is none.  Borrowed from *f. */
const char *form_text(const struct form *f, const char *name);

#endif
