/* SPDX-License-Identifier: MIT */
/*
 * Requests from pages of other sites: which site it is, whether it may, and
 * what browsers must be told so that its scripts can read the answer.
 */
#ifndef ANSWER_FOREIGN_H
#define ANSWER_FOREIGN_H

#include "base/compiler.h"
#include "domain/refusal.h"
#include "http/origin.h"
#include "site/site.h"
#include "store/keys.h"

#include <stdbool.h>

struct form;

struct foreign {		/* foreign_release() */
	struct formkey key;	/* empty if it could not be read */
	char origin[ORIGIN_MAX + 1];
	bool own;		/* our own page, which showed the form again */
};

/* Does the client want JSON: does it send it, or ask for nothing else? */
bool foreign_wants_json(const struct request *rq);

/*
 * Finds the form's key and judges the request's Origin (without one, its
 * Referer's): one of the key's, or our own.  Adds Vary, and for another site's
 * page Access-Control-Allow-Origin.  A page that answers, while *out lasts, may
 * be in a frame of the key's sites.
 *
 * Returns FAIL_NONE if all is well, FAIL_NOT_FOUND (no such key), FAIL_ORIGIN,
 * or the refusal for a database that is away.
 */
enum fail_kind foreign_open(struct call *call, struct foreign *out);
void foreign_release(struct foreign *f);

/* Is the field filled in that people do not see? */
bool foreign_is_trapped(const struct form *f);

/* Does the browser say that the answer will be shown in a frame? */
bool foreign_is_framed(const struct request *rq);

/* Lets scripts of pages with a form read a public answer (a GET's). */
void foreign_allow_read(struct call *call);

#endif
