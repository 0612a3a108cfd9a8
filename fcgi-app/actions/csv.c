/* SPDX-License-Identifier: MIT */
/* Writes comma-separated values. */
#include "config.h"

#include "actions/csv.h"

#include "base/str.h"

#include <stdbool.h>

/* Some programs look behind leading blanks, and in East Asia full-width signs
 * are taken for plain ones. */
static bool is_formula(const char *text)
{
	static const char *const begins[] = { "=", "+", "-", "@",
					      "＝", "＋", "－", "＠" };

	if (text[0] != '\0' && strchr("\t\r\n", text[0]) != NULL)
		return true;
	text += strspn(text, " \t\r\n");
	for (size_t i = 0; i < ARRAY_COUNT(begins); i++)
		if (str_starts_with(text, begins[i]))
			return true;
	return false;
}

void csv_add(struct buf *line, const char *text)
{
	if (line->len > 0)
		buf_addch(line, ',');
	buf_addch(line, '"');
	if (is_formula(text))
		buf_addch(line, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_addch(line, '"');
		buf_addch(line, *text);
	}
	buf_addch(line, '"');
}

void csv_end(struct buf *line)
{
	buf_addstr(line, "\r\n");
}
