/* SPDX-License-Identifier: MIT */
/* One HTTP request as FastCGI brings it, within limits. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/buf.h"
#include "base/compiler.h"
#include "form/form.h"

#include <stdbool.h>
#include <stdint.h>

struct FCGX_Request;

#define REQUEST_BODY_MAX 65536
#define REQUEST_PATH_MAX 512

/*
 * Zeroed = none yet.  The const texts are borrowed from the connection and end
 * with it; absent headers are "".
 */
struct request {
	char method[16];	/* as sent: "GET" */
	char path[REQUEST_PATH_MAX + 1];	/* decoded, below the root */
	struct form query;	/* empty if it could not be read */
	bool query_broken;	/* it could not: lists refuse it */
	int64_t content_length;	/* bytes, 0 if there is no body */
	const char *content_type;
	const char *accept;
	const char *accept_language;
	const char *idempotency_key;
	bool shows_metrics;	/* the web server lets this client see them */
	bool has_idempotency_key;	/* an empty one is one, too */
	const char *client;	/* its address, from nginx alone */
	const char *if_none_match;
	/* Who the web server says has signed in; "" = nobody.  A parameter of
	 * its own, which no header can set. */
	const char *user;
	const char *authorization;	/* a secret: never into a log */
	const char *host;
	const char *fetch_site;	/* Sec-Fetch-Site */
	const char *fetch_dest;	/* Sec-Fetch-Dest */
	const char *origin;	/* the page's, as the browser says it */
	const char *referer;
	const char *wanted_method;	/* what a preflight asks for */
	char id[65];		/* nginx's request id, printable; or "" */
	struct buf body;
};

/*
 * Fills *rq from the parameters ("NAME=value", NULL at the end).  root is the
 * path that all our addresses begin with, "" or "/book"; it is cut off, if a
 * proxy has not taken it away.
 * Returns 0, or the HTTP status to answer: 400 (no method or path, odd
 * Content-Length), 404 (no path of ours could look so),
 * 413 (body over REQUEST_BODY_MAX).  *rq is to be released in any case.
 */
int request_read_head(struct request *rq, char *const *params,
		      const char *root) MUST_USE;

/*
 * Reads the body and the end of the request behind it.  Returns 0, or 400 if
 * the connection brought less than Content-Length, or more: such a body is
 * never looked at.
 */
int request_read_body(struct request *rq, struct FCGX_Request *fcgi) MUST_USE;

void request_release(struct request *rq);

#endif
