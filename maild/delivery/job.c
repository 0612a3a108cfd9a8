/* SPDX-License-Identifier: MIT */
/* Taking a job: claim, begin, read. */
#include "config.h"

#include "delivery/job.h"

#include "base/crashpoint.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "daemon/alert.h"
#include "daemon/prefork.h"
#include "smtpreply/answer.h"

#include <stdio.h>
#include <string.h>

#define PAUSED_NAP_MS 1000		/* between two looks at a pause */
#define UNCERTAIN_PAUSE_MS 10000	/* until a maybe-sent mail goes again */

struct queue_reclaim_opts job_reclaim_opts(const struct mailconf *conf,
					   const struct queue_worker *worker,
					   bool crashed, bool take_dot)
{
	return (struct queue_reclaim_opts){
		.worker = worker,
		.crashed = crashed,
		.take_dot = take_dot,
		.max_crashes = (int)conf->crash_limit,
		.max_uncertain = (int)conf->uncertain_limit,
		.crash_pause_ms = conf->crash_pause,
		.uncertain_pause_ms = UNCERTAIN_PAUSE_MS,
		.hold_kinds = conf->hold_kinds,
	};
}

void job_trouble(struct worker *w, const char *what, const struct fault *why)
{
	w->dirty = true;
	log_warning("%s failed job=%s: %s", what, w->job.id, why->text);
}

void job_drop(struct worker *w)
{
	if (!w->has_job)
		return;
	w->has_job = false;
	envelope_release(&w->envelope);
	queue_job_release(&w->job);
}

struct queue_said job_said(const struct worker *w,
			   const struct sender_result *result)
{
	return (struct queue_said){
		.verdict = outcome_name(result->outcome),
		.relay = relays_state(&w->relays)->name,
		.stage = result->stage, .code = result->code,
		.text = result->text,
	};
}

int64_t job_now_ms(const struct worker *w)
{
	return w->job.now_ms + ticks_ms() - w->begun_ms;
}

const char *job_domain(const struct worker *w)
{
	const char *at = strchr(w->envelope.to_email, '@');

	return at ? at + 1 : "";
}

/* The attempt in hand, as the queue is told of its end. */
static struct queue_end end_of(const struct worker *w,
			       const struct queue_said *said)
{
	return (struct queue_end){
		.worker = &w->name, .id = w->job.id, .token = w->job.token,
		.said = said,
	};
}

/* Returns whether the queue knows of it. */
static bool defer(struct worker *w, int64_t delay_ms,
		  enum queue_charge charge, const struct queue_said *said)
{
	struct queue_end end = end_of(w, said);
	struct fault why;

	end.delay_ms = delay_ms;
	end.charge = charge;
	CRASH_POINT("worker: deferring");
	if (queue_defer(w->q, &end, &why) == -1) {
		job_trouble(w, "defer", &why);
		return false;
	}
	CRASH_POINT("worker: deferred");
	return true;
}

void job_defer(struct worker *w, int64_t delay_ms, enum queue_charge charge,
	       const struct sender_result *result)
{
	struct queue_said said = job_said(w, result);
	char plain[160];

	if (defer(w, delay_ms, charge, &said))
		log_info("deferred job=%s to_domain=%s relay=%s class=%s "
			 "stage=%s rule=%s try=%d delay_ms=%lld reply=%s",
			 w->job.id, job_domain(w), said.relay, said.verdict,
			 result->stage, result->rule, w->job.attempts + 1,
			 (long long)delay_ms,
			 str_without_addresses(plain, sizeof(plain),
					       result->text));
}

void job_set_aside(struct worker *w, int64_t delay_ms, const char *why)
{
	const struct queue_said said = { .text = why };

	if (defer(w, delay_ms, QUEUE_CHARGE_NONE, &said))
		log_debug("set aside job=%s to_domain=%s relay=%s "
			  "delay_ms=%lld: %s", w->job.id, job_domain(w),
			  relays_state(&w->relays)->name, (long long)delay_ms,
			  why);
}

void job_release(struct worker *w, const struct queue_said *said)
{
	const struct queue_end end = end_of(w, said);
	struct fault why;

	CRASH_POINT("worker: releasing");
	if (queue_release(w->q, &end, &why) == -1)
		job_trouble(w, "release", &why);
	CRASH_POINT("worker: released");
}

/* Returns whether the queue knows of it. */
static bool bury(struct worker *w, const char *reason,
		 const struct queue_said *said)
{
	struct queue_end end = end_of(w, said);
	struct fault why;

	end.reason = reason;
	CRASH_POINT("worker: burying");
	if (queue_bury(w->q, &end, &why) == -1) {
		job_trouble(w, "bury", &why);
		return false;
	}
	CRASH_POINT("worker: buried");
	return true;
}

void job_bury(struct worker *w, const char *reason,
	      const struct queue_said *said)
{
	struct queue_said ours = { .verdict = "buried", .text = reason };
	char plain[300];

	if (bury(w, reason, said ? said : &ours))
		log_warning("buried job=%s try=%d reason=%s", w->job.id,
			    w->job.attempts + 1,
			    str_without_addresses(plain, sizeof(plain),
						  reason));
}

void job_poison(struct worker *w, const struct fault *why)
{
	char reason[sizeof("poison: ") + sizeof(why->text)];

	(void)snprintf(reason, sizeof(reason), "poison: %s", why->text);
	job_bury(w, reason, NULL);
}

/*
 * The reply as it is kept for those who judge it later.  Without a stage before
 * it they take it for a reply to RCPT, so the stage is added only where that
 * makes a difference.
 */
static void keep_reply(const struct worker *w, char *out, size_t size,
		       const struct sender_result *result)
{
	const char *to = w->envelope.to_email;
	struct answer here = answer_judge(result->stage, result->text, to);
	struct answer there = answer_judge("RCPT", result->text, to);
	bool same = here.verdict == there.verdict &&
		    here.mailbox == there.mailbox;

	answer_store(out, size, same ? "RCPT" : result->stage, result->text);
}

void job_refuse(struct worker *w, const struct sender_result *result)
{
	static const char word[] = "rejected: ";
	struct queue_said said = job_said(w, result);
	char reason[200];
	char plain[200];

	memcpy(reason, word, sizeof(word));
	keep_reply(w, reason + sizeof(word) - 1,
		   sizeof(reason) - (sizeof(word) - 1), result);
	if (bury(w, reason, &said))
		log_warning("buried job=%s to_domain=%s relay=%s class=%s "
			    "stage=%s rule=%s try=%d reason=%s", w->job.id,
			    job_domain(w), said.relay, said.verdict,
			    result->stage, result->rule, w->job.attempts + 1,
			    str_without_addresses(plain, sizeof(plain),
						  reason));
}

/*
 * Is the job older than it may get?  Past max_age somebody must hear of it: it
 * was wanted and never arrived.  Past the envelope's own time, dropping it is
 * what its producer asked for, and its receipt says so.
 */
static bool is_expired(const struct worker *w)
{
	const struct queue_job *job = &w->job;
	int64_t since_ms = job->admitted_ms;

	if (w->envelope.not_before_ms > since_ms)
		since_ms = w->envelope.not_before_ms;
	if (w->envelope.not_after_ms != 0 &&
	    job->now_ms > w->envelope.not_after_ms)
		return true;
	if (job->now_ms - since_ms <= w->conf->max_age)
		return false;
	alert_raise("queue-expired", "gave up job=%s age_ms=%lld", job->id,
		    (long long)(job->now_ms - since_ms));
	return true;
}

/* Reads the begun job.  Returns 1, or 0 if it was buried. */
static int read_job(struct worker *w)
{
	struct fault why;

	w->has_job = true;
	CRASH_POINT("worker: begun");
	w->begun_ms = ticks_ms();
	if (envelope_parse(w->job.envelope, w->job.envelope_len, &w->envelope,
			   &why) == -1) {
		job_poison(w, &why);
		job_drop(w);
		return 0;
	}
	/* A doubled member: the queue went by the first one. */
	if (strcmp(w->envelope.id, w->job.id) != 0) {
		(void)fault_set(&why, FAULT_REJECT,
				"envelope: \"id\" stands there twice");
		job_poison(w, &why);
		job_drop(w);
		return 0;
	}
	if (is_expired(w)) {
		job_bury(w, "expired: too old to be sent", NULL);
		job_drop(w);
		return 0;
	}
	return 1;
}

/* A job past the dot in our own list: its last worker died there. */
static int reclaim_uncertain(struct worker *w, struct fault *why)
{
	struct queue_reclaim_opts opts = job_reclaim_opts(w->conf, &w->name,
							  false, true);
	struct queue_reclaimed got;

	return queue_reclaim(w->q, &opts, &got, why);
}

int job_ack_and_take(struct worker *w, const struct queue_said *said,
		     struct fault *why)
{
	struct queue_job next = { .token = 0 };
	bool enough = w->session_over || prefork_stopping();
	struct queue_end end = end_of(w, said);
	int begun;

	end.ttl_s = w->conf->sent_memory / 1000;
	begun = queue_ack(w->q, &end, enough ? NULL : &next, why);
	if (begun == -1)
		w->dirty = true;
	job_drop(w);
	if (begun == QUEUE_BEGIN_GO) {
		w->job = next;
		(void)read_job(w);	/* or it is buried: none in hand */
	} else if (begun == QUEUE_BEGIN_UNCERTAIN ||
		   begun == QUEUE_BEGIN_EPOCH) {
		w->dirty = true;	/* the recovery sees to it */
	}
	return begun == -1 ? -1 : 0;
}

/* Waits for a job to be ready.  Returns 1 with *begun, 0 if none came, -1. */
static int wait_for_job(struct worker *w, int wait_ms, int *begun,
			struct fault *why)
{
	const struct queue_claim_opts opts = { &w->name, wait_ms };
	int got = queue_claim(w->q, &opts, w->job.id, why);

	if (got == 1) {
		CRASH_POINT("worker: claimed");
		*begun = queue_begin(w->q, &w->name, &w->job, why);
	}
	return got == 1 && *begun == -1 ? -1 : got;
}

/*
 * Takes a job that is there, or waits for one to come; a bulk job wakes us
 * through ready, too (admit.lua).  While the queue is paused, we only look
 * again.
 */
static int begin_one(struct worker *w, int wait_ms, int *begun,
		     struct fault *why)
{
	*begun = queue_take(w->q, &w->name, &w->job, why);
	if (*begun == QUEUE_BEGIN_NONE && wait_ms > 0)
		return wait_for_job(w, wait_ms, begun, why);
	if (*begun == QUEUE_BEGIN_NONE)
		return 0;
	if (*begun == QUEUE_BEGIN_PAUSED && wait_ms > 0)
		(void)prefork_poll(NULL, 0, wait_ms < PAUSED_NAP_MS
				   ? wait_ms : PAUSED_NAP_MS);
	return *begun == -1 ? -1 : 1;
}

int job_take(struct worker *w, int wait_ms, struct fault *why)
{
	for (;;) {
		int begun;
		int got = begin_one(w, wait_ms, &begun, why);

		if (got == -1)
			w->dirty = true;
		if (got != 1)
			return got;
		switch (begun) {
		case QUEUE_BEGIN_GO:
			if (read_job(w) == 1)
				return 1;
			if (w->dirty)
				return fault_set(why, FAULT_RETRY,
						 "job %s is still claimed",
						 w->job.id);
			break;
		case QUEUE_BEGIN_UNCERTAIN:
			if (reclaim_uncertain(w, why) == -1) {
				w->dirty = true;
				return -1;
			}
			break;
		case QUEUE_BEGIN_PAUSED:
			return 0;
		case QUEUE_BEGIN_EPOCH:
			w->dirty = true;
			return fault_set(why, FAULT_RETRY,
					 "redis has lost its data");
		default:
			if (prefork_stopping())
				return 0;
		}
	}
}
