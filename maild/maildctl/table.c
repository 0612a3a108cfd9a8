/* SPDX-License-Identifier: MIT */
/* Text for a terminal: made harmless, cut to its width, in columns. */
#include "config.h"

#include "maildctl/table.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "base/str.h"
#include "base/utext.h"

#include <stdlib.h>
#include <string.h>

#define GAP 2			/* blanks between two columns */
#define ELLIPSIS "..."

struct ctl_table {
	const struct ctl_column *columns;
	size_t count;
	size_t *widths;
	bool titled;		/* the titles are written */
	char **cells;		/* row after row */
	size_t used, room;
};

/* Bytes of the next character, 1 if it is invalid; may it be shown? */
static size_t next_bytes(const char *text, bool *shown)
{
	char one[8];
	size_t len = 1;

	if ((unsigned char)text[0] >= 0xc0)
		while (len < 4 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len++;
	memcpy(one, text, len);
	one[len] = '\0';
	*shown = !utext_has_invisible(one);
	return str_is_utf8(one, len) ? len : 1;
}

static void add_columns(struct buf *out, const char *text, size_t columns)
{
	for (size_t i = 0; *text && i < columns; i++) {
		bool shown;
		size_t len = next_bytes(text, &shown);

		if (shown)
			buf_add(out, text, len);
		else
			buf_addch(out, '?');
		text += len;
	}
}

size_t ctl_text_columns(const char *text)
{
	size_t columns = 0;
	bool shown;

	for (; *text; columns++)
		text += next_bytes(text, &shown);
	return columns;
}

void ctl_text_add(struct buf *out, const char *text, size_t columns)
{
	size_t dots = strlen(ELLIPSIS);

	if (columns == 0 || ctl_text_columns(text) <= columns) {
		add_columns(out, text, SIZE_MAX);
	} else if (columns <= dots) {
		add_columns(out, text, columns);
	} else {
		add_columns(out, text, columns - dots);
		buf_addstr(out, ELLIPSIS);
	}
}

struct ctl_table *ctl_table_new(const struct ctl_column *columns, size_t count)
{
	struct ctl_table *t = alloc_zeroed(1, sizeof(*t));

	must(count > 0);
	t->columns = columns;
	t->count = count;
	t->widths = alloc_zeroed(count, sizeof(*t->widths));
	for (size_t i = 0; i < count; i++)
		t->widths[i] = ctl_text_columns(columns[i].title);
	return t;
}

static void forget_cells(struct ctl_table *t)
{
	for (size_t i = 0; i < t->used; i++)
		free(t->cells[i]);
	t->used = 0;
}

void ctl_table_free(struct ctl_table *t)
{
	if (!t)
		return;
	forget_cells(t);
	free(t->cells);
	free(t->widths);
	free(t);
}

void ctl_table_add(struct ctl_table *t, const char *text)
{
	size_t column = t->used % t->count;
	struct buf clean = BUF_INIT;
	size_t width;

	t->cells = alloc_grow(t->cells, t->used, &t->room, sizeof(*t->cells));
	ctl_text_add(&clean, text, 0);
	width = ctl_text_columns(clean.data);
	if (width > t->widths[column])
		t->widths[column] = width;
	t->cells[t->used++] = alloc_textn(clean.data, clean.len);
	buf_release(&clean);
}

size_t ctl_table_rows(const struct ctl_table *t)
{
	return t->used / t->count;
}

static void add_blanks(struct buf *out, size_t count)
{
	while (count-- > 0)
		buf_addch(out, ' ');
}

/* One line; cell(i) is texts[i], or the title when texts is NULL. */
static void render_line(const struct ctl_table *t, char *const *texts,
			size_t width, struct buf *out)
{
	size_t at = 0;		/* columns written */
	size_t owed = 0;	/* blanks to write if something follows */

	for (size_t i = 0; i < t->count; i++) {
		const char *text = texts ? texts[i] : t->columns[i].title;
		size_t columns = ctl_text_columns(text);
		size_t pad = t->widths[i] - columns;

		if (t->columns[i].right) {
			owed += pad;
			pad = 0;
		}
		if (columns > 0) {
			size_t left = width > at + owed ? width - at - owed : 0;

			if (width > 0 && left == 0)
				break;
			add_blanks(out, owed);
			ctl_text_add(out, text, width > 0 ? left : 0);
			at += owed + columns;
			owed = 0;
		}
		owed += pad + GAP;
	}
	buf_addch(out, '\n');
}

void ctl_table_render(struct ctl_table *t, size_t width, struct buf *out)
{
	must(t->used % t->count == 0);
	if (!t->titled)
		render_line(t, NULL, width, out);
	t->titled = true;
	for (size_t i = 0; i < t->used; i += t->count)
		render_line(t, t->cells + i, width, out);
	forget_cells(t);
}
