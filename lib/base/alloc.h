/* SPDX-License-Identifier: MIT */
/*
 * Memory that is always there: when there is none left, the process says so
 * and leaves with 71 (EX_OSERR).  A worker's job is then recovered like that of
 * any other crashed worker.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include "base/compiler.h"

#include <stdarg.h>

/* Returns count * size zeroed bytes; the caller frees them. */
void *alloc_zeroed(size_t count, size_t size) MUST_USE RETURNS_NONNULL;

/* Resizes p (may be NULL) to count * size bytes, overflow checked. */
void *alloc_resize(void *p, size_t count, size_t size)
	MUST_USE RETURNS_NONNULL;

/* Returns p (may be NULL), a list of count members of size bytes, with room for
 * one more; *room is how many it has room for. */
void *alloc_grow(void *p, size_t count, size_t *room, size_t size)
	MUST_USE RETURNS_NONNULL;

/* Maps size zeroed bytes, shared with all later children, until the process
 * ends. */
void *alloc_shared(size_t size) MUST_USE RETURNS_NONNULL;

/* Returns a copy of text; the caller frees it. */
char *alloc_text(const char *text) MUST_USE RETURNS_NONNULL;

/* Returns a NUL-terminated copy of the len bytes; the caller frees it. */
char *alloc_textn(const char *bytes, size_t len) MUST_USE RETURNS_NONNULL;

/* Returns a formatted text; the caller frees it. */
char *alloc_printf(const char *fmt, ...)
	PRINTF_LIKE(1, 2) MUST_USE RETURNS_NONNULL;
char *alloc_vprintf(const char *fmt, va_list args)
	PRINTF_LIKE(1, 0) MUST_USE RETURNS_NONNULL;

#endif
