/* SPDX-License-Identifier: MIT */
/* Slots: which a service has, and one by itself. */
#ifndef STORE_SLOT_H
#define STORE_SLOT_H

#include "domain/model.h"
#include "store/store.h"

/* Slots of a service, ordered by time; and those that are neither full nor
 * closed.  0, or -1.  The caller frees out->list. */
int store_slots(struct store *s, const struct span *span, struct slots *out,
		struct fault *why) MUST_USE;
int store_slots_free(struct store *s, const struct span *span,
		     struct slots *out, struct fault *why) MUST_USE;

/* The slot, which comes with its id, and its service (service_out may be NULL);
 * store_slot_cached() may take it from a cache of this process (at most 60 s
 * old, capacity and booked stale).  1 found, 0 not, -1 fault. */
int store_slot(struct store *s, struct slot *slot, struct service *service_out,
	       struct fault *why) MUST_USE;
int store_slot_cached(struct store *s, struct slot *slot,
		      struct service *service_out, struct fault *why) MUST_USE;

#endif
