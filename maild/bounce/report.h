/* SPDX-License-Identifier: MIT */
/* What a mail to the bounce address reports. */
#ifndef BOUNCE_REPORT_H
#define BOUNCE_REPORT_H

#include "base/compiler.h"
#include "bounce/fields.h"
#include "queue/envelope.h"
#include "queue/fate.h"

#include <stddef.h>

#define REPORT_BYTES_MAX (1024 * 1024)	/* of a mail; the rest is not read */

enum report_kind {
	REPORT_UNKNOWN,		/* none, or one that we cannot read */
	REPORT_REPLY,		/* a program answered in a person's place: an
				   absence, a read receipt */
	REPORT_NO_NEWS,		/* a report that says nothing we want to know */
	REPORT_FATE,		/* what became of a mail */
};

struct report {
	enum report_kind kind;
	enum queue_fate fate;		/* of FATE, else NONE */
	char text[SAID_MAX];	/* the server's words as they came, or "" */
	char envid[ENVELOPE_ID_MAX + 1];	/* "" = none that is an id */
};

/* Starts the MIME library: once in a process. */
void report_init(void);

/*
 * Reads a mail as mailboxes hold it, in lines that end in LF or CRLF.  A NUL
 * follows its len bytes, which contain none.  Anything passes for a mail; parts
 * below the eighth level are not looked at, nor is the returned mail.
 */
void report_read(const char *mail, size_t len, struct report *out);

#endif
