/* SPDX-License-Identifier: MIT */
/* Makes JSON; out of memory is the only failure and a must(). */
#include "config.h"

#include "json/put.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "base/str.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

struct json_object *put_new(void)
{
	struct json_object *object = json_object_new_object();

	must(object != NULL);
	return object;
}

struct json_object *put_new_list(void)
{
	struct json_object *list = json_object_new_array();

	must(list != NULL);
	return list;
}

struct json_object *put_new_text(const char *text)
{
	struct json_object *value = json_object_new_string(text);

	must(value != NULL);
	return value;
}

void put_value(struct json_object *to, const char *name,
	       struct json_object *value)
{
	must(json_object_object_add(to, name, value) == 0);
}

void put_append(struct json_object *list, struct json_object *value)
{
	must(json_object_array_add(list, value) == 0);
}

void put_text(struct json_object *to, const char *name, const char *text)
{
	put_value(to, name, put_new_text(text));
}

void put_format(struct json_object *to, const char *name, const char *format,
		...)
{
	va_list args;

	va_start(args, format);
	char *text = alloc_vprintf(format, args);

	va_end(args);
	put_text(to, name, text);
	free(text);
}

void put_safe_text(struct json_object *to, const char *name, const char *text)
{
	char clean[512];

	put_text(to, name, str_is_utf8(text, strlen(text)) ? text :
		 str_printable(clean, sizeof(clean), text));
}

void put_int(struct json_object *to, const char *name, int64_t value)
{
	struct json_object *number = json_object_new_int64(value);

	must(number != NULL);
	put_value(to, name, number);
}

void put_ms(struct json_object *to, const char *name, int64_t ms)
{
	if (ms)
		put_int(to, name, ms);
	else
		put_value(to, name, NULL);
}

void put_flag(struct json_object *to, const char *name, bool value)
{
	struct json_object *flag = json_object_new_boolean(value);

	must(flag != NULL);
	put_value(to, name, flag);
}

struct json_object *put_object(struct json_object *to, const char *name)
{
	struct json_object *object = put_new();

	put_value(to, name, object);
	return object;
}

struct json_object *put_list(struct json_object *to, const char *name)
{
	struct json_object *list = put_new_list();

	put_value(to, name, list);
	return list;
}

struct json_object *put_row(struct json_object *list)
{
	struct json_object *row = put_new();

	put_append(list, row);
	return row;
}
