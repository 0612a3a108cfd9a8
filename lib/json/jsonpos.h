/* SPDX-License-Identifier: MIT */
/* Where in a JSON text something stands, for people who must mend it. */
#ifndef JSON_JSONPOS_H
#define JSON_JSONPOS_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Finds the value of a member by its path ("id", "to.email"), the last one if
 * it stands there twice, as the parser takes it.  The text is well-formed;
 * from one that is not, nothing worse follows than not finding.
 * Returns false if there is no such member.
 */
bool jsonpos_member(const char *text, size_t len, const char *path,
			size_t *offset_out);

#endif
