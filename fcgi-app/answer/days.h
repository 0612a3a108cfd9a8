/* SPDX-License-Identifier: MIT */
/* Slots under the headings of their days. */
#ifndef ANSWER_DAYS_H
#define ANSWER_DAYS_H

#include "base/compiler.h"
#include "domain/model.h"
#include "site/site.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

/* Which slots somebody can choose from; all borrowed. */
struct days_wish {
	const struct service *service;
	const char *path;	/* of the page: "/s/visit" */
	int64_t seats;		/* so many places are free */
	int64_t except_id;	/* not this one; 0 = any */
	bool full;		/* full ones are shown, too */
};

/* Is it to be shown?  Pure. */
bool days_shows(const struct days_wish *wish, const struct slot *slot);

/*
 * Adds "days" (those that fit on a page), "zone" (the one of all; if there are
 * several it is "", and each day has its own), "next" (where the next page
 * begins), "none", "later" (this is not the first page), "pages" (it is not
 * the only one) and "all_full" (none of them has room).  Reorders them.
 */
void days_put(struct call *call, struct json_object *values,
	      const struct slots *all, const struct service *service);

/* The same with all of them on one page, without "pages". */
void days_put_times(struct call *call, struct json_object *values,
		    const struct slots *all, const struct service *service);

#endif
