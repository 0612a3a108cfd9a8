/* SPDX-License-Identifier: MIT */
/* The job envelope <-> JSON. */
#include "config.h"

#include "queue/envelope.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/utext.h"
#include "json/jsonread.h"
#include "json/jsontext.h"
#include "json/put.h"
#include "json/write.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

#define ENVELOPE_VERSION 1
#define ENVELOPE_DEPTH_MAX 16
#define ADDRESS_MAX 254
#define LOCAL_PART_MAX 64
#define NAME_MAX_COUNT 400	/* characters */
#define WHOLE_MAX ((1LL << 53) - 1)

static bool is_of(const char *s, size_t max, const char *extra, bool upper)
{
	size_t len = strlen(s);

	if (len < 1 || len > max)
		return false;
	for (; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') ||
		      (upper && *s >= 'A' && *s <= 'Z') || strchr(extra, *s)))
			return false;
	return true;
}

_Bool envelope_address_is_plain(const char *address)
{
	const char *at = strchr(address, '@');
	size_t len = strlen(address);

	if (!at || at == address || at[1] == '\0' || strchr(at + 1, '@'))
		return false;
	if (len > ADDRESS_MAX || at - address > LOCAL_PART_MAX)
		return false;
	for (; *address; address++)
		if (*address <= ' ' || *address >= 0x7f ||
		    strchr("\"(),:;<>[\\]", *address))
			return false;
	return true;
}

/* The text member of that name without a NUL inside, or NULL. */
static const char *text_of(struct json_object *from, const char *name)
{
	struct json_object *value;
	const char *text;

	if (!json_object_object_get_ex(from, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	return strlen(text) == (size_t)json_object_get_string_len(value)
	       ? text : NULL;
}

/* A word that we do not know is a wish that we would not heed, as a mail that
 * goes at once though it says "not_before".  known ends with NULL. */
static int check_members(struct json_object *json, const char *of,
			 const char *const *known, struct fault *why)
{
	json_object_object_foreach(json, name, value)
	{
		size_t i = 0;

		(void)value;
		while (known[i] && strcmp(known[i], name) != 0)
			i++;
		if (!known[i])
			return fault_set(why, FAULT_REJECT, "envelope: "
					 "\"%s%.64s\" is no member of version "
					 "%d", of, name, ENVELOPE_VERSION);
	}
	return 0;
}

static int read_to(struct json_object *json, struct envelope *e,
		   struct fault *why)
{
	static const char *const known[] = { "email", "name", NULL };
	struct json_object *to;
	const char *email;
	const char *name;

	if (!json_object_object_get_ex(json, "to", &to) ||
	    !json_object_is_type(to, json_type_object))
		return fault_set(why, FAULT_REJECT,
				 "envelope: \"to\" is missing");
	if (check_members(to, "to.", known, why) == -1)
		return -1;
	email = text_of(to, "email");
	if (!email || !envelope_address_is_plain(email))
		return fault_set(why, FAULT_REJECT,
				 "envelope: \"to.email\" is not an address "
				 "fit for SMTP");
	name = text_of(to, "name");
	if (json_object_object_get_ex(to, "name", NULL) &&
	    (!name || utext_has_invisible(name) ||
	     str_utf8_count(name, strlen(name)) > NAME_MAX_COUNT))
		return fault_set(why, FAULT_REJECT,
				 "envelope: \"to.name\" is no text, has "
				 "control characters or is too long");
	e->to_email = alloc_text(email);
	e->to_name = alloc_text(name ? name : "");
	return 0;
}

/* A whole number from 0 on, small enough to be exact in every language; 1.0
 * and 1e3 are whole, too. */
static bool read_whole(struct json_object *value, int64_t *out)
{
	double number;

	if (json_object_is_type(value, json_type_int)) {
		*out = json_object_get_int64(value);
		return *out >= 0 && *out <= WHOLE_MAX;
	}
	if (!json_object_is_type(value, json_type_double))
		return false;
	number = json_object_get_double(value);
	if (!(number >= 0 && number <= (double)WHOLE_MAX))
		return false;
	*out = (int64_t)number;
	return (double)*out == number;
}

/* Reads a member that may be absent. */
static int read_time(struct json_object *json, const char *name,
		     int64_t *out, struct fault *why)
{
	struct json_object *value;

	if (!json_object_object_get_ex(json, name, &value))
		return 0;
	if (!read_whole(value, out))
		return fault_set(why, FAULT_REJECT, "envelope: \"%s\" is not a "
				 "time in milliseconds", name);
	return 0;
}

/* Reads the id, the kind and the language. */
static int read_words(struct json_object *json, struct envelope *e,
		      struct fault *why)
{
	const char *text = text_of(json, "id");

	if (!text || !is_of(text, ENVELOPE_ID_MAX, "_.-", true))
		return fault_set(why, FAULT_REJECT,
				 "envelope: \"id\" is not 1 to 64 of "
				 "A-Za-z0-9_.-");
	must(str_copy(e->id, sizeof(e->id), text));
	text = text_of(json, "kind");
	/* The kind names a file: it must not lead out of its directory. */
	if (!text || !is_of(text, ENVELOPE_KIND_MAX, "_.-", false) ||
	    text[0] == '.' || strstr(text, ".."))
		return fault_set(why, FAULT_REJECT,
				 "envelope: \"kind\" is not 1 to 64 of "
				 "a-z0-9_.-");
	must(str_copy(e->kind, sizeof(e->kind), text));
	text = text_of(json, "locale");
	if (json_object_object_get_ex(json, "locale", NULL) &&
	    (!text || !is_of(text, sizeof(e->locale) - 1, "-", true)))
		return fault_set(why, FAULT_REJECT,
				 "envelope: \"locale\" is not a language tag");
	must(str_copy(e->locale, sizeof(e->locale), text ? text : ""));
	return 0;
}

static int read_members(struct json_object *json, struct envelope *e,
			struct fault *why)
{
	static const char *const known[] = {
		"v", "id", "kind", "to", "locale", "nb", "na", "data", NULL,
	};
	struct json_object *value;
	int64_t version;

	if (!json_object_object_get_ex(json, "v", &value) ||
	    !read_whole(value, &version) || version != ENVELOPE_VERSION)
		return fault_set(why, FAULT_REJECT,
				 "envelope: \"v\" is not %d", ENVELOPE_VERSION);
	if (check_members(json, "", known, why) == -1 ||
	    read_words(json, e, why) == -1 ||
	    read_time(json, "na", &e->not_after_ms, why) == -1 ||
	    read_time(json, "nb", &e->not_before_ms, why) == -1)
		return -1;
	if (e->not_after_ms && e->not_after_ms < e->not_before_ms)
		return fault_set(why, FAULT_REJECT,
				 "envelope: \"na\" is before "
				 "\"nb\": it could never be sent");
	if (read_to(json, e, why) == -1)
		return -1;
	if (!json_object_object_get_ex(json, "data", &value))
		e->data = put_new();
	else if (json_object_is_type(value, json_type_object))
		e->data = json_object_get(value);
	else
		return fault_set(why, FAULT_REJECT,
				 "envelope: \"data\" is not an object");
	return 0;
}

int envelope_parse(const char *text, size_t len, struct envelope *e,
		   struct fault *why)
{
	struct jsonread json;
	size_t line, column;
	int result = -1;

	*e = (struct envelope){ .data = NULL };
	if (len > ENVELOPE_BYTES_MAX)
		return fault_set(why, FAULT_REJECT,
				 "envelope: larger than %d bytes",
				 ENVELOPE_BYTES_MAX);
	if (!jsonread(text, len, ENVELOPE_DEPTH_MAX, &json)) {
		jsontext_place(text, json.wrong.offset, &line, &column);
		return fault_set(why, FAULT_REJECT,
				 "envelope: not JSON at line %zu column %zu: "
				 "%s", line, column, json.wrong.what);
	}
	if (!json_object_is_type(json.value, json_type_object))
		fault_set(why, FAULT_REJECT, "envelope: not a JSON object");
	else
		result = read_members(json.value, e, why);
	if (result == -1)
		envelope_release(e);
	json_object_put(json.value);
	return result;
}

void envelope_begin(const struct envelope *e, struct buf *out)
{
	write_object(out, NULL);
	write_int(out, "v", ENVELOPE_VERSION);
	write_text(out, "id", e->id);
	write_text(out, "kind", e->kind);
	write_object(out, "to");
	write_text(out, "name", e->to_name);
	write_text(out, "email", e->to_email);
	write_object_end(out);
	if (e->locale[0])
		write_text(out, "locale", e->locale);
	if (e->not_after_ms)
		write_int(out, "na", e->not_after_ms);
	if (e->not_before_ms)
		write_int(out, "nb", e->not_before_ms);
}

char *envelope_format(const struct envelope *e)
{
	struct buf text = BUF_INIT;

	envelope_begin(e, &text);
	write_json(&text, "data", json_object_to_json_string_ext(
		e->data,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	write_object_end(&text);
	return buf_detach(&text);
}

void envelope_release(struct envelope *e)
{
	free(e->to_name);
	free(e->to_email);
	json_object_put(e->data);
	*e = (struct envelope){ .data = NULL };
}

static bool matches(const char *word, size_t len, const char *kind)
{
	/* "name.*": the dot belongs to the kind's beginning. */
	if (len >= 2 && word[len - 1] == '*' && word[len - 2] == '.')
		return strncmp(word, kind, len - 1) == 0;
	return strlen(kind) == len && memcmp(word, kind, len) == 0;
}

bool queue_kind_is_in(const char *list, const char *kind)
{
	while (*list) {
		size_t len;

		list += strspn(list, " \t");
		len = strcspn(list, " \t");
		if (len > 0 && matches(list, len, kind))
			return true;
		list += len;
	}
	return false;
}

bool queue_kinds_are_names(const char *list)
{
	while (*(list += strspn(list, " \t"))) {
		size_t len = strcspn(list, " \t");
		size_t name = len;

		if (len > 2 && memcmp(list + len - 2, ".*", 2) == 0)
			name -= 2;
		if (name > ENVELOPE_KIND_MAX ||
		    strspn(list, "abcdefghijklmnopqrstuvwxyz0123456789_.-") <
		    name)
			return false;
		list += len;
	}
	return true;
}
