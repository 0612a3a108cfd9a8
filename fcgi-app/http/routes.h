/* SPDX-License-Identifier: MIT */
/* Which handler answers a method and a path.  Pure. */
#ifndef HTTP_ROUTES_H
#define HTTP_ROUTES_H

#include "base/compiler.h"

#include <stddef.h>

#define ROUTE_ARGS_MAX 2
#define ROUTE_ARG_MAX 128	/* bytes of a path segment taken as argument */

struct call;

typedef void (*route_handler)(struct call *call);

/* pattern: "/s/{service}"; a {name} stands for one whole segment. */
struct route {
	const char *method;	/* "GET" also answers HEAD */
	const char *pattern;
	route_handler handler;
};

struct routes {
	const struct route *list;
	size_t count;
};

enum route_found {
	ROUTE_FOUND,
	ROUTE_NO_PATH,		/* 404 */
	ROUTE_NO_METHOD,	/* 405; allow is filled */
};

struct route_match {
	route_handler handler;
	/* What stood in the place of each {name}, in order; "" behind. */
	char args[ROUTE_ARGS_MAX][ROUTE_ARG_MAX + 1];
	char allow[64];		/* the Allow header, "GET, HEAD, POST" */
};

/* Goes through them in order; the first that fits wins. */
enum route_found route_find(const struct routes *all, const char *method,
			    const char *path, struct route_match *out);

/*
 * The length of the longest beginning of path, cut before a slash, that a GET
 * can look at: what a form was sent from, as a rule.  0: only "/" is left.
 */
size_t route_above(const struct routes *all, const char *path);

#endif
