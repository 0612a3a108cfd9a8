/* SPDX-License-Identifier: MIT */
/* What the files of notification share. */
#ifndef OUTBOX_NOTIFICATION_IMPL_H
#define OUTBOX_NOTIFICATION_IMPL_H

#include "base/buf.h"
#include "base/compiler.h"
#include "domain/model.h"
#include "domain/token.h"
#include "outbox/notification.h"

#include <stdbool.h>
#include <time.h>

struct json_object;
struct lang;

/* What several parts of the envelope say; made once. */
struct telling {
	const struct notification_opts *opts;
	const struct booking_view *view;
	const struct notification *row;
	const struct lang *lang;
	const char *zone;	/* the slot's, or "UTC" */
	struct tm starts;	/* local */
	struct tm ends;
	int starts_offset_s;
	int ends_offset_s;
	char ref[TOKEN_REF_LEN + 2];	/* as shown */
	char *manage_url;
	struct buf seats;
};

/* The invitation, or its withdrawal. */
void notification_put_calendar(struct json_object *data,
			       const struct telling *t);

/* schema.org's EventReservation. */
void notification_put_jsonld(struct json_object *data,
			     const struct telling *t);

/* Is the mail about a booking that is not to take place? */
bool notification_is_cancel(const struct telling *t);

#endif
