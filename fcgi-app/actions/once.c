/* SPDX-License-Identifier: MIT */
/* Books once for a slot, an address and a name. */
#include "config.h"

#include "actions/once.h"

#include "actions/change.h"
#include "base/alloc.h"
#include "base/ticks.h"
#include "domain/offer.h"
#include "http/request.h"
#include "store/bookings.h"
#include "store/slot.h"
#include "store/view.h"

#include <string.h>

#define RACES_MAX 8		/* people of one address at once */

/* Sends the link again, if it is not on its way and not too often. */
static bool send_again(struct call *call, const char *ref)
{
	struct fault why;
	struct booking_view v;
	struct change c;
	bool sent;

	if (store_booking_by_ref(call->site->store, ref, &v, &why) != 1)
		return false;
	c = change_begin(call, CHANGE_RESEND, &v, NULL);
	sent = change_do(&c) == FAIL_NONE;
	booking_view_release(&v);
	return sent;
}

/* Could as much be booked now?  STORE_REPLAYED if so, the refusal that a
 * stranger would get, or -1. */
static int room_now(struct call *call, const struct reserve_order *o,
		    struct fault *why)
{
	struct slot slot = { .id = o->b->slot_id };
	int r = store_slot(call->site->store, &slot, NULL, why);

	if (r != 1)
		return r < 0 ? -1 : STORE_NO_SLOT;
	if (slot.starts_at_s <= wall_ms() / 1000)
		return STORE_PAST;
	if (slot.closed || slot.capacity - slot.booked < o->b->seats)
		return STORE_FULL;
	return reserve_is_over(call, o) ? RESERVE_TOO_OFTEN : STORE_REPLAYED;
}

/* What a stranger's booking would look like, of what was typed. */
static void view_of_typed(const struct reserve_order *o,
			  struct booking_view *view)
{
	const struct booking_form *b = o->b;
	int64_t now_ms = wall_ms();

	*view = (struct booking_view){
		.seats = b->seats,
		.name = alloc_text(b->name),
		.email = alloc_text(b->email),
		.locale = alloc_text(""),
		.notes = alloc_text(""),
		.cancel_reason = alloc_text(""),
		.slot = *o->slot,
		.held = true,
		.created_at_s = now_ms / 1000,
		.offered_at_s = now_ms / 1000,
		.offer_until_s = offer_until_ms(&(struct offer_clock){
			.made_at_ms = now_ms,
			.starts_at_ms = o->slot->starts_at_s * 1000,
		}) / 1000,
	};
	service_copy(&view->service, o->service);
}

/* The same person has booked it before.  On STORE_HELD nothing is filled in
 * yet. */
static int answer_double(struct call *call, struct once *o, const char *ref,
			 struct fault *why)
{
	int r = room_now(call, &o->order, why);

	if (r == STORE_REPLAYED || r == STORE_FULL)
		o->sent = send_again(call, ref);
	if (r < 0)
		return reserve_failed(call, &o->order, why);
	if (r != STORE_REPLAYED) {
		reserve_counted(call, r, why);
		return r;
	}
	return o->order.service->confirm_min == 0 ? STORE_REPLAYED : STORE_HELD;
}

/*
 * The key is made of slot, address and a number, that of the address's other
 * bookings: so two posts at once have the same one.  If somebody else has taken
 * it the next is tried, after another look at who has booked: who has the same
 * name is found by then.
 */
int once_reserve(struct call *call, struct once *o, struct reserved *out,
		 struct fault *why)
{
	const struct booking_form *b = o->order.b;
	const struct booker who = { b->slot_id, b->email, b->name };
	int64_t number = -1;

	o->order.key = o->key;
	o->sent = false;
	for (int race = 0; race < RACES_MAX; race++) {
		struct booked_before before;
		int r = store_booked_before(call->site->store, &who, &before,
					    why);

		if (r < 0)
			return reserve_failed(call, &o->order, why);
		/* A booking that was moved away, say, is not counted. */
		number = before.others > number ? before.others : number + 1;
		booking_key_from_slot(b->slot_id, b->email, number, o->key);
		if (r == 1) {
			r = answer_double(call, o, before.ref, why);
			if (r == STORE_HELD) {
				memset(out, 0, sizeof(*out));
				view_of_typed(&o->order, &out->view);
			}
			return r;
		}
		r = reserve(call, &o->order, out, why);
		if (r == STORE_REPLAYED)
			booking_view_release(&out->view);
		else if (r != STORE_KEY_REUSED)
			return r;
	}
	(void)fault_set(why, FAULT_RETRY, "slot and address are in a race");
	return reserve_failed(call, &o->order, why);
}
