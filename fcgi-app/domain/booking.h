/* SPDX-License-Identifier: MIT */
/*
 * The rules of a booking: which forms are accepted, what may still be done with
 * it, which other times to offer.  Pure: no I/O, no clock.
 */
#ifndef DOMAIN_BOOKING_H
#define DOMAIN_BOOKING_H

#include "base/compiler.h"
#include "domain/address.h"
#include "domain/answers.h"
#include "domain/fields.h"
#include "domain/model.h"
#include "domain/refusal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOOKING_NAME_MAX 80	/* characters */
#define BOOKING_NOTES_MAX 500	/* characters */
#define BOOKING_SEATS_MAX 1000

/* A form that was read: values fit to be kept, and what is wrong. */
struct booking_form {
	struct fields fields;	/* its errors; none: the rest is good */
	int64_t slot_id;	/* 0 if wrong */
	int64_t seats;		/* 1 if wrong */
	char name[4 * BOOKING_NAME_MAX + 1];
	char email[ADDRESS_MAX + 1];	/* normalised, "" if wrong */
	char notes[4 * BOOKING_NOTES_MAX + 1];	/* lines end in \n; or "" */
	struct answers answers;
	struct questions *questions;	/* to which they are */
};

/*
 * Reads the fields slot, name, email, seats (1 if absent) and notes (may be
 * absent).  Each field has at most one error, in the order of the page.
 */
void booking_form_read(const struct form *form, struct booking_form *out);

/* Reads the field email alone into out ("" if wrong).  Returns the code of what
 * is wrong with it, or NULL. */
const char *booking_email_read(const struct form *f,
			       char out[ADDRESS_MAX + 1]);

/* Refuses more seats than the slot ever had ("seats_many"), and than anybody
 * may have at once ("seats_over"; most = 0: as many as there are); what was
 * said of another number before is forgotten.  Returns whether they fit. */
bool booking_form_limit(struct booking_form *b, int64_t capacity,
			int64_t most);

/*
 * Reads the answers to these questions (NULL = nothing is asked), for b's
 * seats; what was read of answers before is forgotten, with its errors.
 * Returns whether all of them are good.  Then booking_form_release().
 */
bool booking_form_answers(struct booking_form *b, const struct form *form,
			  struct questions *questions);

/* Frees the answers. */
void booking_form_release(struct booking_form *b);

/* What a visitor may still do with a booking, by its service's notice. */
enum booking_freedom {
	BOOKING_FREE,		/* cancel, move, correct */
	BOOKING_LATE,		/* the notice has passed: ask the organiser */
	BOOKING_BEGUN,		/* it has begun, or is over */
	BOOKING_CANCELLED,
};
enum booking_freedom booking_freedom(const struct booking_view *v,
				     int64_t now_s);

/* Why a slot cannot be booked: FAIL_NO_SLOT if it is closed, FAIL_BEGUN,
 * FAIL_FULL; or FAIL_NONE. */
enum fail_kind booking_slot_refusal(const struct slot *slot, int64_t now_s);

/* Why nobody can wait for a slot: FAIL_NO_SLOT if it is closed, FAIL_PAST; or
 * FAIL_NONE. */
enum fail_kind booking_wait_refusal(const struct slot *slot, int64_t now_s);

/* Until when it may be changed (Unix time). */
int64_t booking_until_s(const struct booking_view *v);

/*
 * Moves the (at most) keep slots nearest to at_s to the front, in order of
 * time.  Returns how many there are.
 */
size_t booking_nearest(struct slot *slots, size_t count, int64_t at_s,
		       size_t keep);

#endif
