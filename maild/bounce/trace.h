/* SPDX-License-Identifier: MIT */
/* Which of our mails a report is about: what in it leads back to one. */
#ifndef BOUNCE_TRACE_H
#define BOUNCE_TRACE_H

#include "base/compiler.h"
#include "queue/envelope.h"
#include "settings/mailconf.h"

#include <stdbool.h>

struct trace {
	char id[ENVELOPE_ID_MAX + 1];	/* the job's; "" = none of ours */
	bool sure;		/* the report has the proof that only our mail
				   had */
	const char *by;		/* what said so, for the log; static */
};

/* Where to look; all borrowed. */
struct trace_clues {
	const char *recipient;	/* of the report; "" = not known */
	const char *envid;	/* the envelope id that it names; "" = none */
	const char *mail;	/* all of the report */
};

/*
 * Finds it: first an address with our proof, in the recipient or anywhere in
 * the mail; else what anybody may have written, the envelope id,
 * X-Reservoir-Id, then a Message-ID with our message_domain, of the mail that
 * came back; finally what the report answers to.
 *
 * A mail of another Reservoir, with that same id in a Message-ID of another
 * domain, is none of ours.  Base64 is not decoded.
 */
void trace_find(const struct mailconf *conf, const struct trace_clues *clues,
		struct trace *out);

/* Reads xtext (RFC 3461, 4) that is an id; else id becomes "". */
void trace_envid_read(const char *xtext, char id[ENVELOPE_ID_MAX + 1]);

#endif
