/* SPDX-License-Identifier: MIT */
/* A byte string that grows. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/compiler.h"

#include <stdint.h>

/*
 * data is always followed by a NUL that len does not count, also when empty
 * (it then points to a constant ""), so it can be read as a C string.
 * Storage is the caller's: BUF_INIT or buf_init(), then buf_release().
 */
struct buf {
	char *data;
	size_t len;	/* bytes in use */
	size_t room;	/* bytes allocated, 0 = data is not ours */
};

extern char buf_empty[1];
#define BUF_INIT { buf_empty, 0, 0 }

void buf_init(struct buf *b);
void buf_release(struct buf *b);	/* frees; b is empty and usable again */
void buf_clear(struct buf *b);		/* empties, keeps the memory */

void buf_reserve(struct buf *b, size_t more);	/* room for more bytes */
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_addch(struct buf *b, char c);
void buf_addstr(struct buf *b, const char *text);
void buf_addint(struct buf *b, int64_t number);	/* in decimal */
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Cuts to the first len bytes; len must not exceed b->len. */
void buf_truncate(struct buf *b, size_t len);

/* Hands the bytes over (caller frees) and leaves b empty. */
char *buf_detach(struct buf *b) MUST_USE;

/*
 * Appends the whole file.  max_bytes bounds it.
 * Returns 0, or -1 with errno set (EFBIG when the file is larger).
 */
int buf_add_file(struct buf *b, const char *path, size_t max_bytes) MUST_USE;

#endif
