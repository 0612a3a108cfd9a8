/* SPDX-License-Identifier: MIT */
/*
 * The sender's address on the envelope of each mail, where bounces go.
 *
 * It can name the mail and prove that it is from us (VERP, with a MAC):
 * "bounces+=RK7F3M2Q.=confirm.0=k3vq2h6a@example.org" for bounces@example.org.
 * Mail servers on the way may fold the case of a local part, and ids have
 * letters of both: so "=" in the id's place changes between small and capital
 * letters, the first ones being small, and what comes back is read in whatever
 * case it is.
 */
#ifndef BOUNCE_RETURNPATH_H
#define BOUNCE_RETURNPATH_H

#include "base/compiler.h"
#include "queue/envelope.h"
#include "settings/mailconf.h"

#include <stdbool.h>

#define RETURNPATH_MAX 255	/* bytes with NUL */

/* Writes the address for the mail of that id.  Without bounce_to it is that of
 * mailconf_envelope_from(); with it, but for an id that is so long that the
 * local part would have more than 64 bytes, bounce_to itself. */
void returnpath_make(const struct mailconf *conf, const char *id,
		     char out[RETURNPATH_MAX]);

/*
 * Reads the id out of an address that came back, in any case and of any domain;
 * forwarders change that.  False, and id "", if it is not one that
 * returnpath_make() made with this key: then nobody else has it from us either.
 */
bool returnpath_read(const struct mailconf *conf, const char *address,
		     char id[ENVELOPE_ID_MAX + 1]) MUST_USE;

#endif
