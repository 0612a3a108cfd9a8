/* SPDX-License-Identifier: MIT */
/* A file of SQL as its single statements. */
#ifndef DB_SQLSPLIT_H
#define DB_SQLSPLIT_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Finds the next statement from *at on and moves *at behind it.  Knows
 * comments (two hyphens and a blank, #, slash and star) and the three kinds of
 * quotes; not DELIMITER.  Comments before a statement are left out, those
 * inside stay.  Returns false when there is none left; else *start_out and
 * *len_out span it without its semicolon, in the text that *at points into.
 */
bool sqlsplit_next(const char **at, const char **start_out, size_t *len_out);

#endif
