/* SPDX-License-Identifier: MIT */
/* Comma-separated values (RFC 4180) that spreadsheets take for texts.  Pure. */
#ifndef ACTIONS_CSV_H
#define ACTIONS_CSV_H

#include "base/buf.h"
#include "base/compiler.h"

/*
 * Appends one field in quotes, with a comma before it unless the line is empty.
 * A text that a spreadsheet would take for a formula (it begins with = + - @,
 * also full-width, blanks of any kind before it or not; or with a tab or a line
 * end) gets an apostrophe in front.
 */
void csv_add(struct buf *line, const char *text);

/* Appends the line's end. */
void csv_end(struct buf *line);

#endif
