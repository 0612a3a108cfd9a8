/* SPDX-License-Identifier: MIT */
/* What maild does now, as JSON and as one line. */
#ifndef DISPATCH_STATUS_H
#define DISPATCH_STATUS_H

#include "base/compiler.h"
#include "settings/mailconf.h"
#include "state/scoreboard.h"

#include <stdint.h>

/*
 * Returns the JSON text that maildctl reads from Redis (doc/states.md has its
 * members); the caller frees it.  now_ms is ticks_ms().
 */
char *status_json(const struct instance *of, int64_t now_ms) MUST_USE;

/* Writes "5 of 16 workers busy, local: open": for the service manager. */
void status_line(const struct instance *of, int64_t now_ms, char *out,
		 size_t size);

#endif
