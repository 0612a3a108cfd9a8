/* SPDX-License-Identifier: MIT */
/* A file of SQL as its single statements. */
#include "config.h"

#include "db/sqlsplit.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Behind the end mark, or at the text's end if it is not there. */
static const char *behind(const char *p, const char *mark)
{
	const char *end = strstr(p, mark);

	return end ? end + strlen(mark) : p + strlen(p);
}

/* Behind the comment that begins at p, or p if none does. */
static const char *skip_comment(const char *p)
{
	if (*p == '#' || (p[0] == '-' && p[1] == '-' &&
			  (is_blank(p[2]) || !p[2])))
		return behind(p, "\n");
	if (p[0] == '/' && p[1] == '*')
		return behind(p + 2, "*/");
	return p;
}

/* Behind the quoted text that begins at p.  A doubled quote looks like two
 * texts side by side, which ends at the same place. */
static const char *skip_quoted(const char *p)
{
	char quote = *p++;

	for (; *p && *p != quote; p++)
		if (*p == '\\' && quote != '`' && p[1])
			p++;
	return *p ? p + 1 : p;
}

static const char *skip_nothing(const char *p)
{
	for (;;) {
		const char *next = skip_comment(p);

		while (is_blank(*next) || *next == ';')
			next++;
		if (next == p)
			return p;
		p = next;
	}
}

bool sqlsplit_next(const char **at, const char **start_out, size_t *len_out)
{
	const char *p = skip_nothing(*at);
	const char *start = p;

	while (*p && *p != ';') {
		const char *next = skip_comment(p);

		if (next == p)
			next = strchr("'\"`", *p) ? skip_quoted(p) : p + 1;
		p = next;
	}
	*at = p;
	*start_out = start;
	while (p > start && is_blank(p[-1]))
		p--;
	*len_out = (size_t)(p - start);
	return p > start;
}
