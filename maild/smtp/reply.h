/* SPDX-License-Identifier: MIT */
/* The replies of an SMTP server (RFC 5321 section 4.2), out of the bytes that
 * come from it.  Pure. */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include "base/buf.h"
#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

#define REPLY_MAX 8192		/* bytes of one reply, and of what follows it */

struct reply {			/* zeroed at first */
	size_t have;		/* bytes that were read */
	size_t lines;		/* of these: whole lines of this reply */
	char bytes[REPLY_MAX];
};

enum reply_state {
	REPLY_MORE,		/* no whole line yet: read on */
	REPLY_LINE,		/* a line, and another one follows */
	REPLY_WHOLE,		/* its last line */
	REPLY_BAD,		/* a line that is no reply's */
	REPLY_LONG,		/* more than we take */
};

/* Where to read bytes to, and at most how many; add to `have` what was read. */
char *reply_room(struct reply *r, size_t *size);

/* Begins the next reply, with whatever came after the one before. */
void reply_next(struct reply *r);

/* Looks at the next line.  For LINE, WHOLE and BAD, *line is that line with its
 * end, and it counts as read. */
enum reply_state reply_look(struct reply *r, char **line, size_t *len)
	MUST_USE;

/* The code of a whole reply. */
int reply_code(const struct reply *r);

/* Has more come than this reply? */
bool reply_has_more(const struct reply *r);

/* Is a one-line reply nothing but its code? */
bool reply_is_bare(const struct reply *r);

/* Does EHLO's answer offer the extension?  If word is not NULL, does it list
 * that word, too ("AUTH", "PLAIN")?  Case does not matter. */
bool reply_offers(const struct reply *r, const char *extension,
		  const char *word);

/* Adds EHLO's answer to out, without the extensions of the list, which ends in
 * NULL. */
void reply_add_without(const struct reply *r, const char *const *extensions,
		       struct buf *out);

#endif
