/* SPDX-License-Identifier: MIT */
/* The booking form as a page: empty, or with what was typed and its errors. */
#ifndef PAGES_FORM_H
#define PAGES_FORM_H

#include "answer/fail.h"
#include "base/compiler.h"
#include "domain/booking.h"
#include "site/site.h"

#include <stdbool.h>

struct form;

struct pages_form {		/* all borrowed */
	const struct slot *slot;	/* NULL if it could not be read */
	const struct service *service;	/* NULL if neither could it */
	const struct form *typed;	/* NULL: nothing yet */
	const struct booking_form *checked;	/* its errors; or NULL */
	const char *key;	/* hex, for the idempotency field; or NULL */
	const char *action;	/* path below the root; NULL: ours */
	const char *next;	/* another site's return address; or NULL */
	bool waiting;		/* it is for the waiting list */
	enum fail_kind kind;	/* FAIL_NONE: nothing is wrong */
	const struct slot *others;	/* times to choose from instead */
	size_t other_count;
};

/* Shows the form of a slot that is not there any more, with what was typed, and
 * times of the service that the form names. */
void pages_form_lost(struct call *call, const struct pages_form *page);

/* Shows the form, with the status of kind (200 if nothing is wrong). */
void pages_form_show(struct call *call, const struct pages_form *page);

#endif
