/* SPDX-License-Identifier: MIT */
/* Files that hold one JSON object, and objects laid over each other. */
#ifndef JSON_JSONFILE_H
#define JSON_JSONFILE_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stddef.h>

struct json_object;

/*
 * Reads a file that must hold an object, of at most max_bytes.
 * Returns 0 and *out (json_object_put() frees), or -1 with FAULT_CONFIG
 * "path:line: what is wrong" and *out NULL.
 */
int jsonfile_load(const char *path, size_t max_bytes, struct json_object **out,
		  struct fault *why) MUST_USE;

/* The line of the value at a dotted path in a file, from 1; 0 if that cannot
 * be told. */
size_t jsonfile_line(const char *path, size_t max_bytes, const char *member);

/* Members of over replace those of into, objects member by member; into shares
 * nothing with over. */
void jsonfile_lay_over(struct json_object *into, struct json_object *over);

#endif
