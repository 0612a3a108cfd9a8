/* SPDX-License-Identifier: MIT */
/* Taking members out of JSON that others wrote, tolerantly. */
#ifndef MAILDCTL_JSON_H
#define MAILDCTL_JSON_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

/* A member's value; what is missing or of another type is "", 0, false or
 * NULL.  Borrowed from the object, which may be NULL. */
const char *ctl_json_text(struct json_object *from, const char *name);
int64_t ctl_json_int(struct json_object *from, const char *name);
bool ctl_json_bool(struct json_object *from, const char *name);
struct json_object *ctl_json_object(struct json_object *from,
				    const char *name);

/* A list's length, 0 for what is none, and its members. */
size_t ctl_json_count(struct json_object *list);
struct json_object *ctl_json_at(struct json_object *list, size_t i);

/* Reads one object; NULL if it is none. */
struct json_object *ctl_json_read(const char *text);

#endif
