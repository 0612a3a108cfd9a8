/* SPDX-License-Identifier: MIT */
/* What programs see: JSON, errors as RFC 9457. */
#ifndef API_BOOK_H
#define API_BOOK_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

struct call;
struct booking_form;
struct booking_view;
struct form;
struct fault;

void api_services(struct call *call);	/* GET /api/v1/services */
void api_slots(struct call *call);	/* GET /api/v1/services/{}/slots */
void api_book(struct call *call);	/* POST /api/v1/bookings */
void api_booking(struct call *call);	/* GET /api/v1/bookings/{cap} */

/* api_change.c: POST /api/v1/bookings/{cap}/... */
void api_cancel(struct call *call);
void api_move(struct call *call);	/* {"slot": 7} */
void api_email(struct call *call);	/* {"email": "..."} */

void api_doc(struct call *call);	/* api_doc.c: GET /api/v1/openapi.json */

/*
 * Reads a JSON body, which may lack where nothing need be said.  False if it is
 * none and has been answered.  The caller releases *f in any case.
 */
bool api_read_body(struct call *call, bool needed, struct form *f);

/* Parts of answers: the whole booking; 422 with what is wrong; a database that
 * is away. */
void api_send_booking(struct call *call, const struct booking_view *view);
void api_fail_fields(struct call *call, const struct booking_form *b,
		     int64_t capacity);
/* 422 for one field, by its code. */
void api_fail_field(struct call *call, const char *field, const char *code);
void api_fail_store(struct call *call, const struct fault *why);

#endif
