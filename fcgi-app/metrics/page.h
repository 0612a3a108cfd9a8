/* SPDX-License-Identifier: MIT */
/* What monitoring draws and watches: the handler, which web.c routes to. */
#ifndef METRICS_PAGE_H
#define METRICS_PAGE_H

#include "base/compiler.h"

struct call;

void metrics_page(struct call *call);	/* GET /metrics */

#endif
