/* SPDX-License-Identifier: MIT */
/* Web origins and return addresses of other people's sites.  Pure. */
#ifndef HTTP_ORIGIN_H
#define HTTP_ORIGIN_H

#include "base/compiler.h"

#include <stdbool.h>

#define ORIGIN_MAX 300		/* bytes of "https://host:port" */
#define ORIGIN_URL_MAX 1000	/* bytes of a return address */

struct buf;

/*
 * Writes the origin of an http or https address as browsers write it in the
 * Origin header: lower case, without the scheme's own port.  False if it is no
 * such address, has a user part, or holds what no address may (then out is "").
 */
bool origin_of(const char *url, char out[ORIGIN_MAX + 1]);

/* Is it an origin and nothing more, as origin_of() writes it? */
bool origin_is_exact(const char *text);

/* Is the origin one of the blank-separated ones of list? */
bool origin_is_listed(const char *list, const char *origin);

/*
 * May a visitor be sent to url?  list: blank-separated beginnings of addresses.
 * The origin must be the same; the path must equal the row's or lie below it:
 * "/a" allows "/a", "/a?x" and "/a/b", not "/ab".  Paths that go up, even
 * escaped, are refused.
 */
bool origin_may_return(const char *list, const char *url);

/* Appends url with name=value in its query; both are plain words. */
void origin_add_query(struct buf *out, const char *url, const char *name,
		      const char *value);

/* Appends text as the value of a query: all but letters, digits, "-._~"
 * escaped. */
void origin_escape(struct buf *out, const char *text);

#endif
