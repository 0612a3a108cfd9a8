/* SPDX-License-Identifier: MIT */
/* Short words for filling JSON objects: pages' values and API answers. */
#ifndef JSON_PUT_H
#define JSON_PUT_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

struct json_object;

/* Each adds (or replaces) a member of to; text is copied. */
void put_text(struct json_object *to, const char *name, const char *text);
void put_int(struct json_object *to, const char *name, int64_t value);
void put_flag(struct json_object *to, const char *name, bool value);

/* value becomes to's. */
void put_value(struct json_object *to, const char *name,
	       struct json_object *value);

/* Adds an empty object or list and returns it; it is to's. */
struct json_object *put_object(struct json_object *to, const char *name);
struct json_object *put_list(struct json_object *to, const char *name);

/* Adds an empty object to a list and returns it; it is the list's. */
struct json_object *put_row(struct json_object *list);

#endif
