/* SPDX-License-Identifier: MIT */
/* Free slots under the headings of their days, a page at a time. */
#ifndef ANSWER_DAYS_H
#define ANSWER_DAYS_H

#include "base/compiler.h"
#include "domain/model.h"
#include "site/site.h"

#include <stddef.h>
#include <stdint.h>

struct json_object;

/* Reads the free slots of a service from the page's first day on: 0, or -1 with
 * *why.  The caller frees out->list. */
int days_read(struct call *call, const struct service *service,
	      struct slots *out, struct fault *why) MUST_USE;

/*
 * Adds "days" (those that fit on a page), "zone" (the one of all; if there are
 * several it is "", and each day has its own), "next" (where the next page
 * begins), "none" and "later" (this is not the first page).  Reorders them.
 */
void days_put(struct call *call, struct json_object *values,
	      const struct slots *all, const struct service *service);

#endif
