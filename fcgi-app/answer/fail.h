/* SPDX-License-Identifier: MIT */
/*
 * Answers that say no: one kind, one status, one address (/problems/{type}),
 * one text; as a page for people and as RFC 9457 for programs.
 */
#ifndef ANSWER_FAIL_H
#define ANSWER_FAIL_H

#include "base/compiler.h"
#include "http/reply.h"
#include "site/site.h"

struct fault;

enum fail_kind {
	FAIL_BAD_REQUEST,	/* 400 */
	FAIL_NO_KEY,		/* 401: the admin interface wants a key */
	FAIL_READ_ONLY,		/* 403: the key may only read */
	FAIL_FORBIDDEN,		/* 403: not signed in, or sent by another site */
	FAIL_RETURN,		/* 400: a form's return address */
	FAIL_ORIGIN,		/* 403: a form on a page that may not */
	FAIL_NOT_FOUND,		/* 404 */
	FAIL_NO_SLOT,		/* 404: no such time */
	FAIL_METHOD,		/* 405 */
	FAIL_FULL,		/* 409 */
	FAIL_BEGUN,		/* 409: it has begun meanwhile */
	FAIL_LATE,		/* 409: the notice for changes has passed */
	FAIL_OVER,		/* 409: what is to be changed has begun */
	FAIL_MOVES,		/* 409: it was moved moves_max times */
	FAIL_CANCELLED,		/* 409: there is nothing left to change */
	FAIL_ERASED,		/* 409: nobody is left to tell anything */
	FAIL_MEANWHILE,		/* 409: somebody else changed it just now */
	FAIL_LAPSED,		/* 409: the offer is over */
	FAIL_IN_USE,		/* 409: somebody booked or waits for the slot */
	FAIL_ON_ITS_WAY,	/* 409: the mail is being sent already */
	FAIL_PAST,		/* 410 */
	FAIL_TOO_LARGE,		/* 413 */
	FAIL_MEDIA_TYPE,	/* 415 */
	FAIL_FIELDS,		/* 422 */
	FAIL_KEY_REUSED,	/* 422 */
	FAIL_TOO_OFTEN,		/* 429 */
	FAIL_TOO_SOON,		/* 429: the mail was sent only just now */
	FAIL_INTERNAL,		/* 500 */
	FAIL_UNAVAILABLE,	/* 503: nothing was done */
	FAIL_UNSURE,		/* 503: perhaps it was; ask again */
	FAIL_KINDS,
};

int fail_status(enum fail_kind kind);
const char *fail_type(enum fail_kind kind);	/* "slot-full" */

/* The kind of that type, FAIL_KINDS if there is none. */
enum fail_kind fail_find(const char *type);

/* What a database fault is to the visitor. */
enum fail_kind fail_of_fault(const struct fault *why);

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
