/* SPDX-License-Identifier: MIT */
/* Writes comma-separated values. */
#include "config.h"

#include "csv.h"

void csv_add(struct buf *line, const char *text)
{
	if (line->len > 0)
		buf_addch(line, ',');
	buf_addch(line, '"');
	/* Some programs look behind leading blanks. */
	if (text[0] != '\0' && strchr("\t\r\n", text[0]) != NULL)
		buf_addch(line, '\'');
	else if (strchr("=+-@", text[strspn(text, " ")]) != NULL &&
		 text[strspn(text, " ")] != '\0')
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
