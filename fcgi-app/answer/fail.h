/* SPDX-License-Identifier: MIT */
/* Answers that say no: as a page for people and as RFC 9457 for programs. */
#ifndef ANSWER_FAIL_H
#define ANSWER_FAIL_H

#include "base/compiler.h"
#include "domain/refusal.h"
#include "http/reply.h"
#include "site/site.h"

/* Adds the header that belongs to it: Retry-After to a 503, WWW-Authenticate
 * where a key lacks. */
void fail_headers(struct call *call, enum fail_kind kind);

/* Texts in the answer's language; borrowed. */
const char *fail_title(const struct call *call, enum fail_kind kind);
const char *fail_detail(const struct call *call, enum fail_kind kind);

/* The whole answer, as a page.  A form that met a 503 is on it, to be sent
 * again as it was. */
void fail_page(struct call *call, enum fail_kind kind);

/* The whole answer, as problem+json; errors may be NULL. */
void fail_json(struct call *call, enum fail_kind kind,
	       const struct problem_error *errors, size_t count);

#endif
