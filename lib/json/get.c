/* SPDX-License-Identifier: MIT */
/* Reading JSON that others wrote, tolerantly. */
#include "config.h"

#include "json/get.h"

#include "json/jsonread.h"

#include <json-c/json.h>

#include <string.h>

#define DEPTH_MAX 32

static struct json_object *member(struct json_object *from, const char *name,
				  enum json_type type)
{
	struct json_object *value = get_value(from, name);

	return json_object_is_type(value, type) ? value : NULL;
}

const char *get_text(struct json_object *from, const char *name)
{
	struct json_object *value = member(from, name, json_type_string);

	return value ? json_object_get_string(value) : "";
}

int64_t get_int(struct json_object *from, const char *name)
{
	struct json_object *value = member(from, name, json_type_int);

	return value ? json_object_get_int64(value) : 0;
}

bool get_flag(struct json_object *from, const char *name)
{
	struct json_object *value = member(from, name, json_type_boolean);

	return value && json_object_get_boolean(value);
}

struct json_object *get_value(struct json_object *from, const char *name)
{
	struct json_object *value;

	if (!from || !json_object_is_type(from, json_type_object) ||
	    !json_object_object_get_ex(from, name, &value))
		return NULL;
	return value;
}

size_t get_count(struct json_object *list)
{
	return list && json_object_is_type(list, json_type_array)
	       ? (size_t)json_object_array_length(list) : 0;
}

struct json_object *get_at(struct json_object *list, size_t i)
{
	return i < get_count(list) ? json_object_array_get_idx(list, i)
					: NULL;
}

struct json_object *get_root(const char *text)
{
	return jsonread_object(text, strlen(text), DEPTH_MAX);
}
