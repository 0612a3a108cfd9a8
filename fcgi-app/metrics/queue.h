/* SPDX-License-Identifier: MIT */
/* The part of /metrics that Redis knows: the queue, maild, SMTP. */
#ifndef METRICS_QUEUE_H
#define METRICS_QUEUE_H

#include "base/compiler.h"

#include <stdbool.h>

struct buf;
struct site;

/* Appends it; nothing, and false, if Redis does not answer. */
bool metrics_queue(struct site *site, struct buf *out) MUST_USE;

#endif
