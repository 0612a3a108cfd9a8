/* SPDX-License-Identifier: MIT */
/* What a verdict on the mail in hand leads to. */
#include "config.h"

#include "delivery/settle.h"

#include "base/crashpoint.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "daemon/alert.h"
#include "policy/advice.h"
#include "policy/backoff.h"
#include "state/replay.h"

#include <stdio.h>
#include <string.h>

#define SHORT_PAUSE_MS 5000	/* while only one or two domains are refused */
#define LONG_PAUSE_MS 30000	/* after that */
#define TOO_FAST_MS 1000	/* a mail that came too fast waits for this
				   long, and at most twice as long */
#define FLOWING_MS 60000	/* a relay that took a mail in this time is not
				   away, only slow */
#define LOOK_MS 2000		/* until a mail refused for its content is tried
				   again */
#define TELL_MS 3600000		/* after this, a guess that nothing proves is
				   told */

static struct relay_state *state_of(const struct worker *w)
{
	return relays_state(&w->relays);
}

static struct storm_mail mail_of(const struct worker *w)
{
	return (struct storm_mail){
		.job = w->job.id, .domain = job_domain(w),
		.now_ms = job_now_ms(w),
	};
}

/* No pause of ours is longer than the settings allow. */
static int64_t pause_of(const struct worker *w, int64_t wished_ms)
{
	return wished_ms < w->conf->breaker_max ? wished_ms
						: w->conf->breaker_max;
}

/* Sets the mail aside, for longer with each attempt it was charged with. */
static void charge(struct worker *w, enum queue_charge kind,
		   const struct sender_result *result)
{
	job_defer(w, backoff_retry_ms(w->job.attempts + 1, w->conf->retry_min,
				      w->conf->retry_max, backoff_dice()),
		  kind, result);
}

/* A relay that answers is there, whatever the answer. */
static void relay_answered(struct worker *w)
{
	struct relay_state *state = state_of(w);

	if (breaker_success(&state->breaker))
		log_info("mail server is back relay=%s", state->name);
}

/* ---- the relay ---------------------------------------------------------- */

/* The breaker opened for pause_ms; 0 = it did not. */
static void note_pause(struct worker *w, const struct sender_result *result,
		       int64_t pause_ms)
{
	struct relay_state *state = state_of(w);
	char said[160];

	(void)str_without_addresses(said, sizeof(said), result->text);
	if (pause_ms == 0) {
		log_debug("site failure job=%s relay=%s stage=%s: %s",
			  w->job.id, state->name, result->stage, said);
		return;
	}
	(void)snprintf(state->cause, sizeof(state->cause), "%s", said);
	log_warning("mail server away relay=%s stage=%s class=%s rule=%s "
		    "pause_ms=%lld: %s", state->name, result->stage,
		    outcome_name(result->outcome), result->rule,
		    (long long)pause_ms, said);
}

/*
 * A failure of the relay opens its breaker, or keeps it open, or is one of
 * several in a row.  Returns the pause, 0 if this one did not open it.
 */
static int64_t trip(struct worker *w, const struct sender_result *result,
		    bool at_once, int64_t max_ms)
{
	struct breaker *b = &state_of(w)->breaker;
	int64_t pause_ms = at_once
		? breaker_trip(b, ticks_ms(), max_ms, backoff_dice())
		: breaker_failure(b, ticks_ms(), max_ms, backoff_dice());

	note_pause(w, result, pause_ms);
	return pause_ms;
}

/* The same for a refusal: no doubling, so that its end is seen soon. */
static void rest(struct worker *w, const struct sender_result *result,
		 int64_t pause_ms)
{
	note_pause(w, result, breaker_rest(&state_of(w)->breaker, ticks_ms(),
					   pause_ms));
}

static void tell(struct worker *w, const struct sender_result *result,
		 enum advice_cause cause)
{
	struct relay_state *state = state_of(w);
	char said[160];
	char key[64];

	if (!storm_tells(&state->storm, advice_key(cause), job_now_ms(w)))
		return;
	(void)str_without_addresses(said, sizeof(said), result->text);
	(void)snprintf(key, sizeof(key), "%s:%s", advice_key(cause),
		       state->name);
	alert_raise(key, "relay %s %s: at %s: %s; %s", state->name,
		    advice_symptom(cause), result->stage, said,
		    advice_remedy(cause, result->stage, result->text));
}

/* Was a recipient named, so that the refusal may be the mail's own? */
static bool names_mail(const struct sender_result *result)
{
	return strcmp(result->stage, "RCPT") == 0 ||
	       strcmp(result->stage, "DATA") == 0 ||
	       strcmp(result->stage, "dot") == 0;
}

static enum advice_cause cause_of(const struct sender_result *result)
{
	return result->outcome == OUTCOME_QUOTA ? ADVICE_QUOTA : ADVICE_US;
}

/* ---- before a recipient is named ---------------------------------------- */

/* Faults that do not go away by themselves: certificates, STARTTLS
 * withdrawn. */
static bool is_for_people(const struct sender_result *result)
{
	return result->outcome == OUTCOME_US ||
	       result->outcome == OUTCOME_QUOTA ||
	       strcmp(result->stage, "TLS") == 0 ||
	       strcmp(result->stage, "STARTTLS") == 0;
}

/*
 * Too many connections are no outage while others' mails go through: then we
 * use fewer, and that is all.  Returns whether it was that.
 */
static bool use_fewer(struct worker *w, const struct sender_result *result)
{
	struct relay_state *state = state_of(w);
	int seats = scoreboard_seats(w->board,
				     atomic_load(&w->score->seat) - 1);
	int allowed = pace_slow_down(&state->pace, seats, ticks_ms());
	char said[160];

	if (allowed > 0)
		log_warning("mail server has too many connections relay=%s "
			    "allowed=%d: %s", state->name, allowed,
			    str_without_addresses(said, sizeof(said),
						  result->text));
	return relays_others_talk(&w->relays) > 0;
}

/* The session's trouble, whichever mail it carries: the mail goes back to the
 * front, the breaker counts. */
static void settle_session(struct worker *w,
			   const struct sender_result *result)
{
	bool ours = result->outcome == OUTCOME_US ||
		    result->outcome == OUTCOME_QUOTA;
	struct queue_said story = job_said(w, result);
	int64_t pause_ms = 0;

	if (result->over)
		log_debug("session over job=%s stage=%s: %s", w->job.id,
			  result->stage, result->text);
	else if (!result->too_many || ours || !use_fewer(w, result))
		pause_ms = trip(w, result, ours, w->conf->breaker_max);
	if (pause_ms > 0 && is_for_people(result))
		tell(w, result, cause_of(result));
	if (result->outcome == OUTCOME_RELAY && result->code != 421 &&
	    result->code != 0 && strcmp(result->stage, "MAIL") == 0)
		job_defer(w, w->conf->mail_from_pause, QUEUE_CHARGE_NONE,
			  result);
	else if (pause_ms > 0 && names_mail(result))
		/* Perhaps it is at this mail that the relay hangs up: let
		 * another one be the probe. */
		job_defer(w, pause_ms, QUEUE_CHARGE_NONE, result);
	else
		job_release(w, &story);
}

/* ---- too fast ----------------------------------------------------------- */

static void learn_rate(struct worker *w, const struct sender_result *result)
{
	struct relay_state *state = state_of(w);
	int64_t rate = pace_too_fast(&state->pace, ticks_ms());
	char said[160];

	if (rate > 0)
		log_warning("mail server wants them slower relay=%s rate=%lld/h"
			    ": %s", state->name, (long long)rate,
			    str_without_addresses(said, sizeof(said),
						  result->text));
}

/* Slower from now on; this mail itself is a second or two late. */
static void settle_too_fast(struct worker *w,
			    const struct sender_result *result)
{
	struct relay_state *state = state_of(w);
	struct queue_said story = job_said(w, result);
	bool talks = use_fewer(w, result);

	if (!result->too_many)
		learn_rate(w, result);
	if (!talks && !pace_is_flowing(&state->pace, ticks_ms(), FLOWING_MS))
		(void)trip(w, result, false, pause_of(w, LONG_PAUSE_MS));
	/* At the front it would be next again, and the others could show
	 * nothing. */
	if (names_mail(result))
		job_defer(w, TOO_FAST_MS +
			  (int64_t)(backoff_dice() % TOO_FAST_MS),
			  QUEUE_CHARGE_NONE, result);
	else
		job_release(w, &story);
}

/* ---- a mail's refusal --------------------------------------------------- */

static enum storm_kind kind_of(const struct sender_result *result)
{
	if (result->outcome != OUTCOME_RECIPIENT &&
	    result->outcome != OUTCOME_CONTENT)
		return STORM_RELAY;
	if (result->guessed)
		return STORM_GUESS;
	return result->outcome == OUTCOME_CONTENT ? STORM_CONTENT : STORM_SURE;
}

/* How soon a refusal that may last is asked about again.  A quota lasts for
 * hours, the relay's own trouble mostly not. */
static int64_t long_pause(const struct worker *w,
			  const struct sender_result *result,
			  const struct storm_seen *seen)
{
	if (result->outcome == OUTCOME_QUOTA)
		return w->conf->breaker_max;
	if (result->outcome == OUTCOME_RELAY && seen->domains < STORM_DOMAINS)
		return pause_of(w, SHORT_PAUSE_MS);
	return pause_of(w, LONG_PAUSE_MS);
}

/* The relay's own trouble is in its log, and goes away by itself. */
static void tell_storm(struct worker *w, const struct sender_result *result,
		       const struct storm_seen *seen)
{
	if (result->outcome == OUTCOME_RELAY)
		return;
	if (kind_of(result) == STORM_RELAY)
		tell(w, result, cause_of(result));
	else if (kind_of(result) == STORM_CONTENT && seen->jobs >= STORM_JOBS)
		tell(w, result, ADVICE_CONTENT);
	else if (seen->verdict == STORM_PAUSE || seen->waits_ms >= TELL_MS)
		tell(w, result, ADVICE_STORM);
}

/* How long the mail waits.  After a refusal of us it is longer than the relay's
 * pause, so that another domain's mail is the probe. */
static int64_t hold_of(const struct worker *w,
		       const struct sender_result *result,
		       const struct storm_seen *seen)
{
	if (kind_of(result) == STORM_RELAY)
		return long_pause(w, result, seen) +
		       pause_of(w, SHORT_PAUSE_MS);
	if (kind_of(result) == STORM_CONTENT && seen->jobs < STORM_JOBS &&
	    w->conf->storm_hold > LOOK_MS)
		return LOOK_MS;
	return w->conf->storm_hold;
}

/* The mail waits, uncharged; all do if the relay refuses us. */
static void set_aside(struct worker *w, const struct sender_result *result,
		      const struct storm_seen *seen)
{
	struct storm_mail mail = mail_of(w);
	int64_t hold_ms = hold_of(w, result, seen);

	/* Its own trouble with one domain may be that domain's. */
	if (seen->verdict == STORM_PAUSE &&
	    (result->outcome != OUTCOME_RELAY || seen->domains > 1))
		rest(w, result, seen->domains < STORM_DOMAINS
		     ? pause_of(w, SHORT_PAUSE_MS)
		     : long_pause(w, result, seen));
	tell_storm(w, result, seen);
	storm_hold(&state_of(w)->storm, &mail, hold_ms);
	job_defer(w, hold_ms, QUEUE_CHARGE_NONE, result);
}

static void settle_mail(struct worker *w, const struct sender_result *result)
{
	struct relay_state *state = state_of(w);
	struct storm_mail mail = mail_of(w);
	struct storm_seen seen = { .verdict = STORM_BELIEVE };

	if (w->conf->storm_limit > 0 || kind_of(result) == STORM_RELAY)
		seen = storm_refused(&state->storm, &mail, kind_of(result));
	if (seen.verdict != STORM_BELIEVE) {
		set_aside(w, result, &seen);
		return;
	}
	if (kind_of(result) == STORM_SURE && w->conf->storm_limit > 0 &&
	    seen.domains >= w->conf->storm_limit)
		tell(w, result, ADVICE_NOBODY);
	job_refuse(w, result);
	relay_answered(w);
}

/* Every outcome except sent, uncertain and fenced. */
static void settle_refusal(struct worker *w, const struct sender_result *result)
{
	switch (result->outcome) {
	case OUTCOME_RECIPIENT_LATER:
		charge(w, QUEUE_CHARGE_ATTEMPT, result);
		relay_answered(w);
		break;
	case OUTCOME_RECIPIENT:
	case OUTCOME_CONTENT:
		settle_mail(w, result);
		break;
	case OUTCOME_TOO_FAST:
		if (result->over)
			settle_session(w, result);
		else
			settle_too_fast(w, result);
		break;
	default:
		/* 421 and a lost connection end the session, not the mail. */
		if (names_mail(result) && result->code >= 400 &&
		    (result->code != 421 || result->outcome != OUTCOME_RELAY))
			settle_mail(w, result);
		else
			settle_session(w, result);
	}
}

bool settle_sets_aside(struct worker *w)
{
	struct relay_state *state = state_of(w);
	struct storm_mail mail = mail_of(w);
	int64_t left_ms = storm_holds(&state->storm, &mail,
				      breaker_is_open(&state->breaker));

	if (left_ms <= 0)
		return false;
	job_set_aside(w, left_ms, "not asked: another mail of its domain was "
		      "refused a moment ago");
	job_drop(w);
	return true;
}

/* ---- the relay took it, or nobody knows --------------------------------- */

static void settle_uncertain(struct worker *w,
			     const struct sender_result *result)
{
	struct queue_said said = job_said(w, result);

	if (queue_kind_is_in(w->conf->hold_kinds, w->envelope.kind))
		job_bury(w, "uncertain: held, maybe sent", &said);
	else if (w->job.uncertain + 1 > w->conf->uncertain_limit)
		job_bury(w, "uncertain: maybe sent, and never confirmed",
			 &said);
	else
		charge(w, QUEUE_CHARGE_UNCERTAIN, result);
}

static void relay_accepted(struct worker *w)
{
	struct relay_state *state = state_of(w);
	struct storm_mail mail = mail_of(w);
	int most = (int)relays_conf(&w->relays)->connections;
	int allowed;

	relay_answered(w);
	if (storm_accepted(&state->storm, &mail))
		log_info("storm is over relay=%s", state->name);
	pace_accepted(&state->pace, ticks_ms());
	allowed = pace_speed_up(&state->pace,
				most ? most : (int)w->conf->workers,
				ticks_ms());
	if (allowed >= 0)
		log_info("mail server takes more connections relay=%s "
			 "allowed=%d", state->name, allowed);
	w->session_over = !relays_may_go_on(&w->relays);
}

static struct journal_fact fact_of(const struct worker *w, const char *reply)
{
	struct journal_fact fact = { .token = w->job.token,
				     .at_ms = wall_ms() };

	must(str_copy(fact.id, sizeof(fact.id), w->job.id));
	must(str_copy(fact.relay, sizeof(fact.relay),
		      relays_conf(&w->relays)->item.name));
	str_printable(fact.reply, sizeof(fact.reply), reply);
	return fact;
}

static void settle_sent(struct worker *w, const struct sender_result *result)
{
	struct queue_said said = job_said(w, result);
	const struct journal_fact fact = fact_of(w, result->text);
	struct ring_entry *entry;
	struct fault why;

	CRASH_POINT("worker: 250 heard");
	/* First the fact, into memory that outlives this process: a log that
	 * blocks must not widen the window for a duplicate (invariant 11). */
	entry = ring_add(w->score, &fact);
	CRASH_POINT("worker: in the ring");
	log_info("delivered job=%s to_domain=%s relay=%s try=%d delay_ms=%lld "
		 "code=%d", w->job.id, job_domain(w), fact.relay,
		 w->job.attempts + 1,
		 (long long)(job_now_ms(w) - w->job.admitted_ms), result->code);
	relay_accepted(w);
	if (job_ack_and_take(w, &said, &why) == -1) {
		/* On the disk, too, should all of maild end before Redis is
		 * back. */
		replay_keep(w->conf, w->name.slot, &fact);
		log_warning("ack failed, will be told again job=%s: %s",
			    fact.id, why.text);
	} else {
		atomic_store(&entry->told, true);
	}
	CRASH_POINT("worker: acked");
}

/* ---- all of it ----------------------------------------------------------- */

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
		/* Not sent, and not ours any more, or not known to be: whoever
		 * has it, or our own recovery, carries on. */
		break;
	default:
		settle_refusal(w, result);
	}
	job_drop(w);
}
