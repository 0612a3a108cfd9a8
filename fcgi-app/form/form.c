/* SPDX-License-Identifier: MIT */
/* Reads urlencoded and multipart bodies into one flat list of fields. */
#include "config.h"

#include "form/form.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"

#include <ctype.h>
#include <stdbool.h>
#include <strings.h>

void form_release(struct form *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->fields[i].name);
		free(f->fields[i].value);
	}
	f->count = 0;
	f->guessed = false;
}

/* A form_add() for bytes in any encoding. */
static enum form_result add(struct form *f, enum form_kind kind,
			    const struct buf *name, const struct buf *value)
{
	if (f->count == FORM_FIELDS_MAX)
		return FORM_TOO_MANY;
	if (strlen(name->data) != name->len ||
	    strlen(value->data) != value->len)
		return FORM_BROKEN;
	struct form_field *field = &f->fields[f->count++];

	field->name = alloc_textn(name->data, name->len);
	field->value = alloc_textn(value->data, value->len);
	field->kind = kind;
	return FORM_READ;
}

enum form_result form_add(struct form *f, enum form_kind kind,
			  const struct buf *name, const struct buf *value)
{
	if (!str_is_utf8(name->data, name->len) ||
	    !str_is_utf8(value->data, value->len))
		return FORM_BROKEN;
	return add(f, kind, name, value);
}

/* What a reader of bytes leaves to its caller if all of it is UTF-8. */
static enum form_result only_utf8(struct form *f, enum form_result result)
{
	if (!form_is_utf8(f))
		result = FORM_BROKEN;
	if (result != FORM_READ)
		form_release(f);
	return result;
}

enum form_media form_media(const char *content_type)
{
	static const struct {
		const char *name;
		enum form_media media;
	} known[] = {
		{ "application/x-www-form-urlencoded", FORM_MEDIA_URLENCODED },
		{ "multipart/form-data", FORM_MEDIA_MULTIPART },
		{ "application/json", FORM_MEDIA_JSON },
	};

	if (content_type == NULL || *content_type == '\0')
		return FORM_MEDIA_NONE;
	for (size_t i = 0; i < ARRAY_COUNT(known); i++) {
		size_t len = strlen(known[i].name);

		if (strncasecmp(content_type, known[i].name, len) == 0 &&
		    strchr("; \t", content_type[len]) != NULL)
			return known[i].media;
	}
	return FORM_MEDIA_OTHER;
}

/* Appends text with %XX and '+' undone; false if a % stands alone. */
static bool url_decode(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			char hex[3] = { 0 };
			uint8_t byte;

			if (len - i < 3)
				return false;
			hex[0] = text[i + 1];
			hex[1] = text[i + 2];
			if (!str_unhex(&byte, 1, hex))
				return false;
			c = (char)byte;
			i += 2;
		}
		buf_addch(out, c);
	}
	return true;
}

/* One "name=value" of an urlencoded body. */
static enum form_result read_pair(struct form *f, const char *pair, size_t len)
{
	enum form_result result = FORM_BROKEN;
	struct buf name = BUF_INIT;
	struct buf value = BUF_INIT;
	const char *equals = memchr(pair, '=', len);
	size_t name_len = equals != NULL ? (size_t)(equals - pair) : len;

	if (!url_decode(&name, pair, name_len))
		goto out;
	if (equals != NULL &&
	    !url_decode(&value, equals + 1, len - name_len - 1))
		goto out;
	result = add(f, FORM_TEXT, &name, &value);
out:
	buf_release(&name);
	buf_release(&value);
	return result;
}

static enum form_result read_urlencoded(struct form *f, const char *text,
					size_t len)
{
	size_t at = 0;

	while (at < len) {
		const char *amp = memchr(text + at, '&', len - at);
		size_t pair_len = amp != NULL ? (size_t)(amp - text) - at
					      : len - at;

		if (pair_len > 0) {
			enum form_result r = read_pair(f, text + at, pair_len);

			if (r != FORM_READ)
				return r;
		}
		at += pair_len + 1;
	}
	return FORM_READ;
}

/*
 * Finds the parameter of that name in a header value such as
 * 'form-data; name="a"', unquoted into *out.  Returns false if it is absent or
 * badly quoted.
 */
static bool parameter(const char *value, size_t len, const char *name,
		      struct buf *out)
{
	size_t name_len = strlen(name);
	size_t i = 0;

	buf_clear(out);
	while (i < len && value[i] != ';')
		i++;
	while (i < len) {
		size_t start = ++i;

		while (start < len && isspace((unsigned char)value[start]))
			start++;
		for (i = start; i < len && value[i] != '=' && value[i] != ';';)
			i++;
		if (i >= len || value[i] == ';')
			continue;
		bool wanted = i - start == name_len &&
			      strncasecmp(value + start, name, name_len) == 0;
		bool quoted = ++i < len && value[i] == '"';

		if (quoted)
			i++;
		while (i < len && value[i] != (quoted ? '"' : ';')) {
			if (wanted)
				buf_addch(out, value[i]);
			i++;
		}
		if (quoted && i == len)
			return false;
		if (wanted)
			return true;
		while (i < len && value[i] != ';')
			i++;
	}
	return false;
}

/* Reads one part: its headers, an empty line, its content. */
static enum form_result read_part(struct form *f, const char *part, size_t len)
{
	static const char disposition[] = "Content-Disposition:";
	enum form_result result = FORM_BROKEN;
	struct buf name = BUF_INIT;
	struct buf value = BUF_INIT;
	const char *end = memmem(part, len, "\r\n\r\n", 4);
	const char *line = part;

	if (end == NULL)
		goto out;
	while (line < end + 2) {
		const char *eol = memmem(line, (size_t)(end + 2 - line),
					 "\r\n", 2);
		size_t line_len = (size_t)(eol - line);
		size_t skip = sizeof(disposition) - 1;

		if (line_len > skip &&
		    strncasecmp(line, disposition, skip) == 0) {
			const char *rest = line + skip;
			size_t rest_len = line_len - skip;

			if (parameter(rest, rest_len, "filename", &name) ||
			    parameter(rest, rest_len, "filename*", &name)) {
				result = FORM_HAS_FILE;
				goto out;
			}
			if (!parameter(rest, rest_len, "name", &name))
				goto out;
			buf_add(&value, end + 4,
				len - (size_t)(end + 4 - part));
			result = add(f, FORM_TEXT, &name, &value);
			goto out;
		}
		line = eol + 2;
	}
out:
	buf_release(&name);
	buf_release(&value);
	return result;
}

/* Goes through the parts between delimiters, which begin with CRLF "--". */
static enum form_result read_parts(struct form *f, const struct buf *delimiter,
				   const char *text, size_t len)
{
	/* The first delimiter may stand at the very beginning, without CRLF. */
	const char *at = text;
	const char *end = text + len;
	size_t first_len = delimiter->len - 2;

	if (len >= first_len && memcmp(text, delimiter->data + 2,
				       first_len) == 0) {
		at += first_len;
	} else {
		at = memmem(text, len, delimiter->data, delimiter->len);
		if (at == NULL)
			return FORM_BROKEN;
		at += delimiter->len;
	}
	while (end - at < 2 || memcmp(at, "--", 2) != 0) {
		while (at < end && (*at == ' ' || *at == '\t'))
			at++;
		if (end - at < 2 || memcmp(at, "\r\n", 2) != 0)
			return FORM_BROKEN;
		at += 2;
		const char *next = memmem(at, (size_t)(end - at),
					  delimiter->data, delimiter->len);
		if (next == NULL)
			return FORM_BROKEN;
		enum form_result r = read_part(f, at, (size_t)(next - at));

		if (r != FORM_READ)
			return r;
		at = next + delimiter->len;
	}
	return FORM_READ;
}

static enum form_result read_multipart(struct form *f, const char *content_type,
				       const char *text, size_t len)
{
	enum form_result result = FORM_BROKEN;
	struct buf boundary = BUF_INIT;
	struct buf delimiter = BUF_INIT;

	if (!parameter(content_type, strlen(content_type), "boundary",
		       &boundary) ||
	    boundary.len == 0 || boundary.len > FORM_BOUNDARY_MAX)
		goto out;
	buf_addstr(&delimiter, "\r\n--");
	buf_add(&delimiter, boundary.data, boundary.len);
	result = read_parts(f, &delimiter, text, len);
out:
	buf_release(&boundary);
	buf_release(&delimiter);
	return result;
}

enum form_result form_read_urlencoded(struct form *f, const char *text,
				      size_t len)
{
	return only_utf8(f, read_urlencoded(f, text, len));
}

enum form_result form_read_multipart(struct form *f, const char *content_type,
				     const char *text, size_t len)
{
	return only_utf8(f, read_multipart(f, content_type, text, len));
}

/* Takes the field _charset_ out, in which browsers say what they encode in
 * (HTML Standard, "constructing the entry list"), into *label. */
static void take_charset(struct form *f, struct buf *label)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->count; i++) {
		if (strcmp(f->fields[i].name, "_charset_") != 0) {
			f->fields[kept++] = f->fields[i];
			continue;
		}
		buf_clear(label);
		buf_addstr(label, f->fields[i].value);
		free(f->fields[i].name);
		free(f->fields[i].value);
	}
	f->count = kept;
}

enum form_result form_read_posted(struct form *f, const char *content_type,
				  const char *text, size_t len)
{
	enum form_result result = FORM_HAS_FILE;
	struct buf label = BUF_INIT;

	switch (form_media(content_type)) {
	case FORM_MEDIA_URLENCODED:
		result = read_urlencoded(f, text, len);
		break;
	case FORM_MEDIA_MULTIPART:
		result = read_multipart(f, content_type, text, len);
		break;
	case FORM_MEDIA_JSON:
	case FORM_MEDIA_NONE:
	case FORM_MEDIA_OTHER:
		return result;
	}
	if (result == FORM_READ) {
		if (!parameter(content_type, strlen(content_type), "charset",
			       &label))
			buf_clear(&label);
		take_charset(f, &label);
		form_to_utf8(f, label.data);
	} else {
		form_release(f);
	}
	buf_release(&label);
	return result;
}

/* The first field of that name, NULL if there is none. */
static const struct form_field *field_find(const struct form *f,
					   const char *name, bool *repeated_out)
{
	const struct form_field *found = NULL;

	*repeated_out = false;
	for (size_t i = 0; i < f->count; i++) {
		if (strcmp(f->fields[i].name, name) != 0)
			continue;
		if (found != NULL)
			*repeated_out = true;
		else
			found = &f->fields[i];
	}
	return found;
}

enum form_found form_get(const struct form *f, const char *name,
			 const char **value_out)
{
	bool repeated;
	const struct form_field *found = field_find(f, name, &repeated);

	*value_out = "";
	if (found == NULL)
		return FORM_ABSENT;
	if (found->kind == FORM_OTHER || found->kind == FORM_FLAG ||
	    found->kind == FORM_LIST)
		return FORM_WRONG_TYPE;
	*value_out = found->value;
	return repeated ? FORM_REPEATED : FORM_FOUND;
}

enum form_found form_flag(const struct form *f, const char *name,
			  bool *value_out)
{
	bool repeated;
	const struct form_field *found = field_find(f, name, &repeated);

	*value_out = false;
	if (found == NULL)
		return FORM_ABSENT;
	if (found->kind != FORM_FLAG)
		return FORM_WRONG_TYPE;
	*value_out = strcmp(found->value, "true") == 0;
	return repeated ? FORM_REPEATED : FORM_FOUND;
}

enum form_found form_get_text(const struct form *f, const char *name,
			      const char **value_out)
{
	bool repeated;
	const struct form_field *found = field_find(f, name, &repeated);

	if (found == NULL || repeated || found->kind != FORM_NUMBER)
		return form_get(f, name, value_out);
	*value_out = "";
	return FORM_WRONG_TYPE;
}

enum form_found form_get_lines(const struct form *f, const char *name,
			       const char **value_out)
{
	bool repeated;
	const struct form_field *found = field_find(f, name, &repeated);

	if (found == NULL || repeated || found->kind != FORM_LIST)
		return form_get_text(f, name, value_out);
	*value_out = found->value;
	return FORM_FOUND;
}

const char *form_text(const struct form *f, const char *name)
{
	const char *value;

	(void)form_get(f, name, &value);
	return value;
}
