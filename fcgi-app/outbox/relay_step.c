/* SPDX-License-Identifier: MIT */
/* What becomes of one due row of the outbox. */
#include "config.h"

#include "outbox/relay_step.h"

int64_t relay_pause_ms(int checks)
{
	int64_t pause_ms = RELAY_PAUSE_MIN_MS;

	for (; checks > 0 && pause_ms < RELAY_PAUSE_MAX_MS; checks--)
		pause_ms *= 4;
	return pause_ms < RELAY_PAUSE_MAX_MS ? pause_ms : RELAY_PAUSE_MAX_MS;
}

static void step_end(struct due_step *step, enum notification_state state,
		     int64_t at_ms, const char *reply)
{
	step->state = state;
	step->at_ms = at_ms;
	step->reply = reply;
}

/* The queue knows the end. */
static enum relay_act told(struct due_step *step,
			   const struct queue_verdict *verdict)
{
	step->attempts = verdict->attempts;
	step_end(step, verdict->state == QUEUE_SENT ? NOTIFICATION_SENT :
						      NOTIFICATION_DEAD,
		 verdict->at_ms, verdict->text);
	return RELAY_RECORD;
}

/* A row that was aborted is looked at once more, to take its job out. */
static enum relay_act decide_aborted(const struct queue_verdict *verdict,
				     struct due_step *step)
{
	if (verdict->state == QUEUE_UNKNOWN)
		return RELAY_LEAVE;
	/* Too late: what was sent is a fact. */
	if (verdict->state == QUEUE_SENT)
		return told(step, verdict);
	step->state = NOTIFICATION_ABORTED;
	return verdict->state == QUEUE_LIVE ? RELAY_CANCEL : RELAY_RECORD;
}

enum relay_act relay_decide(const struct relay_case *c, int64_t now_ms,
			    int64_t horizon_ms, struct due_step *step)
{
	const struct notification *row = c->row;
	const struct queue_verdict *verdict = c->verdict;

	*step = (struct due_step){
		.id = row->id,
		.state = NOTIFICATION_OPEN,
		.next_ms = relay_pause_ms(row->checks),
		.attempts = row->attempts,
		.reply = "",
	};
	if (row->forget != FORGET_NOT) {
		step->forget = DUE_FORGOTTEN;
		step->next_ms = RELAY_FORGET_AGAIN_MS;
		/* It may lie in the intake. */
		if (verdict->state == QUEUE_UNKNOWN)
			return RELAY_LEAVE;
		return verdict->state == QUEUE_MISSING ? RELAY_RECORD :
							 RELAY_FORGET;
	}
	if (row->state == NOTIFICATION_ABORTED)
		return decide_aborted(verdict, step);
	switch (verdict->state) {
	case QUEUE_SENT:
	case QUEUE_DEAD:
		return told(step, verdict);
	case QUEUE_LIVE:
		step->attempts = verdict->attempts;
		break;
	case QUEUE_MISSING:
	case QUEUE_UNKNOWN:
	case QUEUE_REPORTED:	/* never an answer to a question */
		break;
	}
	/* The queue keeps what it sent for longer than the horizon.  Past it
	 * "missing" may mean sent and forgotten: nothing is sent blindly. */
	if (now_ms - row->begins_at_ms > horizon_ms) {
		step_end(step, NOTIFICATION_EXPIRED, now_ms,
			 "not delivered in time");
		return RELAY_EXPIRE;
	}
	/* A long intake makes every row unknown: to write a later time for
	 * each would cost much, and make them wait when it is short again. */
	if (verdict->state == QUEUE_UNKNOWN)
		return RELAY_LEAVE;
	return verdict->state == QUEUE_MISSING ? RELAY_PUBLISH : RELAY_RECORD;
}
