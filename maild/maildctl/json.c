/* SPDX-License-Identifier: MIT */
/* Reading JSON that others wrote, tolerantly, and writing ours. */
#include "config.h"

#include "maildctl/json.h"

#include "base/fault.h"
#include "base/str.h"
#include "json/jsonread.h"

#include <json-c/json.h>

#include <string.h>

#define DEPTH_MAX 32

static struct json_object *member(struct json_object *from, const char *name,
				  enum json_type type)
{
	struct json_object *value;

	if (!from || !json_object_is_type(from, json_type_object) ||
	    !json_object_object_get_ex(from, name, &value) ||
	    !json_object_is_type(value, type))
		return NULL;
	return value;
}

const char *ctl_json_text(struct json_object *from, const char *name)
{
	struct json_object *value = member(from, name, json_type_string);

	return value ? json_object_get_string(value) : "";
}

int64_t ctl_json_int(struct json_object *from, const char *name)
{
	struct json_object *value = member(from, name, json_type_int);

	return value ? json_object_get_int64(value) : 0;
}

bool ctl_json_bool(struct json_object *from, const char *name)
{
	struct json_object *value = member(from, name, json_type_boolean);

	return value && json_object_get_boolean(value);
}

struct json_object *ctl_json_object(struct json_object *from, const char *name)
{
	struct json_object *value;

	if (!from || !json_object_is_type(from, json_type_object) ||
	    !json_object_object_get_ex(from, name, &value))
		return NULL;
	return value;
}

size_t ctl_json_count(struct json_object *list)
{
	return list && json_object_is_type(list, json_type_array)
	       ? (size_t)json_object_array_length(list) : 0;
}

struct json_object *ctl_json_at(struct json_object *list, size_t i)
{
	return i < ctl_json_count(list) ? json_object_array_get_idx(list, i)
					: NULL;
}

struct json_object *ctl_json_read(const char *text)
{
	return jsonread_object(text, strlen(text), DEPTH_MAX);
}

struct json_object *ctl_json_new(void)
{
	struct json_object *json = json_object_new_object();

	must(json != NULL);
	return json;
}

struct json_object *ctl_json_list(void)
{
	struct json_object *json = json_object_new_array();

	must(json != NULL);
	return json;
}

void ctl_json_add(struct json_object *to, const char *name,
		  struct json_object *value)
{
	must(json_object_object_add(to, name, value) == 0);
}

void ctl_json_append(struct json_object *list, struct json_object *value)
{
	must(json_object_array_add(list, value) == 0);
}

void ctl_json_add_text(struct json_object *to, const char *name,
		       const char *text)
{
	struct json_object *value;

	/* What came from Redis may be any bytes; our output is UTF-8. */
	if (str_is_utf8(text, strlen(text))) {
		value = json_object_new_string(text);
	} else {
		char clean[512];

		value = json_object_new_string(
			str_printable(clean, sizeof(clean), text));
	}
	must(value != NULL);
	ctl_json_add(to, name, value);
}

void ctl_json_add_int(struct json_object *to, const char *name, int64_t value)
{
	struct json_object *number = json_object_new_int64(value);

	must(number != NULL);
	ctl_json_add(to, name, number);
}

void ctl_json_add_time(struct json_object *to, const char *name, int64_t ms)
{
	if (ms)
		ctl_json_add_int(to, name, ms);
	else
		ctl_json_add(to, name, NULL);
}

void ctl_json_add_bool(struct json_object *to, const char *name, bool value)
{
	struct json_object *flag = json_object_new_boolean(value);

	must(flag != NULL);
	ctl_json_add(to, name, flag);
}
