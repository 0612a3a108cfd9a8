/* SPDX-License-Identifier: MIT */
/* Taking members out of JSON that others wrote, tolerantly. */
#ifndef JSON_GET_H
#define JSON_GET_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

/* A member's value; what is missing or of another type is "", 0, false or
 * NULL.  Borrowed from the object, which may be NULL. */
const char *get_text(struct json_object *from, const char *name);
int64_t get_int(struct json_object *from, const char *name);
bool get_flag(struct json_object *from, const char *name);
struct json_object *get_value(struct json_object *from,
				    const char *name);

/* A list's length, 0 for what is none, and its members. */
size_t get_count(struct json_object *list);
struct json_object *get_at(struct json_object *list, size_t i);

/* Reads a text that is one object, the caller's (json_object_put()); NULL if it
 * is none. */
struct json_object *get_root(const char *text);

#endif
