/* SPDX-License-Identifier: MIT */
/*
 * Lists of bookings for organisers.
 *
 * They are heap arrays that the caller frees with free().
 */
#ifndef STORE_BOOKINGS_H
#define STORE_BOOKINGS_H

#include "domain/model.h"
#include "domain/phone.h"
#include "store/store.h"

/* Has a mail to the visitor come back, and no later one been sent since? */
enum booking_returned { RETURNED_NONE, RETURNED_LIKELY, RETURNED_SURELY };

/* One booking as a list shows it. */
struct booking_row {
	int64_t id;
	char ref[STORE_REF_LEN + 1];
	char name[4 * 200 + 1];
	char email[255];
	char notes[4 * 4000 + 1];
	int64_t seats;
	bool cancelled;
	bool erased;
	int64_t starts_at_s;
	int64_t ends_at_s;
	int64_t created_at_s;
	char service[4 * 200 + 1];	/* its name */
	char slug[65];
	char zone[STORE_ZONE_MAX + 1];	/* the slot's */
	int64_t open_mails;	/* begun, and not final */
	int64_t bad_mails;	/* dead, expired or surely returned, and no
				   later one sent */
	enum booking_returned returned;
	char phone[4 * PHONE_MAX + 1];	/* the first that was given; or "" */
};

struct booking_rows {
	struct booking_row *list;	/* on the heap */
	size_t count;
	int64_t more_s;	/* store_bookings_page() alone: looked through up to
			   here, there may be more behind it; 0 = to the end */
};

/* The bookings of a service, by time and name.  0, or -1. */
int store_bookings_of_day(struct store *s, const struct span *span,
			  struct booking_rows *out, struct fault *why)
	MUST_USE;

/* Which bookings, and behind which one: the end of the page before. */
struct booking_filter {
	struct span span;
	const char *ref;	/* "" = any */
	const char *text;	/* begins address or a word of the name, or is
				   in the name of one of the newest 1,000; "" =
				   any */
	int64_t after_s;	/* its start and its id; 0 and 0 = first */
	int64_t after_id;	/* page */
};

/*
 * The bookings with that reference ("" = none) or with that text, also at the
 * end of a telephone number; the newest first, of all services and times.  Of a
 * text that more than 1,000 have, some of them and the newest.
 */
int store_bookings_find(struct store *s, const struct booking_filter *f,
			struct booking_rows *out, struct fault *why) MUST_USE;

/*
 * In order of time.  What it reads does not grow with what there is: among very
 * many that are not meant it ends early, maybe without any, and says in more_s
 * behind which time to go on.
 */
int store_bookings_page(struct store *s, const struct booking_filter *f,
			struct booking_rows *out, struct fault *why) MUST_USE;

/* Somebody who may have booked a slot. */
struct booker {
	int64_t slot_id;
	const char *email;
	const char *name;
};

/* What they have booked of it. */
struct booked_before {
	char ref[STORE_REF_LEN + 1];	/* of the one that is not cancelled */
	int64_t others;	/* the address's that are cancelled, or for others */
};

/*
 * Have they a booking of the slot that is not cancelled?  Addresses and names
 * are compared as people do: without case, and a name without accents and
 * blanks.  1, 0, -1.
 */
int store_booked_before(struct store *s, const struct booker *who,
			struct booked_before *out, struct fault *why) MUST_USE;

#endif
