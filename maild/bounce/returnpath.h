/* SPDX-License-Identifier: MIT */
/*
 * The envelope sender of each mail, to which bounces go.
 *
 * It can name the mail and prove that the mail is ours (VERP, with a MAC):
 * "bounces+=RK7F3M2Q.=confirm.0=k3vq2h6a@example.org" for bounces@example.org.
 * Mail servers on the way may fold the case of a local part, and ids have
 * letters of both: so in the id "=" switches between small and capital letters,
 * beginning with small ones, and what comes back is read in any case.
 */
#ifndef BOUNCE_RETURNPATH_H
#define BOUNCE_RETURNPATH_H

#include "base/compiler.h"
#include "queue/envelope.h"
#include "settings/mailconf.h"

#include <stdbool.h>

#define RETURNPATH_MAX 255	/* bytes with NUL */

/* Writes the address for the mail of that id.  Without bounce_to that is
 * mailconf_envelope_from(); with it, and an id so long that the local part
 * would have more than 64 bytes, bounce_to itself. */
void returnpath_make(const struct mailconf *conf, const char *id,
		     char out[RETURNPATH_MAX]);

/*
 * Reads the id out of an address that came back, in any case and of any domain;
 * forwarders change that.  False, and id "", if it is not one that
 * returnpath_make() made with this key.
 */
bool returnpath_read(const struct mailconf *conf, const char *address,
		     char id[ENVELOPE_ID_MAX + 1]) MUST_USE;

#endif
