/* SPDX-License-Identifier: MIT */
/* Taking members out of JSON that others wrote, tolerantly; writing ours. */
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

/* Makes and adds members.  A time that is 0 becomes null. */
struct json_object *ctl_json_new(void) MUST_USE RETURNS_NONNULL;
struct json_object *ctl_json_list(void) MUST_USE RETURNS_NONNULL;
void ctl_json_add_text(struct json_object *to, const char *name,
		       const char *text);
void ctl_json_add_int(struct json_object *to, const char *name, int64_t value);
void ctl_json_add_time(struct json_object *to, const char *name, int64_t ms);
void ctl_json_add_bool(struct json_object *to, const char *name, bool value);
/* These two take the reference to value over. */
void ctl_json_add(struct json_object *to, const char *name,
		  struct json_object *value);
void ctl_json_append(struct json_object *list, struct json_object *value);

#endif
