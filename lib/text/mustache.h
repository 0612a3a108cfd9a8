/* SPDX-License-Identifier: MIT */
/*
 * Templates: a subset of Mustache (mustache(5)) over json-c values.
 *
 *   {{name}} {{a.b}} {{.}}   a value; unknown = nothing
 *   {{#name}}...{{/name}}    section: once if true, for each of a list
 *   {{^name}}...{{/name}}    inverted section
 *   {{>name}}                partial
 *   {{! ... }}               comment
 *   {{{name}}}               only in HTML, only of an object or list: its JSON,
 *                            with < > & written \u003c ... so that it is
 *                            safe inside <script type="application/ld+json">
 *
 * False are: nothing, null, false, 0, "" and an empty list.  A value that is an
 * object or a list prints nothing.
 *
 * Sections, inverted ones, partials and comments alone on a line take the line
 * with them.  There is no lambda and no change of delimiters.
 */
#ifndef TEXT_MUSTACHE_H
#define TEXT_MUSTACHE_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/fault.h"

struct json_object;
struct mustache;

enum mustache_form {
	MUSTACHE_TEXT,		/* values go in as they are */
	MUSTACHE_HTML,		/* & < > " ' are escaped in values */
};

/* A text to be compiled; all is copied. */
struct mustache_source {
	const char *name;	/* for messages */
	const char *text;
	size_t len;
	enum mustache_form form;
};

/*
 * Returns the template (mustache_free()), or NULL with FAULT_REJECT
 * "name:line: what is wrong".
 */
struct mustache *mustache_new(const struct mustache_source *source,
			      struct fault *why) MUST_USE;
void mustache_free(struct mustache *m);

/* What a template is filled in with. */
struct mustache_view {
	struct json_object *values;	/* borrowed; NULL = there are none */
	/* A partial, which stays the finder's; NULL = there is none of that
	 * name.  find itself may be NULL. */
	const struct mustache *(*find)(const void *arg, const char *name);
	const void *arg;
};

/*
 * Appends the rendered text to *out.  Returns 0, or -1 with FAULT_REJECT
 * (unknown partial, nested too deep, a {{{ }}} of something that is not an
 * object or list, more than 1 MiB, or more than a million steps on the way:
 * lists in lists that print little).
 */
int mustache_render(const struct mustache *m, const struct mustache_view *view,
		    struct buf *out, struct fault *why) MUST_USE;

/* Appends text with & < > " ' escaped. */
void mustache_escape_html(struct buf *out, const char *text, size_t len);

#endif
