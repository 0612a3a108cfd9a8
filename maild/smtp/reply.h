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

/* Where read bytes go, and how many: add what came to have. */
char *reply_room(struct reply *r, size_t *size);

/* The next reply begins: with what came behind the one before, if anything. */
void reply_next(struct reply *r);

/* Looks at the next line.  For LINE, WHOLE and BAD it is *line, with its end,
 * and counts as read. */
enum reply_state reply_look(struct reply *r, char **line, size_t *len)
	MUST_USE;

/* Of a reply that is whole. */
int reply_code(const struct reply *r);

/* Did more come than this reply? */
bool reply_has_more(const struct reply *r);

/* Has a one-line reply nothing behind its code? */
bool reply_is_bare(const struct reply *r);

/* Does EHLO's answer offer the extension?  With a word that is not NULL: and
 * does that stand behind it ("AUTH", "PLAIN")?  Upper and lower case are one.
 */
bool reply_offers(const struct reply *r, const char *extension,
		  const char *word);

/* Adds EHLO's answer to out, without the extensions of the list, which ends in
 * NULL. */
void reply_add_without(const struct reply *r, const char *const *extensions,
		       struct buf *out);

#endif
