/* SPDX-License-Identifier: MIT */
/* What a verdict on the mail in hand means: for its job, its relay, the log. */
#include "config.h"

#include "settle.h"

#include "alert.h"
#include "backoff.h"
#include "crashpoint.h"
#include "logger.h"
#include "replay.h"
#include "str.h"
#include "ticks.h"

#include <stdio.h>
#include <string.h>

#define STORM_PATIENCE 10	/* a doubted refusal is asked about for so many
				   times storm_hold */

static const char *domain_of(const char *address)
{
	const char *at = strchr(address, '@');

	return at ? at + 1 : "";
}

/* What the queue is to remember of this attempt. */
static struct queue_said said_of(const struct worker *w,
				 const struct sender_result *result)
{
	return job_said(relays_state(&w->relays)->name, result);
}

static void defer(struct worker *w, int64_t delay_ms, enum queue_charge charge,
		  const struct sender_result *result)
{
	struct queue_said said = said_of(w, result);
	char plain[160];
	struct fault why;

	CRASH_POINT("worker: deferring");
	if (queue_defer(w->q, &w->name, w->job.id, w->job.token, delay_ms,
			charge, &said, &why) == -1) {
		job_trouble(w, "defer", &why);
		return;
	}
	CRASH_POINT("worker: deferred");
	log_info("deferred job=%s to_domain=%s relay=%s class=%s stage=%s "
		 "try=%d delay_ms=%lld reply=%s", w->job.id,
		 domain_of(w->envelope.to_email),
		 relays_state(&w->relays)->name,
		 outcome_name(result->outcome), result->stage,
		 w->job.attempts + 1, (long long)delay_ms,
		 str_without_addresses(plain, sizeof(plain), result->text));
}

/* Back to the front of the queue. */
static void release(struct worker *w, const struct queue_said *said)
{
	struct fault why;

	CRASH_POINT("worker: releasing");
	if (queue_release(w->q, &w->name, w->job.id, w->job.token, said,
			  &why) == -1)
		job_trouble(w, "release", &why);
	CRASH_POINT("worker: released");
}

static int64_t retry_delay(const struct worker *w)
{
	return backoff_retry_ms(w->job.attempts + 1, w->conf->retry_min,
				w->conf->retry_max, backoff_dice());
}

/* What the relay lets us do, seen in its own words. */
static void note_cause(struct relay_state *state, const char *said)
{
	(void)snprintf(state->cause, sizeof(state->cause), "%s", said);
}

/*
 * A failure of the relay opens its breaker, or keeps it open, or is one of
 * several in a row.  Returns whether this one opened it.
 */
static bool trip(struct worker *w, const struct sender_result *result,
		 bool at_once, const char *said)
{
	struct relay_state *state = relays_state(&w->relays);
	int64_t pause_ms = breaker_failure(&state->breaker, ticks_ms(),
					   w->conf->breaker_max, at_once,
					   backoff_dice());

	if (pause_ms == 0) {
		log_debug("site failure job=%s relay=%s stage=%s: %s",
			  w->job.id, state->name, result->stage, said);
		return false;
	}
	note_cause(state, said);
	log_warning("mail server away relay=%s stage=%s pause_ms=%lld: %s",
		    state->name, result->stage, (long long)pause_ms, said);
	return true;
}

static void alert_config(const struct relay_state *state,
			 const struct sender_result *result, const char *said)
{
	char key[64];

	(void)snprintf(key, sizeof(key), "relay-config:%s", state->name);
	alert_raise(key, "relay %s cannot be used as it is configured, mails "
		    "wait: at %s: %s", state->name, result->stage, said);
}

/* Faults that do not mend themselves: certificates, STARTTLS taken away. */
static bool is_for_people(const struct sender_result *result)
{
	return result->outcome == OUTCOME_CONFIG ||
	       strcmp(result->stage, "TLS") == 0 ||
	       strcmp(result->stage, "STARTTLS") == 0;
}

/*
 * Too many connections are no outage while others' mails go through: then we
 * use fewer, and that is all.  Returns whether it was that.
 */
static bool slow_down(struct worker *w, const char *said)
{
	struct relay_state *state = relays_state(&w->relays);
	int seats = slots_seats(w->slots, atomic_load(&w->slot->seat) - 1);
	int allowed = pace_slow_down(&state->pace, seats, ticks_ms());

	if (allowed > 0)
		log_warning("mail server has too many connections relay=%s "
			    "allowed=%d: %s", state->name, allowed, said);
	return relays_others_talk(&w->relays) > 0;
}

/* The relay's trouble: the job waits, the breaker counts. */
static void settle_site(struct worker *w, const struct sender_result *result)
{
	struct queue_said story = said_of(w, result);
	char said[160];

	(void)str_without_addresses(said, sizeof(said), result->text);
	if (result->over) {
		log_debug("session over job=%s stage=%s: %s", w->job.id,
			  result->stage, said);
	} else if (!result->too_many || !slow_down(w, said)) {
		bool config = result->outcome == OUTCOME_CONFIG;

		if (trip(w, result, config, said) && is_for_people(result))
			alert_config(relays_state(&w->relays), result, said);
	}
	if (result->outcome == OUTCOME_SITE && result->code != 421 &&
	    strcmp(result->stage, "MAIL") == 0 && result->code != 0)
		defer(w, w->conf->mail_from_pause, QUEUE_CHARGE_NONE, result);
	else
		release(w, &story);
}

static void settle_uncertain(struct worker *w,
			     const struct sender_result *result)
{
	struct queue_said said = said_of(w, result);

	if (job_is_held_when_uncertain(w))
		job_bury(w, "uncertain: held, maybe sent", &said);
	else if (w->job.uncertain + 1 > w->conf->uncertain_limit)
		job_bury(w, "uncertain: maybe sent, and never confirmed",
			 &said);
	else
		defer(w, retry_delay(w), QUEUE_CHARGE_UNCERTAIN, result);
}

static void bury_rejected(struct worker *w, const struct sender_result *result)
{
	struct queue_said said = said_of(w, result);
	char reason[200];

	(void)snprintf(reason, sizeof(reason), "rejected: %s", result->text);
	job_bury(w, reason, &said);
}

/* One code for everybody: it is not the recipients'. */
static void storm(struct worker *w, const struct sender_result *result,
		  bool begins)
{
	struct relay_state *state = relays_state(&w->relays);
	char said[160];
	char key[64];

	(void)str_without_addresses(said, sizeof(said), result->text);
	(void)trip(w, result, true, said);
	if (!begins)
		return;
	(void)snprintf(key, sizeof(key), "relay-storm:%s", state->name);
	alert_raise(key, "relay %s refused %lld recipients in a row with the "
		    "same code, mails wait: at %s: %s", state->name,
		    (long long)w->conf->storm_limit, result->stage, said);
}

/*
 * Refused for good.  Returns whether the relay may be believed; if not, the job
 * asks again later (a job that is let go of at once would be the next probe's,
 * and only another one can tell that the storm is over).
 */
static bool settle_permanent(struct worker *w,
			     const struct sender_result *result)
{
	enum storm_verdict verdict = storm_refused(
		&relays_state(&w->relays)->storm, result->code,
		w->envelope.to_email, (int)w->conf->storm_limit,
		STORM_PATIENCE * w->conf->storm_hold, ticks_ms());

	if (verdict == STORM_BELIEVE) {
		bury_rejected(w, result);
		return true;
	}
	if (verdict != STORM_DOUBT)
		storm(w, result, verdict == STORM_BEGINS);
	defer(w, w->conf->storm_hold, QUEUE_CHARGE_NONE, result);
	return verdict == STORM_DOUBT;
}

/* Whoever answers RCPT is there, whatever the answer. */
static void relay_answered(struct worker *w)
{
	struct relay_state *state = relays_state(&w->relays);

	if (breaker_success(&state->breaker))
		log_info("mail server is back relay=%s", state->name);
}

static void relay_accepted(struct worker *w)
{
	struct relay_state *state = relays_state(&w->relays);
	int most = (int)relays_conf(&w->relays)->connections;
	int allowed;

	relay_answered(w);
	if (storm_accepted(&state->storm))
		log_info("storm is over relay=%s", state->name);
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
	struct queue_said said = said_of(w, result);
	struct ring_entry *entry;
	const struct slots_sent sent = {
		.id = w->job.id, .token = w->job.token,
		.relay = relays_state(&w->relays)->name,
		.reply = result->text,
	};
	struct fault why;

	CRASH_POINT("worker: 250 heard");
	/* The fact first, in memory that outlives this process: a log that
	 * blocks must not widen the window for a duplicate (I4). */
	entry = slots_ring_add(w->slot, &sent, ticks_ms());
	CRASH_POINT("worker: in the ring");
	log_info("delivered job=%s to_domain=%s relay=%s try=%d delay_ms=%lld "
		 "code=%d", w->job.id, domain_of(w->envelope.to_email),
		 relays_state(&w->relays)->name, w->job.attempts + 1,
		 (long long)(w->job.now_ms - w->job.admitted_ms +
			     ticks_ms() - w->begun_ms), result->code);
	relay_accepted(w);
	if (job_ack_and_take(w, &said, &why) == -1) {
		/* The next job may be in hand already, but not another entry
		 * in the ring. */
		const struct slots_sent kept = {
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

	release(w, &said);
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
	case OUTCOME_SITE:
	case OUTCOME_CONFIG:
		settle_site(w, result);
		break;
	case OUTCOME_TEMPORARY:
		defer(w, retry_delay(w), QUEUE_CHARGE_ATTEMPT, result);
		relay_answered(w);
		break;
	case OUTCOME_PERMANENT:
		if (settle_permanent(w, result))
			relay_answered(w);
		break;
	case OUTCOME_UNCERTAIN:
		settle_uncertain(w, result);
		break;
	case OUTCOME_FENCED:
		/* Not sent, and no longer ours or not known to be: whoever has
		 * it, or our own recovery, goes on. */
		break;
	}
	job_drop(w);
}
