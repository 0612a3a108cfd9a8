/* SPDX-License-Identifier: MIT */
/* The parts of /metrics that Redis knows: the queue, maild, SMTP. */
#ifndef METRICS_PAGE_H
#define METRICS_PAGE_H

#include "base/compiler.h"

#include <stdbool.h>

struct buf;
struct fault;
struct queue;
struct site;

/* Appends it; nothing, and false, if Redis does not answer. */
bool page_metrics_queue(struct site *site, struct buf *out) MUST_USE;

/* Appends what all of maild counted about SMTP.  0, or -1 with *why. */
int page_metrics_smtp(struct queue *q, struct buf *out, struct fault *why)
	MUST_USE;

/* Appends a family, if it has lines. */
void page_metrics_family(struct buf *out, const struct buf *lines,
			 const char *name, const char *type, const char *help);

#endif
