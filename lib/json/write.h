/* SPDX-License-Identifier: MIT */
/*
 * JSON as text, written straight into a buffer: for what each request makes
 * anew, where a tree (put.h) would cost more than all that it tells.
 *
 * The buffer holds this JSON alone.  Commas are set where they belong; that
 * whatever was begun is ended, and that no name comes twice, is the caller's
 * affair.  The bytes are those that json-c would write without blanks and
 * without escaping slashes.
 */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Begin and end an object or a list.  name is NULL in a list, and for the
 * whole. */
void write_object(struct buf *to, const char *name);
void write_object_end(struct buf *to);
void write_list(struct buf *to, const char *name);
void write_list_end(struct buf *to);

/* Each adds a member of that name, or an element (NULL).  Text is UTF-8. */
void write_text(struct buf *to, const char *name, const char *text);
void write_int(struct buf *to, const char *name, int64_t value);
void write_flag(struct buf *to, const char *name, bool value);

/* Adds a value that is JSON already. */
void write_json(struct buf *to, const char *name, const char *json);

#endif
