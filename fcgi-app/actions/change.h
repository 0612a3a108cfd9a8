/* SPDX-License-Identifier: MIT */
/*
 * What organisers ask and do about one booking, the same by a page and by a
 * program: may it be done at all, in which order, and the line in the log.
 *
 * The changes themselves are those of store/change.h and store/mails.h.
 */
#ifndef ACTIONS_CHANGE_H
#define ACTIONS_CHANGE_H

#include "base/compiler.h"
#include "domain/model.h"
#include "domain/refusal.h"
#include "site/site.h"

#include <stdbool.h>
#include <stdint.h>

struct story;

#define ORGANISE_REASON_MAX 500	/* characters, as the column */

/*
 * What keeps organisers from changing a booking, FAIL_NONE if nothing does.
 * mails: the change sends a confirmation, which nobody needs when it is over.
 * Notices do not bind organisers.  Pure.
 */
enum fail_kind organise_hindrance(const struct booking_view *v, bool mails,
				  int64_t now_s);

/* Trims a reason for cancelling in place; NULL if a visitor cannot be told it
 * (invisible characters, too long).  Pure. */
const char *organise_reason(char *text);

/*
 * Opens a dead or expired mail of the booking again, or ends an open one; id
 * may be any text.  STORE_CHANGED, STORE_MEANWHILE (there is no such mail in
 * such a state), -1.
 */
int organise_retry(const struct site *site, const struct booking_view *v,
		   const char *id, const struct store_actor *by,
		   struct fault *why) MUST_USE;
/* The same by a connection that is there. */
struct queue;
int organise_retry_by(struct store *s, struct queue *q,
		      const struct booking_view *v, const char *id,
		      const struct store_actor *by, struct fault *why)
	MUST_USE;
int organise_abort(const struct site *site, const struct booking_view *v,
		   const char *id, const struct store_actor *by,
		   struct fault *why) MUST_USE;

/* Writes the log line for what came of it: a change or a fault. */
void organise_log(const struct call *call, const char *ref, const char *what,
		  int result, const struct fault *why);

/* The booking's story, as story_read(), by a connection to the queue of its
 * own: who looks at a story shall not wait for those that bookings use, nor
 * break them. */
int organise_story(const struct site *site, const char *ref,
		   struct story *out, struct fault *why) MUST_USE;

#endif
