/* SPDX-License-Identifier: MIT */
/* Bookings as lists for other programs: the same from the shell and the page.
 * Pure. */
#ifndef ACTIONS_EXPORT_H
#define ACTIONS_EXPORT_H

#include "base/buf.h"
#include "base/compiler.h"
#include "store/people.h"

struct json_object;

/*
 * Appends one field in quotes, with a comma before it unless the line is empty.
 * A text that a spreadsheet would take for a formula (it begins with = + - @,
 * also full-width, blanks of any kind before it or not; or with a tab or a line
 * end) gets an apostrophe in front.
 */
void csv_add(struct buf *line, const char *text);

/* Appends the line's end. */
void csv_end(struct buf *line);

/* Appends the line of the fields' names, and that of a booking; each question
 * is a column, "answers.NAME". */
void export_csv_head(const struct export_columns *columns, struct buf *out);
void export_csv_row(const struct export_row *row,
		    const struct export_columns *columns, struct buf *out);

/* The same as an object, texts as they are, and what was answered in "answers";
 * the caller frees it. */
struct json_object *export_json(const struct export_row *row)
	MUST_USE RETURNS_NONNULL;

#endif
