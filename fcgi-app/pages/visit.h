/* SPDX-License-Identifier: MIT */
/* What the pages below a capability have in common. */
#ifndef PAGES_VISIT_H
#define PAGES_VISIT_H

#include "answer/fail.h"
#include "base/compiler.h"
#include "domain/model.h"
#include "site/site.h"

#include <stdbool.h>

struct form;
struct json_object;

/*
 * Opens the booking of the first argument in its own language, with the headers
 * of a secret page.  False if it has been answered (404, 503) already; else
 * *out is to be released with booking_view_release().
 */
bool visit_open(struct call *call, struct booking_view *out);

/* The same for a place in the waiting list. */
bool visit_open_waiting(struct call *call, struct waiting_view *out);

/* Reads a posted form of ours; answers 400 or 415 and returns false if it is
 * none.  The caller releases *f. */
bool visit_read_form(struct call *call, struct form *f);

/* Values of a page below the capability; part is "" or "/cancel". */
struct json_object *visit_page(struct call *call, const struct booking_view *v,
			       const char *part, const char *title)
	MUST_USE RETURNS_NONNULL;

/* 303 to the booking's page, and to a part of it. */
void visit_see(struct call *call, const struct booking_view *v,
	       const char *part);

/* The visitor, as whom the history names: for what leads to no mail to anybody
 * but the organiser; all else is mailing.h's. */
struct store_actor visit_actor(const struct call *call);

/* What keeps a visitor from changing it, FAIL_NONE if nothing does. */
enum fail_kind visit_hindrance(const struct booking_view *v);

/* Adds name: {date, time} of an instant in that zone. */
void visit_put_instant(const struct call *call, struct json_object *to,
		       const char *name, int64_t at_s, const char *zone);

#endif
