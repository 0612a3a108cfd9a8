/* SPDX-License-Identifier: MIT */
/*
 * What fuzz targets share.
 *
 * Each f_<name>.c holds one target.  With --enable-fuzzing libFuzzer calls it,
 * else replay.c's main(), with what is in corpus/<name>.  A property that does
 * not hold ends the program by must().
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The target: libFuzzer knows it by this name.  Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An input of several texts, one behind the other. */
struct fuzz_input {
	const char *at;
	size_t left;
};

/* Takes the text up to the next form feed, or all if there is none; the caller
 * frees it.  A NUL ends it earlier for who reads it as a C string. */
char *fuzz_next(struct fuzz_input *in) MUST_USE RETURNS_NONNULL;

/*
 * Takes all that is left, in a block of exactly that size, without a NUL behind
 * it: whoever reads one byte too many is found out.  The caller frees it.
 */
char *fuzz_rest(struct fuzz_input *in, size_t *len_out)
	MUST_USE RETURNS_NONNULL;

/* Is s well-formed UTF-8? */
bool fuzz_is_utf8(const char *s);

/*
 * Does text, of len bytes, consist of lines that end in CRLF, hold no other CR
 * or LF and no NUL, and none longer than max bytes without its CRLF?
 */
bool fuzz_has_whole_lines(const char *text, size_t len, size_t max);

#endif
