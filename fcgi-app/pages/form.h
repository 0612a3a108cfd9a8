/* SPDX-License-Identifier: MIT */
/* The booking form as a page: empty, or with what was typed and its errors. */
#ifndef PAGES_FORM_H
#define PAGES_FORM_H

#include "actions/reserve.h"
#include "answer/fail.h"
#include "base/compiler.h"
#include "domain/booking.h"
#include "form/form.h"
#include "site/site.h"

#include <stdbool.h>

struct pages_form {		/* all borrowed */
	const struct slot *slot;	/* NULL if it could not be read */
	const struct service *service;	/* NULL if neither could it */
	const struct form *typed;	/* NULL: nothing yet */
	const struct booking_form *checked;	/* its errors; or NULL */
	const char *key;	/* hex, for the idempotency field; or NULL */
	const char *action;	/* path below the root; NULL: ours */
	const char *next;	/* another site's return address; or NULL */
	bool waiting;		/* it is for the waiting list */
	bool choose;		/* no slot yet: choose one of the service's */
	enum fail_kind kind;	/* FAIL_NONE: nothing is wrong */
	/* Times to choose from instead; found by pages_form_show(). */
	const struct slot *others;
	size_t other_count;
};

/*
 * Shows the form, with the status of kind (200 if nothing is wrong), and with
 * other times if another one must be chosen.  FAIL_NO_SLOT without a slot: it
 * is gone, and the times are those of the service that the form names.
 */
void pages_form_show(struct call *call, const struct pages_form *page);

/* A form that came back, and what it is about.  Zeroed = not read yet. */
struct pages_posted {
	struct form form;
	struct booking_form checked;
	struct slot slot;		/* this and service, if loaded */
	struct service service;
	int64_t seats_max;		/* the setting */
	bool loaded;
};

/*
 * Loads the slot that the form is about, limits the seats to it and reads the
 * answers to its questions.  After a
 * full slot the form offers others and names the first one in instead_of, so
 * that it can be shown again if none was chosen.  Returns FAIL_NONE,
 * FAIL_FIELDS (it names no slot), FAIL_NO_SLOT, or the refusal for a database
 * that is away (logged).
 */
enum fail_kind pages_posted_load(struct call *call, struct pages_posted *p);

/* What it wants booked, with that key; borrows both. */
struct reserve_order pages_posted_order(struct pages_posted *p,
					const uint8_t *key);
void pages_posted_release(struct pages_posted *p);

#endif
