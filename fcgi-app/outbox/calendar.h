/* SPDX-License-Identifier: MIT */
/* A booking as an entry of a calendar: the same in mails and on its page. */
#ifndef OUTBOX_CALENDAR_H
#define OUTBOX_CALENDAR_H

#include "base/buf.h"
#include "domain/model.h"
#include "domain/zone.h"

struct lang;

struct calendar_entry {
	char *uid;
	const char *summary;	/* both borrowed from the booking */
	const char *location;
	char *description;
	int64_t sequence;
	char stamp[ZONE_ISO_SIZE];
	char start[ZONE_ISO_SIZE];
	char end[ZONE_ISO_SIZE];
};

/*
 * Makes the entry of v in language l.  Calendars are shared, so nothing in it
 * opens the booking.  *out is released by calendar_entry_release().
 */
void calendar_entry_make(const struct booking_view *v, const struct lang *l,
			 struct calendar_entry *out);
void calendar_entry_release(struct calendar_entry *entry);

/* "2 places", in that language, appended to out. */
void calendar_seats(const struct lang *l, int64_t seats, struct buf *out);

#endif
