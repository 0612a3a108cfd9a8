/* SPDX-License-Identifier: MIT */
/* One page for each change of a booking: what it would do, and a button. */
#ifndef PAGES_CHANGE_H
#define PAGES_CHANGE_H

#include "actions/change.h"

#include <stdbool.h>

struct page_change {
	enum fail_kind kind;	/* why it cannot be done, FAIL_NONE = it can */
	bool looking;		/* GET: then even so the status is 200 */
	const char *typed;	/* what was typed, NULL = nothing yet */
};

void page_change_show(struct call *call, const struct change *c,
		      const struct page_change *page);

/* Answers a POST by what change_do() said: to the booking's page, which says
 * how it is now, or page with why it was not done. */
void page_change_answer(struct call *call, const struct change *c,
			const struct page_change *page);

#endif
