/* SPDX-License-Identifier: MIT */
/* File descriptors with limits. */
#ifndef BASE_FDIO_H
#define BASE_FDIO_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>

/* Writes all, going on after EINTR and short writes; -1 with errno. */
int fdio_write_all(int fd, const void *bytes, size_t len) MUST_USE;

int fdio_cloexec_set(int fd);			/* -1 with errno */
int fdio_nonblock_set(int fd, bool on);		/* -1 with errno */

/* Can the file be opened for writing, with these flags of open(2) too, or be
 * made if it is not there?  It stays as it is.  -1 with errno. */
int fdio_try_write(const char *path, int flags) MUST_USE;

/*
 * Reads a password from a file that only its owner may read or write (no bits
 * for group and others): one line, with or without its newline.  What an editor
 * or a copy may have added (a byte order mark, a carriage return, a second
 * line, a NUL) is refused by name: nobody sees it, and a server only says that
 * the password is wrong.  *out: the caller wipes it with secret_free().
 * Returns 0, or -1 with FAULT_CONFIG, which names the file.
 */
int secret_read(const char *path, char **out, struct fault *why) MUST_USE;

/* The same for a key, of which every byte counts: it may have several lines and
 * any bytes but NUL. */
int secret_key_read(const char *path, char **out, struct fault *why) MUST_USE;

/* Wipes and frees; NULL is fine. */
void secret_free(char *secret);

#endif
