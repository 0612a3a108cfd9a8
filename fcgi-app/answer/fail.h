/* SPDX-License-Identifier: MIT */
/* Answers that say no: as a page for people and as RFC 9457 for programs. */
#ifndef ANSWER_FAIL_H
#define ANSWER_FAIL_H

#include "base/compiler.h"
#include "domain/refusal.h"
#include "site/site.h"

struct fields;
struct form;
struct json_object;

/* Adds its header: Retry-After to a 503, WWW-Authenticate where a key is
 * missing. */
void fail_headers(struct call *call, enum fail_kind kind);

/* Texts in the answer's language; borrowed. */
const char *fail_title(const struct call *call, enum fail_kind kind);
const char *fail_detail(const struct call *call, enum fail_kind kind);

/*
 * The whole answer, in the form that the call asks for: problem+json, or a
 * page.  A form that met a 503 is on that page, to be sent again as it was; for
 * a page that met one there is a link to it.
 */
void fail(struct call *call, enum fail_kind kind);

/*
 * 400 for a form of ours whose encoding had to be guessed (form_to_utf8()): a
 * page with what was read of it, to be looked at and sent again.
 */
void fail_letters(struct call *call, const struct form *f);

/* The same for a fault of the database, with a line in the log: what could not
 * be read, or by a POST changed. */
void fail_store(struct call *call, const char *what, const struct fault *why);

/* The same in place of an answer being made, whose values are freed. */
void page_fail(struct call *call, struct json_object *values, const char *what,
	       const struct fault *why);

/* 422, as JSON, with what is wrong with each field; and for one, by its
 * code. */
void fail_fields(struct call *call, const struct fields *wrong);
void fail_field(struct call *call, const char *field, const char *code);

#endif
