/* SPDX-License-Identifier: MIT */
/*
 * What organisers' programs see below /api/v1/admin: one handler a resource,
 * and who may in.
 *
 * Handlers are only called for a request with a key that is in use, and with
 * one that may write unless the method is GET or HEAD.  admin_actor() is then
 * "key:NAME".
 */
#ifndef API_ACCESS_H
#define API_ACCESS_H

#include "base/compiler.h"

#include <stdbool.h>

struct call;

/* Is that path one of this interface's? */
bool api_admin_owns(const char *path);

/*
 * May this request go on?  If not it has been answered: 401 without a key that
 * is in use, be it absent, mistyped, unknown or revoked (nobody shall see
 * which); 403 if the key may only read; 503 if nobody can know.
 */
bool api_admin_allows(struct call *call);

/* ---- handlers -------------------------------------------------------------- */

/* api_admin_bookings.c */
void api_admin_bookings(struct call *call);	/* GET .../bookings */
void api_admin_booking(struct call *call);	/* GET .../bookings/{ref} */
/* The answer: the whole story of that booking, as it is now. */
void api_admin_send_story(struct call *call, const char *ref);

/* api_admin_change.c: POST .../bookings/{ref}/... */
void api_admin_resend(struct call *call);
void api_admin_email(struct call *call);	/* {"email": "..."} */
void api_admin_cancel(struct call *call);	/* {"reason": "..."} */
void api_admin_retry(struct call *call);	/* .../mails/{id}/retry */
void api_admin_abort(struct call *call);	/* .../mails/{id}/abort */

/* api_admin_services.c: .../services... */
void api_admin_services(struct call *call);		/* GET */
void api_admin_service_add(struct call *call);		/* POST */
void api_admin_service(struct call *call);		/* GET .../{slug} */
void api_admin_service_change(struct call *call);	/* PATCH */

/* api_admin_slots.c: .../services/{slug}/slots..., .../slots/{id} */
void api_admin_slots(struct call *call);		/* GET */
void api_admin_slots_add(struct call *call);		/* POST */
void api_admin_slots_plan(struct call *call);		/* POST .../plan */
void api_admin_slot(struct call *call);			/* GET .../{id} */
void api_admin_slot_change(struct call *call);		/* PATCH */
void api_admin_slot_remove(struct call *call);		/* DELETE */

/* api_admin_stats.c */
void api_admin_outbox(struct call *call);	/* GET .../outbox */
void api_admin_stats(struct call *call);	/* GET .../stats */

#endif
