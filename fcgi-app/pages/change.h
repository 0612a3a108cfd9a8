/* SPDX-License-Identifier: MIT */
/* One page for each change of a booking: what it would do, and a button. */
#ifndef PAGES_CHANGE_H
#define PAGES_CHANGE_H

#include "answer/fail.h"
#include "base/compiler.h"
#include "domain/model.h"

#include <stdbool.h>

struct page_change {
	const char *word;	/* "cancel": its path, and its texts' name */
	const char *texts;	/* another name of its texts; NULL = word */
	enum fail_kind kind;	/* why it cannot be done, FAIL_NONE = it can */
	bool looking;		/* GET: then even so the status is 200 */
	bool later;		/* it can be, as it is, some time later */
	bool danger;		/* it takes something away */
	bool field_email;	/* asks for an address */
	const char *typed;	/* what was typed there, NULL = nothing yet */
	int64_t again_at_ms;	/* Unix ms: when it can be; 0 = not said */
	const char *error;	/* code of what is wrong with it, or NULL */
	const struct slot *to;	/* the new time, or NULL */
};

void page_change_show(struct call *call, const struct booking_view *v,
		      const struct page_change *page);

/* Answers a POST by what the store said: a store_changed, or -1 with *why. */
void page_change_done(struct call *call, const struct booking_view *v,
		      const struct page_change *page, int result,
		      const struct fault *why);

#endif
