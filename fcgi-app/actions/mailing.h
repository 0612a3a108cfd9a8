/* SPDX-License-Identifier: MIT */
/*
 * What a visitor does to a booking or in a waiting list that leads to mails: the
 * one way there, for pages, programs and forms of other sites.
 *
 * Each act is counted first (quota.h); one that leads to nothing is not.  Making
 * a booking is reserve.h's, in the same way; what organisers do (organise.h) has
 * no limit.
 *
 * Erasing and leaving a line are not counted: nobody shall be kept from it.  At
 * most one mail comes of each, to somebody else, and there is no more of them
 * than of bookings and places in line, which are counted.
 */
#ifndef ACTIONS_MAILING_H
#define ACTIONS_MAILING_H

#include "base/compiler.h"
#include "domain/booking.h"
#include "domain/model.h"
#include "domain/refusal.h"
#include "site/site.h"

/* Beside what store_changed says: over a limit of mails, nothing was done. */
#define MAILING_OVER (STORE_CHANGED_LAST + 1)

/* What keeps a visitor from moving it once more: FAIL_MOVES, or FAIL_NONE. */
enum fail_kind mailing_moves(const struct site *site,
			     const struct booking_view *v);

/* Each returns a store_changed, MAILING_OVER, or -1 (as in store/change.h). */
int mailing_move(struct call *call, const struct booking_view *v,
		 const struct slot *to, struct fault *why) MUST_USE;
int mailing_readdress(struct call *call, struct booking_view *v,
		      const char *email, struct fault *why) MUST_USE;
int mailing_resend(struct call *call, const struct booking_view *v,
		   struct fault *why) MUST_USE;

/* Never refused for a limit: over it, the visitor gets no mail about it. */
int mailing_cancel(struct call *call, const struct booking_view *v,
		   struct fault *why) MUST_USE;

/* The same: the place was kept for them, and its booking needs its link. */
int mailing_take(struct call *call, const struct waiting_view *w,
		 char ref_out[STORE_REF_LEN + 1], struct fault *why) MUST_USE;

/*
 * Puts who filled in b into the line of its slot; key (NULL = none) is that of
 * the form.  STORE_CHANGED, which says nothing about who was in it before,
 * STORE_NO_PLACE if there is no such slot, MAILING_OVER, or -1.
 */
int mailing_wait(struct call *call, const struct booking_form *b,
		 const uint8_t *key, struct fault *why) MUST_USE;

#endif
