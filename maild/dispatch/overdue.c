/* SPDX-License-Identifier: MIT */
/* A worker that was killed for its deadline: who hears of it. */
#include "config.h"

#include "dispatch/overdue.h"

#include "base/logger.h"
#include "base/ticks.h"
#include "daemon/alert.h"
#include "policy/backoff.h"

#include <stdio.h>
#include <string.h>

#define OVERDUE_MOST 1000000	/* a larger number is damage */

static bool was_at_relay(const struct score_view *was)
{
	return was->relay != -1 && (was->phase == PHASE_CONNECTING ||
				    was->phase == PHASE_TALKING);
}

/* Returns the new number of workers in a row. */
static int count(struct relay_state *relay)
{
	uint64_t answers = stages_answers(&relay->stages);

	if (answers != relay->overdue_answers || relay->overdue < 0 ||
	    relay->overdue > OVERDUE_MOST)
		relay->overdue = 0;
	relay->overdue_answers = answers;
	return ++relay->overdue;
}

static void alert(const char *name, int in_a_row, const char *stage)
{
	char key[64];

	(void)snprintf(key, sizeof(key), "relay-overdue:%s", name);
	alert_raise(key, "relay %s neither answers nor ends, mails wait: %d "
		    "workers in a row were killed past every time-out, the "
		    "last at %s", name, in_a_row, stage);
}

void overdue_tell(struct scoreboard *board, unsigned worker,
		  const struct score_view *was, int64_t breaker_max_ms)
{
	struct relay_state *relay;
	char name[RELAY_NAME_MAX + 1];
	char cause[RELAY_CAUSE_MAX];
	const char *stage;
	int64_t pause_ms;
	int in_a_row;

	if (!was_at_relay(was)) {
		log_warning("worker overdue worker=%u job=%s phase=%s", worker,
			    was->job, phase_name(was->phase));
		return;
	}
	relay = &board->relay[was->relay];
	scoreboard_relay_name(board, was->relay, name);
	stage = stages_name(was->stage);
	in_a_row = count(relay);
	(void)snprintf(cause, sizeof(cause),
		       "at %s past every time-out, worker killed", stage);
	memcpy(relay->cause, cause, sizeof(cause));
	log_warning("worker overdue worker=%u job=%s relay=%s stage=%s "
		    "in_a_row=%d", worker, was->job, name, stage, in_a_row);
	stages_took(&relay->stages, was->stage, -1);
	pause_ms = breaker_failure(&relay->breaker, ticks_ms(), breaker_max_ms,
				   backoff_dice());
	if (pause_ms > 0)
		log_warning("mail server away relay=%s stage=%s pause_ms=%lld: "
			    "%s", name, stage, (long long)pause_ms, cause);
	if (in_a_row >= OVERDUE_ALERT)
		alert(name, in_a_row, stage);
}
