/* SPDX-License-Identifier: MIT */
/* Notifications: a booking as the envelope that maild can make a mail of. */
#ifndef OUTBOX_NOTIFICATION_H
#define OUTBOX_NOTIFICATION_H

#include "base/compiler.h"
#include "domain/model.h"
#include "domain/offer.h"
#include "domain/token.h"

struct lang_set;

/* A mail is not sent later than this after it was due: maild's limit. */
#define NOTIFICATION_LIFE_MS (INT64_C(5) * 24 * 3600 * 1000)

struct notification_opts {	/* all borrowed */
	const char *base_url;		/* "https://example.fr", no slash */
	bool jsonld;			/* mails say it for programs, too */
	struct token_key key;
	const struct lang_set *langs;
	struct quiet_hours quiet;	/* offers have more time by these */
	/* What mails look like; NULL or "" = without. */
	const char *site_name;		/* the organisation's */
	const char *site_logo;		/* path below base_url */
	const char *accent;		/* "#rrggbb" in a light mail ... */
	const char *dark_accent;	/* ... and in a dark one */
};

/*
 * Makes the envelope of one row of the outbox from what is known of the booking
 * (or of the place in the waiting list, if row says so).  Depends on nothing
 * else, so that a repeated one is the same as the first unless the booking has
 * changed.  Of row the id, kind, detail and times are read.
 *
 * A zone that this system does not know any more never stops a mail: times are
 * then given in UTC.  Returns the JSON text; the caller frees it.
 */
char *notification_envelope(const struct notification_opts *opts,
			    const struct booking_view *view,
			    const struct notification *row)
	MUST_USE RETURNS_NONNULL;

#endif
