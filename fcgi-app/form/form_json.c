/* SPDX-License-Identifier: MIT */
/*
 * Reads a JSON object into fields.
 *
 * json-c keeps the last of two members of one name and turns half a surrogate
 * pair into a sign of its own, all in silence: the text is gone through once
 * more for what that hides.
 */
#include "config.h"

#include "form/form.h"

#include "base/buf.h"
#include "base/str.h"
#include "json/jsonread.h"

#include <json-c/json.h>


#define DEPTH_MAX 8

/* A list of texts as one text, a line each; FORM_OTHER if it holds anything
 * else.  In FORM_GROUP such a list is a text like others. */
static enum form_kind read_lines(struct json_object *list, bool in_group,
				 struct buf *text)
{
	size_t count = json_object_array_length(list);

	for (size_t i = 0; i < count; i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		const char *line = json_object_get_string(one);

		if (json_object_get_type(one) != json_type_string ||
		    strpbrk(line, "\r\n") != NULL) {
			buf_clear(text);
			return FORM_OTHER;
		}
		if (i > 0)
			buf_addch(text, '\n');
		buf_add(text, line, (size_t)json_object_get_string_len(one));
	}
	return in_group ? FORM_TEXT : FORM_LIST;
}

/* One member of the JSON object, or, with a prefix, of its FORM_GROUP. */
static enum form_result read_member(struct form *f, const char *prefix,
				    const char *member,
				    struct json_object *value)
{
	enum form_kind kind = FORM_OTHER;
	struct buf name = BUF_INIT;
	struct buf text = BUF_INIT;

	buf_addstr(&name, prefix);
	buf_addstr(&name, member);
	switch (json_object_get_type(value)) {
	case json_type_string:
		kind = FORM_TEXT;
		buf_add(&text, json_object_get_string(value),
			(size_t)json_object_get_string_len(value));
		break;
	case json_type_int:
	case json_type_double:
		kind = FORM_NUMBER;
		buf_addstr(&text, json_object_to_json_string(value));
		break;
	case json_type_boolean:
		kind = FORM_FLAG;
		buf_addstr(&text, json_object_get_boolean(value) ? "true" :
								   "false");
		break;
	case json_type_array:
		kind = read_lines(value, *prefix != '\0', &text);
		break;
	default:
		break;
	}
	enum form_result result = form_add(f, kind, &name, &text);

	buf_release(&name);
	buf_release(&text);
	return result;
}

static enum form_result read_group(struct form *f, struct json_object *group)
{
	enum form_result result = FORM_READ;

	json_object_object_foreach(group, name, value) {
		if (value != NULL && result == FORM_READ)
			result = read_member(f, FORM_GROUP ".", name, value);
	}
	return result;
}

/* The number behind "\\u" at s, -1 if there is none. */
static int escape_at(const char *s, const char *end)
{
	uint8_t bytes[2];
	char hex[5];

	if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
		return -1;
	memcpy(hex, s + 2, 4);
	hex[4] = '\0';
	return str_unhex(bytes, 2, hex) ? bytes[0] << 8 | bytes[1] : -1;
}

/* The end of the string that begins at s (behind its second quote); NULL if it
 * holds half a surrogate pair, or a NUL, behind which json-c would read no more
 * of a name. */
static const char *string_end(const char *s, const char *end)
{
	for (s++; s < end && *s != '"'; s++) {
		int unit = escape_at(s, end);

		if (unit == 0 || (unit >= 0xdc00 && unit <= 0xdfff))
			return NULL;
		if (unit >= 0xd800 && unit <= 0xdbff) {
			unit = escape_at(s + 6, end);
			if (unit < 0xdc00 || unit > 0xdfff)
				return NULL;
			s += 6;
		}
		if (*s == '\\')
			s++;
	}
	return s < end ? s + 1 : end;
}

/* The names seen so far, as fields without values. */
struct names {
	struct form seen;
	const char *prefix;	/* FORM_GROUP's in that object, else "" */
	bool group;		/* the last one at the top was FORM_GROUP */
};

static enum form_result name_add(struct names *names, struct form *f,
				 const char *quoted, size_t len)
{
	struct buf name = BUF_INIT;
	struct buf none = BUF_INIT;
	struct jsonread text;
	const char *ignored;
	enum form_result result = FORM_BROKEN;

	if (jsonread(quoted, len, 0, &text)) {
		buf_addstr(&name, names->prefix);
		buf_addstr(&name, json_object_get_string(text.value));
		if (*names->prefix == '\0')
			names->group = strcmp(name.data, FORM_GROUP) == 0;
		result = FORM_READ;
		if (form_get(&names->seen, name.data, &ignored) ==
		    FORM_ABSENT) {
			result = form_add(&names->seen, FORM_TEXT, &name,
					  &none);
			goto out;
		}
		/* form_get() shall find it repeated, also if json-c kept the
		 * one that is null. */
		for (int i = 0; i < 2 && result == FORM_READ; i++)
			result = form_add(f, FORM_TEXT, &name, &none);
	}
out:
	json_object_put(text.value);
	buf_release(&name);
	buf_release(&none);
	return result;
}

/* Goes through an object that json-c has accepted. */
static enum form_result look_closely(struct form *f, const char *text,
				     size_t len)
{
	struct names names = { .prefix = "" };
	const char *end = text + len;
	enum form_result result = FORM_READ;
	int depth = 0;

	for (const char *s = text; s < end && result == FORM_READ;) {
		const char *start = s;

		if (*s != '"') {
			depth += *s == '{' || *s == '[';
			depth -= *s == '}' || *s == ']';
			names.prefix = depth > 1 ? FORM_GROUP "." : "";
			s++;
			continue;
		}
		s = string_end(start, end);
		if (!s) {
			result = FORM_BROKEN;
			break;
		}
		size_t string_len = (size_t)(s - start);

		while (s < end && strchr(" \t\r\n", *s) != NULL)
			s++;
		if ((depth == 1 || (depth == 2 && names.group)) && s < end &&
		    *s == ':')
			result = name_add(&names, f, start, string_len);
	}
	form_release(&names.seen);
	return result;
}

enum form_result form_read_json(struct form *f, const char *text, size_t len)
{
	enum form_result result = FORM_READ;
	struct json_object *root = jsonread_object(text, len, DEPTH_MAX);

	if (root == NULL)
		return FORM_BROKEN;
	json_object_object_foreach(root, name, value) {
		if (value == NULL)
			continue;
		result = read_member(f, "", name, value);
		if (result == FORM_READ && strcmp(name, FORM_GROUP) == 0 &&
		    json_object_is_type(value, json_type_object))
			result = read_group(f, value);
		if (result != FORM_READ)
			break;
	}
	if (result == FORM_READ)
		result = look_closely(f, text, len);
	if (result != FORM_READ)
		form_release(f);
	json_object_put(root);
	return result;
}
