/* SPDX-License-Identifier: MIT */
/* The part of /metrics that Redis knows: the queue and maild. */
#ifndef PAGE_METRICS_H
#define PAGE_METRICS_H

#include "compiler.h"

#include <stdbool.h>

struct buf;
struct site;

/* Appends it; nothing, and false, if Redis does not answer. */
bool page_metrics_queue(struct site *site, struct buf *out) MUST_USE;

#endif
