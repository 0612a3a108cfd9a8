/* SPDX-License-Identifier: MIT */
/* What programs see: JSON, errors as RFC 9457. */
#ifndef API_H
#define API_H

#include "compiler.h"

struct call;

void api_services(struct call *call);	/* GET /api/v1/services */
void api_slots(struct call *call);	/* GET /api/v1/services/{}/slots */
void api_book(struct call *call);	/* POST /api/v1/bookings */
void api_booking(struct call *call);	/* GET /api/v1/bookings/{cap} */

#endif
