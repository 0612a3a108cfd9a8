/* SPDX-License-Identifier: MIT */
/*
 * Lists of mails, giving up on one or trying it again.
 *
 * Lists are heap arrays that the caller frees with free().
 */
#ifndef STORE_MAILS_H
#define STORE_MAILS_H

#include "domain/model.h"
#include "store/store.h"

/* One mail as a list shows it. */
struct mail_row {
	char ref[STORE_REF_LEN + 1];	/* "" if about the waiting list */
	char name[4 * 200 + 1];		/* the visitor's; "" = none, erased */
	struct notification mail;
	int64_t next_at_ms;	/* of the next attempt; 0 = none, or unknown:
				   store_mails() does not fill it */
};

#define STORE_CAUSE_MAX 64

struct mail_filter {
	int state;		/* a notification_state, or -1 = all */
	const char *cause;	/* as mail_cause has it; "" = all */
	int64_t before_id;	/* older than that one; 0 = from the newest */
	size_t max;		/* at most so many */
};

struct mail_rows {
	struct mail_row *list;
	size_t count;
};

/* The newest first. */
int store_mails(struct store *s, const struct mail_filter *filter,
		struct mail_rows *out, struct fault *why) MUST_USE;

/* How many mails are in a state for a cause: the text before the first colon of
 * a dead one's reply ("rejected"); of a sent one its fate ("returned"); "" for
 * all others. */
struct mail_cause {
	enum notification_state state;
	char cause[STORE_CAUSE_MAX + 1];
	int64_t count;
	int64_t oldest_ms;
	enum queue_fate fate;	/* of which cause is the word */
};
int store_mail_causes(struct store *s, struct mail_cause **out,
		      size_t *count_out, struct fault *why) MUST_USE;

/* One mail of a booking, and who wants it done. */
struct mail_order {
	int64_t booking_id;
	const char *id;
	const struct store_actor *by;
};

/*
 * Retry opens a dead or expired row again, with a new life; the caller has
 * given its job back to the queue before.  Abort ends an open one.
 * STORE_CHANGED, STORE_MEANWHILE (it is not in such a state), -1.
 */
int store_mail_retry(struct store *s, const struct mail_order *order,
		     struct fault *why) MUST_USE;
int store_mail_abort(struct store *s, const struct mail_order *order,
		     struct fault *why) MUST_USE;

#endif
