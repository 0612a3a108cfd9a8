/* SPDX-License-Identifier: MIT */
/* The machine-readable parts of reports: header fields in blocks. */
#ifndef BOUNCE_FIELDS_H
#define BOUNCE_FIELDS_H

#include "base/compiler.h"
#include "queue/envelope.h"
#include "queue/fate.h"

#include <stdbool.h>
#include <stddef.h>

#define FIELD_MAX 1024		/* bytes of a value with NUL; the rest is cut */

/*
 * Cuts the next field off the text: its name in small letters, and its value,
 * unfolded and trimmed.  name is "" at an empty line, which ends a block; a
 * line that is not a field is skipped.  Returns false at the end of the text.
 */
struct field {
	char name[40];
	char value[FIELD_MAX];
};
bool field_next(const char **text, struct field *out) MUST_USE;

/* The class, 2, 4 or 5, of the enhanced status code (RFC 3463) that the text
 * begins with: "5.1.1", "5.1.1 no such user"; 0 if it begins with none. */
int status_class(const char *text);

#define SAID_MAX (FIELD_MAX + 32)

/* What a part of a report says about our mail. */
struct said {
	bool understood;	/* it is such a part */
	enum queue_fate fate;	/* NONE = nothing that is news */
	char text[SAID_MAX];	/* the server's words, the reply code
				   first if there is one; "" = none */
	char envid[ENVELOPE_ID_MAX + 1];	/* "" = none that is an id */
};

/*
 * Reads a message/delivery-status (RFC 3464).  Of several recipients the one
 * with the heaviest fate counts: our mails have only one, but others may have
 * expanded it into many.  "relayed" and "expanded" are no news, as the mail has
 * yet to reach the mailbox.
 */
void fields_status_read(const char *text, struct said *out);

/* Reads a message/feedback-report (RFC 5965).  Reports about authentication,
 * and "not-spam", are no news. */
void fields_feedback_read(const char *text, struct said *out);

#endif
