/* SPDX-License-Identifier: MIT */
/* Lists of mails, with what the queue says of those that are on their way. */
#ifndef ACTIONS_MAILS_H
#define ACTIONS_MAILS_H

#include "base/compiler.h"
#include "store/mails.h"

struct queue;
struct site;

/*
 * Adds to mails as store_mails() reads them what the queue (NULL = do not ask)
 * knows of the open ones: attempts, last reply, next attempt.  A queue that
 * does not answer leaves them as they are in the tables.
 */
void mails_hear(struct queue *q, const struct mail_rows *mails);

/* store_mails(), then the same by a connection of its own to the site's
 * queue. */
int mails_open(const struct site *site, const struct mail_filter *filter,
	       struct mail_rows *out, struct fault *why) MUST_USE;

#endif
