/* SPDX-License-Identifier: MIT */
/* Reading JSON that others wrote, tolerantly. */
#include "config.h"

#include "maildctl/json.h"

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
