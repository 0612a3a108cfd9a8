/* SPDX-License-Identifier: MIT */
/* Short words for making JSON: pages' values, answers, reports. */
#ifndef JSON_PUT_H
#define JSON_PUT_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

struct json_object;

/* An empty object or list, or a text; the caller's (json_object_put()). */
struct json_object *put_new(void) MUST_USE RETURNS_NONNULL;
struct json_object *put_new_list(void) MUST_USE RETURNS_NONNULL;
struct json_object *put_new_text(const char *text) MUST_USE RETURNS_NONNULL;

/* Each adds (or replaces) a member of to; text is copied. */
void put_text(struct json_object *to, const char *name, const char *text);
void put_format(struct json_object *to, const char *name, const char *format,
		...) PRINTF_LIKE(3, 4);
void put_int(struct json_object *to, const char *name, int64_t value);
void put_flag(struct json_object *to, const char *name, bool value);

/* The same for text of any bytes, as Redis may hold it: what is not UTF-8 is
 * cut and made printable. */
void put_safe_text(struct json_object *to, const char *name,
		   const char *text);

/* Adds a time in Unix ms; 0 becomes null. */
void put_ms(struct json_object *to, const char *name, int64_t ms);

/* to, or the list, takes value over. */
void put_value(struct json_object *to, const char *name,
	       struct json_object *value);
void put_append(struct json_object *list, struct json_object *value);

/* Adds an empty object or list and returns it; it is to's. */
struct json_object *put_object(struct json_object *to, const char *name);
struct json_object *put_list(struct json_object *to, const char *name);

/* Adds an empty object to a list and returns it; it is the list's. */
struct json_object *put_row(struct json_object *list);

#endif
