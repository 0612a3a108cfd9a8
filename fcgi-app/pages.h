/* SPDX-License-Identifier: MIT */
/* What people see: one handler a page. */
#ifndef PAGES_H
#define PAGES_H

#include "compiler.h"

struct call;

/* pages.c */
void pages_services(struct call *call);		/* GET / */
void pages_service(struct call *call);		/* GET /s/{service} */
void pages_problem(struct call *call);		/* GET /problems/{type} */

/* page_book.c */
void pages_form(struct call *call);		/* GET /s/{service}/{slot} */
void pages_book(struct call *call);		/* POST /bookings */

/* page_booking.c */
void pages_booking(struct call *call);		/* GET /b/{cap} */

/* page_health.c */
void pages_healthz(struct call *call);		/* GET /healthz */
void pages_readyz(struct call *call);		/* GET /readyz */

#endif
