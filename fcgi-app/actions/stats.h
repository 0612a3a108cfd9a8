/* SPDX-License-Identifier: MIT */
/* Bookings and mails, counted: the same for the shell and for programs. */
#ifndef ACTIONS_STATS_H
#define ACTIONS_STATS_H

#include "base/compiler.h"
#include "base/fault.h"

struct json_object;
struct store;

/*
 * Counts.  *out gets {services, slots_ahead, places_ahead, places_booked,
 * bookings, cancelled, erased, waiting, mails: [...]}; the caller frees it.
 * 0, or -1 with *why.
 */
int stats_read(struct store *s, struct json_object **out, struct fault *why)
	MUST_USE;

/*
 * Adds the list name of {state, cause, count, oldest_created_at} to an object:
 * the mails by state and cause.  0, or -1.
 */
int stats_put_mails(struct store *s, struct json_object *to, const char *name,
		    struct fault *why) MUST_USE;

#endif
