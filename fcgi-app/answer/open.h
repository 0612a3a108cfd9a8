/* SPDX-License-Identifier: MIT */
/*
 * What a request names and brings: read here once, for all faces.
 *
 * A function that returns false has answered the call, as fail() does.
 */
#ifndef ANSWER_OPEN_H
#define ANSWER_OPEN_H

#include "base/compiler.h"
#include "site/site.h"
#include "store/change.h"

#include <stdbool.h>

struct form;

/* ---- what the address names --------------------------------------------- */

/*
 * Answers what a search found: 0 = nothing (404), -1 = the database is away
 * (503, and a line in the log that names what).  True for 1.
 */
bool open_found(struct call *call, int found, const char *what,
		const struct fault *why);

/* The service, by the first argument; service_release(). */
bool open_service(struct call *call, struct service *out);

/* The slot with that number, as it is now, and its service; service_release().
 * A page says that there is no such time. */
bool open_slot(struct call *call, const char *number, struct slot *slot,
	       struct service *service);

/* The booking, by the first argument: a capability, or, where only organisers
 * come, a reference; booking_view_release(). */
bool open_booking(struct call *call, struct booking_view *out);
bool open_booking_by_ref(struct call *call, struct booking_view *out);

/* ---- what was sent with it ---------------------------------------------- */

/*
 * Reads a posted form of ours (400, 415), which may be empty, and takes the
 * language that it names.  The caller releases *f if it was read.
 */
bool open_form(struct call *call, struct form *f);

/*
 * Reads a JSON body, which may be absent where it is not needed (400, 415).
 * The caller releases *f in any case.
 */
bool open_json(struct call *call, bool needed, struct form *f);

/*
 * open_service() and open_slot() by the first argument, with what was sent: a
 * form of ours, or from a program a JSON body.  The caller releases *f and
 * *service if true.
 */
bool open_service_sent(struct call *call, struct service *service,
		       struct form *f);
bool open_slot_sent(struct call *call, struct slot *slot,
		    struct service *service, struct form *f);

/* Reads a form or a JSON body, by its type (400, 415).  The caller releases *f
 * in any case. */
bool open_body(struct call *call, struct form *f);

/* ---- who asks ----------------------------------------------------------- */

/* Who has signed in, or whose key it is, as the history names them. */
struct store_actor admin_actor(const struct call *call);

#endif
