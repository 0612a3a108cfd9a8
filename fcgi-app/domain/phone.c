/* SPDX-License-Identifier: MIT */
/* Reads telephone numbers; asks nobody. */
#include "config.h"

#include "domain/phone.h"

#include "base/str.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define DIGITS_MIN 6
#define TERM_DIGITS_MAX 9
#define TERM_MAX 60		/* bytes */

/* How long a sign between digits is at s; 0 = there is none. */
static size_t between(const char *s)
{
	/* No-break spaces, narrow and wide, and hyphens that word processors
	 * make. */
	static const char *const others[] = { "\u00a0", "\u202f", "\u2009",
					      "\u2010", "\u2011", "\u2013" };

	if (*s != '\0' && strchr(" -./()", *s) != NULL)
		return 1;
	for (size_t i = 0; i < ARRAY_COUNT(others); i++)
		if (str_starts_with(s, others[i]))
			return strlen(others[i]);
	return 0;
}

/* Copies the digits of text to out, which has room for size.  Their number, or
 * 0 if there are too many or anything else is in it. */
static size_t digits_of(const char *text, char *out, size_t size)
{
	bool abroad = *text == '+';
	size_t count = 0;

	for (const char *s = text + abroad; *s != '\0';) {
		size_t skip = abroad && count > 0 &&
			      str_starts_with(s, "(0)") ? 3 : between(s);

		if (skip > 0) {
			s += skip;
			continue;
		}
		if (*s < '0' || *s > '9' || count == size)
			return 0;
		out[count++] = *s++;
	}
	return count;
}

static void turn(const char *digits, size_t count, char *out)
{
	for (size_t i = 0; i < count; i++)
		out[i] = digits[count - 1 - i];
	out[count] = '\0';
}

bool phone_read(const char *text, char back_out[PHONE_DIGITS_MAX + 1])
{
	char digits[PHONE_DIGITS_MAX];
	size_t count = digits_of(text, digits, sizeof(digits));

	back_out[0] = '\0';
	if (count < DIGITS_MIN ||
	    str_utf8_count(text, strlen(text)) > PHONE_MAX)
		return false;
	turn(digits, count, back_out);
	return true;
}

bool phone_term(const char *term, char back_out[PHONE_DIGITS_MAX + 1])
{
	char digits[PHONE_DIGITS_MAX + 2];	/* "00" for the plus */
	size_t count = strlen(term) > TERM_MAX ? 0 :
		       digits_of(term, digits, sizeof(digits));
	size_t zeros = 0;

	back_out[0] = '\0';
	while (zeros < count && digits[zeros] == '0')
		zeros++;
	if (count - zeros < PHONE_TERM_MIN)
		return false;
	if (count - zeros > TERM_DIGITS_MAX)
		zeros = count - TERM_DIGITS_MAX;
	turn(digits + zeros, count - zeros, back_out);
	return true;
}

void phone_dial(const char *text, char out[4 * PHONE_MAX + 1])
{
	char digits[PHONE_DIGITS_MAX];
	size_t count = digits_of(text, digits, sizeof(digits));

	(void)snprintf(out, 4 * PHONE_MAX + 1, "%s%.*s",
		       count > 0 && *text == '+' ? "+" : "", (int)count,
		       digits);
}
