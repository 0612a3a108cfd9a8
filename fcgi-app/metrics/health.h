/* SPDX-License-Identifier: MIT */
/* Whether the program works, for monitoring: handlers; web.c routes to them. */
#ifndef METRICS_HEALTH_H
#define METRICS_HEALTH_H

#include "base/compiler.h"

struct call;

void health_live(struct call *call);	/* GET /healthz: it answers */
void health_ready(struct call *call);	/* GET /readyz: it can book */

#endif
