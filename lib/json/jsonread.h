/* SPDX-License-Identifier: MIT */
/* Reads JSON texts; the only caller of json-c's own reader. */
#ifndef JSON_JSONREAD_H
#define JSON_JSONREAD_H

#include "base/compiler.h"
#include "json/jsontext.h"

#include <stdbool.h>
#include <stddef.h>

struct json_object;

struct jsonread {
	struct json_object *value;	/* NULL also for null */
	struct jsontext_wrong wrong;	/* if it was not read */
};

/*
 * Reads text[0..len) if jsontext_check() has nothing against it, at most
 * depth_max deep.  What it leaves open is json-c's: of two members of one name
 * the last counts, half a surrogate pair becomes U+FFFD, a name ends at its
 * first NUL, a whole number beyond 64 bits becomes the nearest one within.
 *
 * Returns true and out->value, which json_object_put() frees; or false with
 * out->value NULL and what is wrong where.
 */
bool jsonread(const char *text, size_t len, unsigned depth_max,
	      struct jsonread *out) MUST_USE;

/* The same for a text that must be an object: it, or NULL. */
struct json_object *jsonread_object(const char *text, size_t len,
				    unsigned depth_max) MUST_USE;

#endif
