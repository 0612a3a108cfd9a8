/* SPDX-License-Identifier: MIT */
/* What programs see: JSON, errors as RFC 9457. */
#ifndef API_BOOK_H
#define API_BOOK_H

#include "base/compiler.h"


struct call;
struct booking_view;

void api_services(struct call *call);	/* GET /api/v1/services */
void api_slots(struct call *call);	/* GET /api/v1/services/{}/slots */
void api_book(struct call *call);	/* POST /api/v1/bookings */
void api_booking(struct call *call);	/* GET /api/v1/bookings/{cap} */

/* api_change.c: POST /api/v1/bookings/{cap}/... */
void api_cancel(struct call *call);
void api_move(struct call *call);	/* {"slot": 7} */
void api_email(struct call *call);	/* {"email": "..."} */

void api_doc(struct call *call);	/* api_doc.c: GET /api/v1/openapi.json */

/* Part of answers: the whole booking. */
void api_send_booking(struct call *call, const struct booking_view *view);

#endif
