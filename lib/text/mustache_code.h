/* SPDX-License-Identifier: MIT */
/* A template as a flat list of operations: what mustache.c renders. */
#ifndef TEXT_MUSTACHE_CODE_H
#define TEXT_MUSTACHE_CODE_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>
#include <stddef.h>

#define MUSTACHE_NESTED_MAX 24	/* sections and partials open at once */

enum mustache_op_kind {
	OP_TEXT,
	OP_VALUE,
	OP_JSON,
	OP_SECTION,
	OP_INVERTED,
	OP_END,
	OP_PARTIAL,
	OP_COMMENT,	/* never stored */
};

struct mustache_op {
	enum mustache_op_kind kind;
	unsigned line;		/* of the tag, from 1; 0 for text */
	const char *text;	/* points into the source; a value's or
				 * section's name has its dots replaced by NUL
				 * and, like a partial's, one at its end */
	size_t len;		/* without that last NUL */
	size_t end;		/* sections: index of their OP_END */
};

struct mustache_code {
	char *name;		/* for messages */
	char *source;
	struct mustache_op *ops;
	size_t count;
	size_t room;
};

/*
 * Compiles the len bytes of source; name and source are set, on the heap, and
 * all else is zero.  html allows {{{ }}}.
 * Returns 0 (mustache_code_release() frees all), or -1 with FAULT_REJECT
 * "name:line: what is wrong" and nothing to free.
 */
int mustache_code_scan(struct mustache_code *code, size_t len, bool html,
		       struct fault *why) MUST_USE;

void mustache_code_release(struct mustache_code *code);

#endif
