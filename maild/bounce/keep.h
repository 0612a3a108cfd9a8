/* SPDX-License-Identifier: MIT */
/* Keeps for people the mails to the bounce address that nothing was made of. */
#ifndef BOUNCE_KEEP_H
#define BOUNCE_KEEP_H

#include "base/buf.h"

#define KEEP_MAX 1000		/* mails; no further one is kept */

/*
 * Puts the mail into the Maildir `dir`, which is made with mode 0700 if it is
 * not there; "" = nothing is kept.  A mail that cannot be kept is logged and
 * lost: it has been read, and should not come again.
 */
void keep_mail(const char *dir, const struct buf *mail);

#endif
