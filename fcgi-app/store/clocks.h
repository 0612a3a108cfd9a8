/* SPDX-License-Identifier: MIT */
/*
 * Slots by the clocks of their zone: whether they are still at the time that
 * was promised, after a new version of the time zones.
 */
#ifndef STORE_CLOCKS_H
#define STORE_CLOCKS_H

#include "domain/model.h"
#include "store/store.h"

enum clocks_found {
	CLOCKS_FIT,
	CLOCKS_MOVED,	/* clocks show another time than was promised */
	CLOCKS_LOST,	/* the system does not know its zone */
};

struct clocks_slot {
	struct slot slot;	/* its capacity is not read */
	char slug[65];		/* of its service */
	/* When it began by the clocks, as if they showed UTC; 0 = not written
	 * down yet. */
	int64_t wall_s;
	enum clocks_found found;
};

/* A walk through all slots that are ahead, by time; zeroed = its beginning. */
struct clocks_walk {
	int64_t from_s;
	int64_t after_service_id;	/* of those that begin at from_s */
	bool fill;		/* write down what was not yet */
	/* Called for each slot that does not fit. */
	void (*found)(void *arg, const struct clocks_slot *slot);
	void *arg;
};

/* Looks at the next 500 slots.  1, 0 = that was all, -1. */
int store_clocks_next(struct store *s, struct clocks_walk *walk,
		      struct fault *why) MUST_USE;

/* When it has to begin so that clocks show what was promised; false if they
 * skip that time.  Pure. */
bool store_clocks_promised(const struct clocks_slot *slot, int64_t *at_s_out);

/*
 * Moves a slot to starts_at_s with all its bookings and reminders, in one
 * transaction: calendars hear of it by a higher SEQUENCE, people by a mail if
 * tell.  Others may show the old time for a minute.  STORE_CHANGED,
 * STORE_MEANWHILE, STORE_NO_PLACE if its service has another slot there; -1.
 */
struct clocks_order {
	const struct clocks_slot *slot;
	int64_t starts_at_s;
	const struct store_actor *by;
	bool tell;
};
int store_clocks_mend(struct store *s, const struct clocks_order *order,
		      struct fault *why) MUST_USE;

#endif
