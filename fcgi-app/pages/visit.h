/* SPDX-License-Identifier: MIT */
/* What the pages below a capability have in common. */
#ifndef PAGES_VISIT_H
#define PAGES_VISIT_H

#include "base/compiler.h"
#include "domain/model.h"
#include "site/site.h"

#include <stdbool.h>

struct json_object;

/*
 * Opens the booking of the first argument in its own language, with the headers
 * of a secret page.  False if it has been answered (404, 503) already; else
 * *out is to be released with booking_view_release().
 */
bool visit_open(struct call *call, struct booking_view *out);

/* The same for a place in the waiting list. */
bool visit_open_waiting(struct call *call, struct waiting_view *out);

/* Values of a page below the capability; part is "" or "/cancel". */
struct json_object *visit_page(struct call *call, const struct booking_view *v,
			       const char *part, const char *title)
	MUST_USE RETURNS_NONNULL;

/* 303 to the booking's page. */
void visit_see(struct call *call, const struct booking_view *v);

#endif
