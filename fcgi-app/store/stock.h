/* SPDX-License-Identifier: MIT */
/*
 * Slots that are there: adding one, its places, closing it, removing it.
 *
 * Each in one transaction with its line in the record of who did what.
 */
#ifndef STORE_STOCK_H
#define STORE_STOCK_H

#include "domain/model.h"
#include "store/store.h"

/* Adds a slot (id and booked are ignored).  1 added, 0 the service has one at
 * that time already (*id_out is its id), -1. */
int store_slot_add(struct store *s, const struct slot *slot, int64_t *id_out,
		   struct fault *why) MUST_USE;

/* What becomes of a slot of a service. */
struct slot_change {
	const char *slug;	/* the service's */
	const struct store_actor *by;
	int64_t capacity;	/* 0 = as it is */
	bool sets_closed;	/* else that is as it is, too */
	bool closed;		/* it takes no more bookings, moves, offers */
};

/*
 * Changes a slot, its places in the one statement that also asks whether more
 * are taken.  What was booked or offered stays.  Places that become free go to
 * those waiting, in the relay's next rounds.  STORE_CHANGED with *slot as it is
 * now, STORE_NO_PLACE (slot->booked are taken), STORE_MEANWHILE (no such slot),
 * -1.
 */
int store_slot_change(struct store *s, struct slot *slot,
		      const struct slot_change *change, struct fault *why)
	MUST_USE;

/* Takes a slot away that nobody ever booked or waited for; of the change, slug
 * and by are read.  STORE_CHANGED (also if it was gone), STORE_NO_PLACE
 * (somebody did), -1. */
int store_slot_remove(struct store *s, const struct slot *slot,
		      const struct slot_change *change, struct fault *why)
	MUST_USE;

#endif
