/* SPDX-License-Identifier: MIT */
/* Text for a terminal: made harmless, cut to its width, in columns. */
#ifndef MAILDCTL_TABLE_H
#define MAILDCTL_TABLE_H

#include "base/buf.h"
#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Appends outside text so that no terminal obeys it: control characters and
 * bytes that are not UTF-8 become '?'.  At most columns characters (0 = all);
 * what is longer ends in "...".
 */
void ctl_text_add(struct buf *out, const char *text, size_t columns);

/* Characters of text after ctl_text_add(); each counts as one column. */
size_t ctl_text_columns(const char *text);

struct ctl_column {
	const char *title;
	bool right;		/* numbers stand at the right edge */
};

struct ctl_table;

/* columns (count of them) is borrowed and must outlive the table. */
struct ctl_table *ctl_table_new(const struct ctl_column *columns,
				size_t count) MUST_USE RETURNS_NONNULL;
void ctl_table_free(struct ctl_table *t);

/* The next cell, row after row; the text is copied and made harmless. */
void ctl_table_add(struct ctl_table *t, const char *text);

size_t ctl_table_rows(const struct ctl_table *t);

/*
 * Appends the rows, each line ending in '\n', under their titles, and empties
 * the table; column widths stay at least what they were, so that a long list
 * can come in parts: titles stand only above the first.  No line is longer
 * than width characters (0 = no limit): the last column is cut.
 */
void ctl_table_render(struct ctl_table *t, size_t width, struct buf *out);

#endif
