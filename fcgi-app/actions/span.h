/* SPDX-License-Identifier: MIT */
/* Which bookings or slots are asked for: of which service, of which days. */
#ifndef ACTIONS_SPAN_H
#define ACTIONS_SPAN_H

#include "base/compiler.h"
#include "base/fault.h"
#include "domain/fields.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

#define SPAN_EVER_S INT64_C(253402300799)	/* the year 9999 */

struct span {
	int64_t service_id;	/* 0 = all */
	int64_t from_s;		/* the first instant, Unix time */
	int64_t until_s;	/* the first one behind it */
	/* Set by the caller: a form for people.  An empty field is then absent,
	 * and a last day before the first one a mistake ("until_before"). */
	bool is_form;
};

/*
 * Reads the fields from and until, days as clocks in zone show them, both
 * included; without one *span keeps what it has.  What is wrong is noted in f.
 */
void span_days(struct fields *f, const char *zone, struct span *span);

/*
 * Reads them and service, a slug; the days are those of the service, of UTC
 * without one.  What is not asked for is not limited.  What is wrong is noted
 * in f.  0, or -1 with *why (as store_service_by_slug()).
 */
int span_read(struct store *s, struct fields *f, struct span *span,
	      struct fault *why) MUST_USE;

#endif
