/* SPDX-License-Identifier: MIT */
/* How a worker's sessions get at the access tokens that the master keeps. */
#include "config.h"

#include "delivery/tokens.h"

#include "base/ticks.h"
#include "daemon/prefork.h"

#define NAP_MS 50
#define WAIT_MS 5000	/* a master that was told of a refusal has a new one by
			   then, if one is to be had */

static struct shared_token *token_of(const struct worker *w, size_t relay)
{
	return &w->board->token[w->relays.place[relay]];
}

/*
 * No session begins without a token (relays.c), so this waits only after a
 * refusal: the connection is open, and a token that has just run out costs a
 * moment, not an outage.
 */
static int get(void *arg, size_t relay, char token[SENDER_TOKEN_MAX],
	       struct fault *why)
{
	const struct shared_token *shared = token_of(arg, relay);
	int64_t until_ms = ticks_ms() + WAIT_MS;
	char trouble[TOKEN_TROUBLE_MAX];

	while (!shared_token_copy(shared, ticks_ms(), token)) {
		if (ticks_ms() < until_ms && !prefork_stopping()) {
			(void)prefork_poll(NULL, 0, NAP_MS);
			continue;
		}
		shared_token_explain(shared, trouble);
		return fault_set(why, FAULT_CONFIG, "no access token: %s",
				 trouble);
	}
	return 0;
}

static void refused(void *arg, size_t relay, const char *token)
{
	shared_token_refuse(token_of(arg, relay), token);
}

struct sender_tokens tokens_of(struct worker *w)
{
	return (struct sender_tokens){
		.get = get, .refused = refused, .arg = w,
	};
}
