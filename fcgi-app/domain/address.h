/* SPDX-License-Identifier: MIT */
/* Which e-mail addresses visitors may give, and how they are kept.  Pure. */
#ifndef DOMAIN_ADDRESS_H
#define DOMAIN_ADDRESS_H

#include "base/compiler.h"

#define ADDRESS_MAX 254		/* bytes; RFC 5321 section 4.5.3.1.3 */

enum address_result {
	ADDRESS_GOOD,
	ADDRESS_EMPTY,
	ADDRESS_BROKEN,		/* not HTML's type=email grammar */
	ADDRESS_NO_DOT,		/* the domain has no dot */
	ADDRESS_LONG,		/* local part > 64, domain > 253, whole > 254 */
	ADDRESS_NON_ASCII,	/* letters before the @ that are not ASCII */
	ADDRESS_DOTS,		/* a dot at an end of the local part, or two */
	ADDRESS_NUMERIC,	/* the domain ends in a number */
};

/*
 * Checks text (UTF-8), without what people copy along ("mailto:", "Zoe <...>",
 * blanks and what cannot be seen at its ends), and writes the form to keep: the
 * local part as it is, the domain lower-cased and in A-labels
 * ("é.fr" becomes "xn--9ca.fr").  Lengths are those of the kept form.
 * out is "" unless the result is ADDRESS_GOOD.
 */
enum address_result address_normalise(const char *text,
				      char out[ADDRESS_MAX + 1]);

/* The code of what is wrong with one (web.error.*); NULL if it is good. */
const char *address_code(enum address_result result);

#endif
