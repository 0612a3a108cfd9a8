/* SPDX-License-Identifier: MIT */
/* Telephone numbers as people type them.  Pure; guesses no country. */
#ifndef DOMAIN_PHONE_H
#define DOMAIN_PHONE_H

#include <stdbool.h>

#define PHONE_MAX 40		/* characters, as typed */
#define PHONE_DIGITS_MAX 15	/* ITU-T E.164 */
#define PHONE_TERM_MIN 4	/* digits to look for */

/*
 * Can text, trimmed, be one?  Digits (6 to 15) with blanks, hyphens, dots,
 * slashes and brackets between them, a plus in front; the (0) of
 * "+33 (0)6 ..." does not count.  back_out gets its digits, the last first: by
 * them numbers with and without a country's prefix are found in one index.
 */
bool phone_read(const char *text, char back_out[PHONE_DIGITS_MAX + 1]);

/*
 * What back_out begins with in numbers that end in those digits, for a term to
 * look for; without its zeros in front, and of no more than nine digits, which
 * leaves out what may be a country's prefix.  False if term is no part of a
 * number.
 */
bool phone_term(const char *term, char back_out[PHONE_DIGITS_MAX + 1]);

/* The number as a link "tel:" has it (RFC 3966): its digits, and the plus. */
void phone_dial(const char *text, char out[4 * PHONE_MAX + 1]);

#endif
