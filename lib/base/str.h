/* SPDX-License-Identifier: MIT */
/* Checked reading and writing of text.  All pure, none allocates. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads a whole decimal number (optional '-', no blanks, nothing behind it).
 * Returns false and leaves *out alone if it is not one in min..max.
 */
bool str_to_int(const char *s, int64_t min, int64_t max, int64_t *out);

#define STR_INT_SIZE 21	/* "-9223372036854775808" and a NUL */

/* Writes a whole number in decimal, and returns its length. */
size_t str_int(char dst[STR_INT_SIZE], int64_t number);

/* Writes the last count digits of a number from 0 on, with zeros in front and
 * no NUL, and returns where they end. */
char *str_digits(char *dst, int number, size_t count);

/* A unit of a quantity: "min", and how many of the smallest it is. */
struct str_unit {
	const char *name;
	int64_t factor;
};

/* Reads a whole number, not below 0, with one of the units behind it.  Returns
 * false and leaves *out alone if it is not one or too large. */
bool str_to_quantity(const char *s, const struct str_unit *units, size_t count,
		     int64_t *out);

/* Copies src with its NUL if it fits into size bytes, else returns false. */
bool str_copy(char *dst, size_t size, const char *src);

/* How many bytes of s[0..len) are well-formed UTF-8 (RFC 3629) without NUL,
 * before the first that is not; len if all are. */
size_t str_utf8_span(const char *s, size_t len);

/* True if all of s[0..len) is. */
bool str_is_utf8(const char *s, size_t len);

/* True if no byte of s[0..len) is above 127. */
bool str_is_ascii(const char *s, size_t len);

/* True if s[0..len) is 1 to max ASCII letters, digits, dots, underscores and
 * hyphens. */
bool str_is_name(const char *s, size_t len, size_t max);

/* Number of code points in well-formed UTF-8. */
size_t str_utf8_count(const char *s, size_t len);

/* The next code point of well-formed UTF-8, *s moved behind it; 0 at the end
 * (or where it is not well-formed, and *s stays). */
uint32_t str_utf8_next(const char **s);

/* Makes C0 controls and DEL '?', in place. */
void str_mask_controls(char *text);

/* True if s holds needle, ASCII case ignored. */
bool str_contains_nocase(const char *s, const char *needle);

bool str_starts_with(const char *s, const char *prefix);
bool str_ends_with(const char *s, const char *suffix);

/* Levenshtein's distance: how many letters must be changed, added or taken
 * away to make b of a, to guess what a typo meant; 64 = b is too long. */
unsigned str_distance(const char *a, const char *b);

/*
 * Makes outside text fit for a log line: printable ASCII stays, all else
 * becomes '?'; at most size - 1 bytes.  Returns dst.
 */
const char *str_printable(char *dst, size_t size, const char *src);

/*
 * The same, and each word with an '@' becomes "[address]": what a server says
 * may quote the recipient, and logs hold no addresses.
 */
const char *str_without_addresses(char *dst, size_t size, const char *src);

/* Removes blanks (space, tab, CR, LF) at both ends, in place; returns s
 * moved. */
char *str_trim(char *s);

/* Lower-case hex of len bytes; dst holds 2 * len + 1. */
void str_hex(char *dst, const uint8_t *bytes, size_t len);

/* Reads exactly len bytes of hex (2 * len digits); false if it is not that. */
bool str_unhex(uint8_t *dst, size_t len, const char *hex);

/*
 * base64url (RFC 4648 section 5) without padding; dst holds
 * (len * 4 + 2) / 3 + 1 bytes.
 */
void str_base64url(char *dst, const uint8_t *bytes, size_t len);

/*
 * FNV-1a of len bytes, never 0, begun with STR_HASH or, to go on, with the hash
 * of what came before.  Good against chance, not against malice.
 */
#define STR_HASH UINT64_C(14695981039346656037)
uint64_t str_hash(uint64_t hash, const void *bytes, size_t len);

/* Compares len bytes in time that does not depend on their content. */
bool str_equal_secret(const char *a, const char *b, size_t len);

#endif
