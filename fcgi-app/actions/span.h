/* SPDX-License-Identifier: MIT */
/* Which bookings or slots are asked for: of which service, of which days. */
#ifndef ACTIONS_SPAN_H
#define ACTIONS_SPAN_H

#include "base/compiler.h"
#include "base/fault.h"
#include "domain/fields.h"
#include "domain/model.h"

struct store;

/*
 * Reads the fields from and until, days as clocks in zone show them, both
 * included; without one *span keeps what it has.  What is wrong is noted in f:
 * on a page also a last day before the first one ("until_before").
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
