/* SPDX-License-Identifier: MIT */
/* How full the outbox is, for monitoring. */
#ifndef STORE_FIGURES_H
#define STORE_FIGURES_H

#include "base/compiler.h"
#include "store/store.h"

struct store_figures {
	int64_t open;		/* rows that have begun and are not final */
	int64_t oldest_ms;	/* how long the oldest has been so; 0 = none */
	int64_t scheduled;	/* rows that have not begun */
	int64_t lag_ms;		/* how long a row has been due for the relay */
};

/* Reads all rows that are not final.  0, or -1. */
int store_figures(struct store *s, struct store_figures *out,
		  struct fault *why) MUST_USE;

#endif
