/* SPDX-License-Identifier: MIT */
/* Where in a JSON text something stands, for people who must mend it. */
#include "config.h"

#include "json/jsonpos.h"

#include <string.h>

struct scan {
	const char *at, *end;
};

static void skip_blanks(struct scan *s)
{
	while (s->at < s->end && strchr(" \t\r\n", *s->at) && *s->at)
		s->at++;
}

/* Behind the string that begins here; its inside in *from, *len. */
static bool skip_string(struct scan *s, const char **from, size_t *len)
{
	if (s->at >= s->end || *s->at != '"')
		return false;
	*from = ++s->at;
	while (s->at < s->end && *s->at != '"')
		s->at += *s->at == '\\' ? 2 : 1;
	if (s->at >= s->end)
		return false;
	*len = (size_t)(s->at++ - *from);
	return true;
}

/* Behind the value that begins here, whatever it is. */
static bool skip_value(struct scan *s)
{
	const char *from;
	size_t len;
	size_t depth = 0;

	do {
		skip_blanks(s);
		if (s->at >= s->end || *s->at == '\0')
			return false;
		if (*s->at == '"') {
			if (!skip_string(s, &from, &len))
				return false;
			continue;
		}
		if (*s->at == '{' || *s->at == '[')
			depth++;
		else if (*s->at == '}' || *s->at == ']')
			depth--;
		else if (*s->at != ',' && *s->at != ':') {
			while (s->at < s->end && *s->at &&
			       !strchr(",:]} \t\r\n", *s->at))
				s->at++;
			continue;
		}
		s->at++;
	} while (depth > 0);
	return true;
}

/* Moves from an object's beginning to the value of its member. */
static bool enter_member(struct scan *s, const char *name, size_t name_len)
{
	struct scan found = { NULL, s->end };

	skip_blanks(s);
	if (s->at >= s->end || *s->at != '{')
		return false;
	s->at++;
	while (true) {
		const char *key;
		size_t len;

		skip_blanks(s);
		if (!skip_string(s, &key, &len))
			break;
		skip_blanks(s);
		if (s->at >= s->end || *s->at != ':')
			break;
		s->at++;
		skip_blanks(s);
		if (len == name_len && memcmp(key, name, len) == 0)
			found.at = s->at;
		if (!skip_value(s))
			break;
		skip_blanks(s);
		if (s->at >= s->end || *s->at != ',')
			break;
		s->at++;
	}
	if (!found.at)
		return false;
	*s = found;
	return true;
}

bool jsonpos_member(const char *text, size_t len, const char *path,
			size_t *offset_out)
{
	struct scan s = { text, text + len };

	while (true) {
		size_t name = strcspn(path, ".");

		if (!enter_member(&s, path, name))
			return false;
		if (path[name] == '\0')
			break;
		path += name + 1;
	}
	*offset_out = (size_t)(s.at - text);
	return true;
}
