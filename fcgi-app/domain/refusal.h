/* SPDX-License-Identifier: MIT */
/*
 * Why something is refused: one kind, one status, one address
 * (/problems/{type}), one text.  Pure.
 */
#ifndef DOMAIN_REFUSAL_H
#define DOMAIN_REFUSAL_H

#include "base/compiler.h"

struct fault;

enum fail_kind {
	FAIL_NONE,		/* nothing is wrong */
	FAIL_BAD_REQUEST,	/* 400 */
	FAIL_NO_KEY,		/* 401: the admin interface wants a key */
	FAIL_READ_ONLY,		/* 403: the key may only read */
	FAIL_FORBIDDEN,		/* 403: not signed in */
	FAIL_ELSEWHERE,		/* 403: an organisers' form, of another site */
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
	FAIL_TRAPPED,		/* 422: the field that people do not see */
	FAIL_KEY_REUSED,	/* 422 */
	FAIL_TOO_OFTEN,		/* 429 */
	FAIL_TOO_SOON,		/* 429: the mail was sent only just now */
	FAIL_INTERNAL,		/* 500 */
	FAIL_UNAVAILABLE,	/* 503: nothing was done */
	FAIL_UNSURE,		/* 503: perhaps it was; ask again */
	FAIL_KINDS,
};

/* Neither is for FAIL_NONE. */
int fail_status(enum fail_kind kind);
const char *fail_type(enum fail_kind kind);	/* "slot-full" */

/* The kind of that type, FAIL_NONE if there is none. */
enum fail_kind fail_find(const char *type);

/* What visitors are told of a database fault: FAIL_UNSURE or
 * FAIL_UNAVAILABLE. */
enum fail_kind fail_of_fault(const struct fault *why);

#endif
