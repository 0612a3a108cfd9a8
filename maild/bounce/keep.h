/* SPDX-License-Identifier: MIT */
/* Mails to the address of bounces that nothing was made of, for people. */
#ifndef BOUNCE_KEEP_H
#define BOUNCE_KEEP_H

#include "base/buf.h"

#define KEEP_MAX 1000		/* mails; no further one is kept */

/*
 * Puts the mail into the Maildir `dir`, which is made if it is not there, mode
 * 0700; "" = nothing is kept.  One that cannot be kept is logged and lost: it
 * was read, and should not come again.
 */
void keep_mail(const char *dir, const struct buf *mail);

#endif
