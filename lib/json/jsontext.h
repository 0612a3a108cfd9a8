/* SPDX-License-Identifier: MIT */
/* Is a text JSON by the letter of RFC 8259, and if not, where not? */
#ifndef JSON_JSONTEXT_H
#define JSON_JSONTEXT_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

#define JSONTEXT_DEPTH_MAX 64

struct jsontext_wrong {
	size_t offset;		/* of the first wrong byte; the text's length if
				   it ends too early */
	const char *what;	/* is wrong there; a constant */
};

/*
 * True if text[0..len) is UTF-8 and one JSON value with nothing but blanks
 * around it, and no array or object in it lies more than depth_max (at most
 * JSONTEXT_DEPTH_MAX) deep; the outermost one is the first.
 * Parsers are more forgiving (single quotes, raw line ends), each in another
 * way; what this accepts, all of them read alike.
 *
 * Else false with *wrong filled.
 */
bool jsontext_check(const char *text, size_t len, unsigned depth_max,
		    struct jsontext_wrong *wrong) MUST_USE;

/* Line and column, both from 1, of a byte; a column is a character. */
void jsontext_place(const char *text, size_t offset, size_t *line_out,
		    size_t *column_out);

#endif
