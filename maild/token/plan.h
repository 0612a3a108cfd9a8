/* SPDX-License-Identifier: MIT */
/*
 * When to get a relay's access token anew.  Pure; times are ticks_ms().
 */
#ifndef TOKEN_PLAN_H
#define TOKEN_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#define TOKEN_PAUSE_MIN_MS 5000		/* between two requests */
#define TOKEN_PAUSE_MAX_MS 300000	/* after many failures */
#define TOKEN_REFUSED_MS 30000		/* between two that are due to
					   refusals */

struct token_plan {			/* zeroed: ask at once */
	int64_t next_ms;	/* ask then */
	int64_t asked_ms;	/* when it was last asked for, 0 = never */
	int64_t refused_ms;	/* when it was last asked for because of a
				   refusal, 0 = never */
	int64_t good_until_ms;	/* of the token that is there, INT64_MAX = until
				   a server refuses it; 0 = none is */
	int failures;		/* in a row */
};

/* Is it time?  Not asked while an answer is awaited. */
bool token_plan_is_due(const struct token_plan *p, int64_t now_ms);
void token_plan_asked(struct token_plan *p, int64_t now_ms);

/* A token came that is good for life_ms from when it was asked for, 0 = until
 * it is refused: the next one is due when 80 % of that have passed. */
void token_plan_got(struct token_plan *p, int64_t life_ms);

/* None came.  Returns the pause until the next try, which doubles. */
int64_t token_plan_failed(struct token_plan *p, int64_t now_ms);

/* A server refused the token: there is none now, and the next one is due at
 * once, or TOKEN_REFUSED_MS after the one due to the last refusal. */
void token_plan_refused(struct token_plan *p, int64_t now_ms);

/* Somebody changed something: ask at once, keep what is there. */
void token_plan_hurry(struct token_plan *p);

bool token_plan_is_good(const struct token_plan *p, int64_t now_ms);

#endif
