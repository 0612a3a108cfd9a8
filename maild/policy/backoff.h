/* SPDX-License-Identifier: MIT */
/* How long to wait before trying again.  Pure: the caller brings the dice. */
#ifndef POLICY_BACKOFF_H
#define POLICY_BACKOFF_H

#include "base/compiler.h"

#include <stdint.h>

/*
 * Delay before the next attempt after a recipient's temporary refusal.
 *
 * d doubles from min_ms with each charged attempt (attempts counts the one that
 * just failed, so 1 and more) up to max_ms; the delay is d/2 + dice mod d/2, so
 * that mails refused together do not come back together.
 */
int64_t backoff_retry_ms(int attempts, int64_t min_ms, int64_t max_ms,
			 uint64_t dice);

/*
 * Pause of the breaker when it opens for the trips-th time in a row (1 and
 * more): dice mod min(max_ms, 5 s * 2^trips).
 */
int64_t backoff_breaker_ms(int trips, int64_t max_ms, uint64_t dice);

/* A random number from the kernel. */
uint64_t backoff_dice(void);

#endif
