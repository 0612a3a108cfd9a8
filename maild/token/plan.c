/* SPDX-License-Identifier: MIT */
/* When to get a relay's access token anew. */
#include "config.h"

#include "token/plan.h"

bool token_plan_is_due(const struct token_plan *p, int64_t now_ms)
{
	return now_ms >= p->next_ms;
}

void token_plan_asked(struct token_plan *p, int64_t now_ms)
{
	p->asked_ms = now_ms;
}

void token_plan_got(struct token_plan *p, int64_t life_ms)
{
	int64_t rest_ms = life_ms / 10 * 8;

	p->failures = 0;
	if (life_ms == 0) {
		p->good_until_ms = p->next_ms = INT64_MAX;
		return;
	}
	p->good_until_ms = p->asked_ms + life_ms;
	/* A token of very short life must not have us ask all the time. */
	p->next_ms = p->asked_ms + (rest_ms > TOKEN_PAUSE_MIN_MS
				    ? rest_ms : TOKEN_PAUSE_MIN_MS);
}

int64_t token_plan_failed(struct token_plan *p, int64_t now_ms)
{
	int64_t pause_ms = TOKEN_PAUSE_MIN_MS;

	for (int i = 0; i < p->failures && pause_ms < TOKEN_PAUSE_MAX_MS; i++)
		pause_ms *= 2;
	if (pause_ms > TOKEN_PAUSE_MAX_MS)
		pause_ms = TOKEN_PAUSE_MAX_MS;
	p->failures++;
	p->next_ms = now_ms + pause_ms;
	return pause_ms;
}

void token_plan_refused(struct token_plan *p, int64_t now_ms)
{
	int64_t least_ms = p->refused_ms ? p->refused_ms + TOKEN_REFUSED_MS
					 : now_ms;

	p->good_until_ms = 0;
	p->next_ms = now_ms > least_ms ? now_ms : least_ms;
	p->refused_ms = p->next_ms;
}

void token_plan_hurry(struct token_plan *p)
{
	p->next_ms = 0;
	p->failures = 0;
}

bool token_plan_is_good(const struct token_plan *p, int64_t now_ms)
{
	return now_ms < p->good_until_ms;
}
