/* SPDX-License-Identifier: MIT */
/*
 * What organisers do to services and slots: each in one transaction with its
 * line in the record of who did what.
 *
 * What is put in was checked before, by service_form.h and slot_form.h.
 * Returns -1 as the rest of the store; a lost COMMIT is carried out once more,
 * and finds what is there.
 */
#ifndef STORE_PLAN_H
#define STORE_PLAN_H

#include "base/compiler.h"
#include "domain/plan.h"
#include "store/change.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 1 added, 0 a service has that slug already (*id_out is its id), -1. */
int store_offer_service(struct store *s, const struct service *service,
			const struct store_actor *by, int64_t *id_out,
			struct fault *why) MUST_USE;

/* Writes all of a service but its id and slug.  Other processes may show what
 * was there for a minute more.  0, or -1. */
int store_alter_service(struct store *s, const struct service *service,
			const struct store_actor *by, struct fault *why)
	MUST_USE;

/*
 * Adds count slots of one service, all or none.  Their ids are filled in.
 * 1 added; 0 if the service has one at one of these times already: *there_out
 * is its place in slots; -1.
 */
int store_offer_slots(struct store *s, const struct service *service,
		      struct slot *slots, size_t count,
		      const struct store_actor *by, size_t *there_out,
		      struct fault *why) MUST_USE;

/* Marks what is there already.  0, or -1. */
int store_plan_look(struct store *s, const struct service *service,
		    struct slot_plan *plan, struct fault *why) MUST_USE;

/* Adds those that are new; what turns out to be there is marked so.  0, or -1
 * and nothing was added. */
int store_plan_add(struct store *s, const struct service *service,
		   struct slot_plan *plan, const struct store_actor *by,
		   struct fault *why) MUST_USE;

/* ---- slots that are there --------------------------------------------- */

/* What is ahead of one service. */
struct service_numbers {
	int64_t service_id;
	int64_t slots;
	int64_t capacity;	/* of closed slots what is booked */
	int64_t booked;
	int64_t next_at_s;	/* the next beginning */
	char next_zone[STORE_ZONE_MAX + 1];	/* of that slot */
};

/* Of each service that has a slot ahead, by service_id; a heap array for
 * free().  0, or -1. */
int store_service_numbers(struct store *s, struct service_numbers **out,
			  size_t *count_out, struct fault *why) MUST_USE;

/* What becomes of a slot. */
struct slot_change {
	int64_t capacity;	/* 0 = as it is */
	bool sets_closed;	/* else that is as it is, too */
	bool closed;		/* it takes no more bookings, moves, offers */
};

/*
 * Changes a slot, its places in the one statement that also asks whether more
 * are taken.  What was booked or offered stays.  Places that become free go to
 * who waits for them within the relay's next rounds.  STORE_CHANGED with *slot
 * as it is now, STORE_NO_PLACE (slot->booked are taken), STORE_MEANWHILE (no
 * such slot), -1.
 */
int store_slot_change(struct store *s, struct slot *slot, const char *slug,
		      const struct slot_change *change,
		      const struct store_actor *by, struct fault *why)
	MUST_USE;

/* Takes a slot away that nobody ever booked or waited for.  STORE_CHANGED (also
 * if it was gone), STORE_NO_PLACE (somebody did), -1. */
int store_slot_remove(struct store *s, const struct slot *slot,
		      const char *slug, const struct store_actor *by,
		      struct fault *why) MUST_USE;

#endif
