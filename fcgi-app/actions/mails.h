/* SPDX-License-Identifier: MIT */
/* Lists of mails, with what the queue says of those that are on their way. */
#ifndef ACTIONS_MAILS_H
#define ACTIONS_MAILS_H

#include "base/compiler.h"
#include "store/mails.h"

struct queue;
struct site;

/*
 * store_mails(), and what the queue (NULL = do not ask) knows of the open ones:
 * attempts, last reply, next attempt.  A queue that does not answer leaves them
 * as they are in the tables.
 */
int mails_read(struct store *s, struct queue *q,
	       const struct mail_filter *filter, size_t max,
	       struct mail_row **out, size_t *count_out, struct fault *why)
	MUST_USE;

/* The same by a connection of its own to the site's queue. */
int mails_open(const struct site *site, const struct mail_filter *filter,
	       size_t max, struct mail_row **out, size_t *count_out,
	       struct fault *why) MUST_USE;

#endif
