/* SPDX-License-Identifier: MIT */
/*
 * What is true of a mail, in one word that the catalogues and the JSON
 * interface know.  Pure.
 */
#ifndef OUTBOX_MAILSTATE_H
#define OUTBOX_MAILSTATE_H

#include "base/compiler.h"
#include "domain/model.h"
#include "outbox/publish.h"

#include <stdbool.h>
#include <stddef.h>

enum mailstate {
	MAILSTATE_WAITING,	/* nothing was tried yet */
	MAILSTATE_RETRYING,	/* the mail server put it off */
	MAILSTATE_UNREACHED,	/* no mail server has answered yet */
	MAILSTATE_ACCEPTED,	/* the mail server has it */
	MAILSTATE_DELAYED,	/* and has said that it still tries */
	MAILSTATE_DELIVERED,	/* and has said that it is in the mailbox */
	MAILSTATE_MAYBE_RETURNED, /* it came back, if that is no forgery */
	/* What follows is over, and did not go well. */
	MAILSTATE_RETURNED,	/* it was taken, and came back */
	MAILSTATE_ADDRESS,	/* refused: there is no such mailbox */
	MAILSTATE_MAILBOX_FULL,
	MAILSTATE_MESSAGE,	/* refused: what is sent, or who sends it */
	MAILSTATE_MAYBE,	/* perhaps sent, never confirmed */
	MAILSTATE_FAILED,	/* a fault on our side */
	MAILSTATE_EXPIRED,
	MAILSTATE_ABORTED,	/* taken back */
};

/*
 * Decided from the row's state and, of a dead letter, from the class word that
 * its reason begins with and what the reply behind it says: see answer.h, also
 * for the recipient.  What was heard since counts for a mail that was sent, or
 * may have been; a complaint only tells organisers something.
 */
enum mailstate mailstate_of(const struct notification *n,
			    const char *recipient);

/*
 * Brings a row that is open up to what the queue knows of its mail: one that
 * has just ended is shown as ended, though its verdict is not recorded yet; of
 * one that was set aside the reason is kept, which tells a server that puts
 * off from one that does not answer.
 */
void mailstate_hear(struct notification *n, const struct publish_seen *seen);

/* When it became so, in Unix ms; 0 = it is open. */
int64_t mailstate_since_ms(const struct notification *n, enum mailstate state);

/* "accepted", "bad_address": web.mail.WORD in the catalogues. */
const char *mailstate_word(enum mailstate state);

/* The mail server's own words, "" if it was not, or not surely, the server who
 * spoke.  Borrowed from *n. */
const char *mailstate_reply(const struct notification *n);

/* Is it over, and did it not go well? */
bool mailstate_is_bad(enum mailstate state);

/* Did it reach the mail server, and is nothing worse known of it? */
bool mailstate_is_good(enum mailstate state);

/* For organisers, whoever it is to: did it surely reach nobody? */
bool mailstate_lost(const struct notification *n);

/*
 * The mail that a booking's page tells of: the newest to the visitor that has
 * begun and was not taken back, else the newest taken back.  NULL if there is
 * none.
 */
const struct notification *mailstate_latest(const struct notification *list,
					    size_t count, int64_t now_ms);

/*
 * When, in Unix ms, a visitor, who waits pause_ms after this mail (NULL =
 * none), may have it sent again; 0 = now.
 */
int64_t mailstate_again_ms(const struct notification *last, int64_t pause_ms,
			   int64_t now_ms);

#endif
