/* SPDX-License-Identifier: MIT */
/* Which kind of job is handled by whom: mail today; SMS later is a row. */
#ifndef DELIVERY_KINDS_H
#define DELIVERY_KINDS_H

#include "delivery/job.h"

struct kind {
	const char *prefix;	/* of the envelope's kind; "" = all others */
	void (*handle)(struct worker *w);	/* takes the job in hand to
						   its end */
};

/* The row for a kind; never NULL, because the last row takes all. */
const struct kind *kind_find(const char *kind) RETURNS_NONNULL;

#endif
