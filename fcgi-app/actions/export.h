/* SPDX-License-Identifier: MIT */
/* Bookings as lists for other programs: the same from the shell and the page.
 * Pure. */
#ifndef ACTIONS_EXPORT_H
#define ACTIONS_EXPORT_H

#include "base/buf.h"
#include "base/compiler.h"
#include "store/people.h"

struct json_object;
struct lang;

/* How a file of bookings is written. */
struct csv_style {
	char separator;			/* csv_separator_read() */
	/*
	 * NULL: for programs; the columns have the names of the API and never
	 * change.  Else for people, in that language: its headings and words,
	 * references with their hyphen, and day and time in columns of their
	 * own, in the slot's zone.
	 */
	const struct lang *language;
	struct export_columns questions;	/* a column each; borrowed */
};

/* Reads "comma" or "semicolon" into *separator_out; false if it is neither. */
bool csv_separator_read(const char *word, char *separator_out);

/*
 * Appends one field in quotes, after the separator unless the line is empty.
 * A text that a spreadsheet would take for a formula (it begins with = + - @,
 * also full-width, blanks of any kind before it or not; or with a tab or a line
 * end) gets an apostrophe in front.
 */
void csv_add(struct buf *line, char separator, const char *text);

/* Appends the line's end. */
void csv_end(struct buf *line);

/* Appends the line of headings, and that of a booking; the questions come last,
 * for programs as "answers.NAME". */
void export_csv_head(const struct csv_style *style, struct buf *out);
void export_csv_row(const struct export_row *row,
		    const struct csv_style *style, struct buf *out);

/* The same as an object, texts as they are, and what was answered in "answers";
 * the caller frees it. */
struct json_object *export_json(const struct export_row *row)
	MUST_USE RETURNS_NONNULL;

#endif
