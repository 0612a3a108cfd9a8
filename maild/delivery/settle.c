/* SPDX-License-Identifier: MIT */
/* What a verdict on the mail in hand means: for its job, its relay, the log. */
#include "config.h"

#include "delivery/settle.h"

#include "base/crashpoint.h"
#include "base/logger.h"
#include "base/ticks.h"
#include "delivery/refusal.h"
#include "policy/backoff.h"
#include "state/replay.h"

static void settle_uncertain(struct worker *w,
			     const struct sender_result *result)
{
	struct queue_said said = job_said(w, result);

	if (job_is_held_when_uncertain(w))
		job_bury(w, "uncertain: held, maybe sent", &said);
	else if (w->job.uncertain + 1 > w->conf->uncertain_limit)
		job_bury(w, "uncertain: maybe sent, and never confirmed",
			 &said);
	else
		job_defer(w, backoff_retry_ms(w->job.attempts + 1,
					      w->conf->retry_min,
					      w->conf->retry_max,
					      backoff_dice()),
			  QUEUE_CHARGE_UNCERTAIN, result);
}

static void relay_accepted(struct worker *w)
{
	struct relay_state *state = relays_state(&w->relays);
	int most = (int)relays_conf(&w->relays)->connections;
	int allowed;

	refusal_is_over(w);
	pace_accepted(&state->pace, ticks_ms());
	allowed = pace_speed_up(&state->pace,
				most ? most : (int)w->conf->workers,
				ticks_ms());
	if (allowed >= 0)
		log_info("mail server takes more connections relay=%s "
			 "allowed=%d", state->name, allowed);
	w->session_over = !relays_may_go_on(&w->relays);
}

static void settle_sent(struct worker *w, const struct sender_result *result)
{
	struct queue_said said = job_said(w, result);
	struct ring_entry *entry;
	const struct ring_sent sent = {
		.id = w->job.id, .token = w->job.token,
		.relay = relays_state(&w->relays)->name,
		.reply = result->text,
	};
	struct fault why;

	CRASH_POINT("worker: 250 heard");
	/* The fact first, in memory that outlives this process: a log that
	 * blocks must not widen the window for a duplicate (I4). */
	entry = ring_add(w->score, &sent, ticks_ms());
	CRASH_POINT("worker: in the ring");
	log_info("delivered job=%s to_domain=%s relay=%s try=%d delay_ms=%lld "
		 "code=%d", w->job.id, job_domain(w),
		 relays_state(&w->relays)->name, w->job.attempts + 1,
		 (long long)(job_now_ms(w) - w->job.admitted_ms), result->code);
	relay_accepted(w);
	if (job_ack_and_take(w, &said, &why) == -1) {
		/* The next job may be in hand already, but not another entry
		 * in the ring. */
		const struct ring_sent kept = {
			.id = entry->id, .token = entry->token,
			.relay = entry->relay, .reply = entry->reply,
		};

		/* And on the disk, should all of maild end before Redis is
		 * back. */
		replay_keep(w->conf, w->name.slot, &kept);
		log_warning("ack failed, will be told again job=%s: %s",
			    entry->id, why.text);
	} else {
		atomic_store(&entry->told, true);
	}
	CRASH_POINT("worker: acked");
}

void settle_release(struct worker *w)
{
	const struct queue_said said = {
		.verdict = "released", .text = "no relay may be used now",
	};

	job_release(w, &said);
	job_drop(w);
}

void settle(struct worker *w, const struct sender_result *result)
{
	/* A session that ended between two mails was no attempt. */
	if (!result->over)
		stages_attempt(&relays_state(&w->relays)->stages,
			       result->outcome);
	switch (result->outcome) {
	case OUTCOME_SENT:
		settle_sent(w, result);
		return;		/* the next one may be in hand already */
	case OUTCOME_UNCERTAIN:
		settle_uncertain(w, result);
		break;
	case OUTCOME_FENCED:
		/* Not sent, and no longer ours or not known to be: whoever has
		 * it, or our own recovery, goes on. */
		break;
	default:
		refusal_settle(w, result);
	}
	job_drop(w);
}
