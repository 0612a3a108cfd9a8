/* SPDX-License-Identifier: MIT */
/* How services, slots and bookings look in JSON. */
#ifndef API_VALUES_H
#define API_VALUES_H

#include "base/compiler.h"
#include "domain/model.h"
#include "site/site.h"

struct json_object;

void api_put_service(const struct call *call, struct json_object *to,
		     const struct service *service);

/* Adds what it asks: "questions", in the language of the answer. */
void api_put_questions(const struct call *call, struct json_object *to,
		       const struct service *service);

/* Times with the offset of the slot's zone, and the zone beside them. */
void api_put_slot(struct json_object *to, const struct slot *slot);

/* Adds "text": the slot as one reads it in a list whose times are in zone, in
 * the answer's language. */
void api_put_slot_text(const struct call *call, struct json_object *to,
		       const struct slot *slot, const char *zone);

/* A booking whose address is to be confirmed: no link and no reference. */
void api_put_held(const struct call *call, struct json_object *to,
		  const struct booking_view *view);

/* A place in line, or a booking that is to be confirmed, for whoever has its
 * link; word: what it is now. */
void api_put_waiting(const struct call *call, struct json_object *to,
		     const struct booking_view *view, const char *word);

/* The booking with its links and messages (there may be none: none known; the
 * organiser's are left out). */
struct notifications;
void api_put_booking(const struct call *call, struct json_object *to,
		     const struct booking_view *view,
		     const struct notifications *mails);

#endif
