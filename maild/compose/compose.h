/* SPDX-License-Identifier: MIT */
/* Makes the complete mail of an envelope. */
#ifndef COMPOSE_COMPOSE_H
#define COMPOSE_COMPOSE_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/fault.h"
#include "queue/envelope.h"
#include "settings/mailconf.h"
#include "text/reporter.h"

struct composer;

struct compose_opts {			/* borrowed until composer_free() */
	const char *data_dir;		/* has templates/mail */
	const char *template_dir;	/* shadows it; NULL or "" = none */
	const char *from_name;		/* NULL or "" = the organiser's */
	const char *from_address;
	const char *message_domain;	/* of Message-ID */
	const char *default_locale;	/* where there is no other template */
};

/* As the settings have it; borrowed from them. */
struct compose_opts compose_opts_of(const struct mailconf *conf);

/*
 * Loads all templates and starts the MIME library: once per process, after
 * fork.  Returns it (composer_free()), or NULL with FAULT_CONFIG: a shipped
 * template, the sender's address or the domain cannot be used, or the default
 * language has no template.  Edited templates that cannot be used are left
 * aside, which composer_alert() reports.
 */
struct composer *composer_new(const struct compose_opts *opts,
			      struct fault *why) MUST_USE;
void composer_free(struct composer *c);

/* Would composer_new() take these?  Loads and frees the templates, and starts
 * nothing.  0, or -1 with FAULT_CONFIG. */
int compose_opts_check(const struct compose_opts *opts, struct fault *why)
	MUST_USE;

/* Raises an alert for every edited template that was left aside. */
void composer_alert(const struct composer *c);

/*
 * For -t: reports as "file:line: what is wrong" each edited template that
 * cannot be used, and each template that cannot be rendered with the sample
 * data of its kind (mailsample.h).
 */
void composer_check(struct composer *c, struct reporter *r);

/*
 * Appends the mail: headers and body in 7-bit ASCII, CRLF only, no line over
 * 998 bytes.  The Date is now, all else follows from the envelope.
 *
 * The envelope's data is for the template; this much of it is read here:
 * organiser.{name,email} for Reply-To, or reply_to if it is there; without
 * reply_to organiser.name for From, if the sender has no name of its own;
 * calendar.{method, uid, sequence, created, start, end, summary, location,
 * description} for the invitation, which is from calendar.organiser, an
 * address, if that is there, else from the mail's sender.  A calendar that is
 * wrong is left out with a warning; the mail still goes.
 *
 * Returns 0, or -1 with FAULT_REJECT: no template of that kind, one that cannot
 * be rendered with this data, or an address that cannot be used; *out is then
 * as before.
 */
int compose_mail(struct composer *c, const struct envelope *e,
		 struct buf *out, struct fault *why) MUST_USE;

#endif
