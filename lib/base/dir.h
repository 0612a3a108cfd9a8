/* SPDX-License-Identifier: MIT */
/* Walks through a directory. */
#ifndef BASE_DIR_H
#define BASE_DIR_H

#include "base/compiler.h"
#include "base/fault.h"

/* Is given one entry; -1 with *why ends the walk. */
typedef int dir_entry(void *arg, const char *path, const char *name,
		      struct fault *why);

/*
 * Calls each() for the entries of dir whose names do not begin with a dot, in
 * the order of their bytes.
 * Returns 0, or -1 with FAULT_CONFIG, or with what each() has said.
 */
int dir_each(const char *dir, dir_entry *each, void *arg,
	     struct fault *why) MUST_USE;

/* The same, but what is not there or is no directory has no entries. */
int dir_each_if_any(const char *dir, dir_entry *each, void *arg,
		    struct fault *why) MUST_USE;

#endif
