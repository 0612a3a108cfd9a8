/* SPDX-License-Identifier: MIT */
/* From a begun job to its verdict: compose, send, tell the queue. */
#include "config.h"

#include "delivery.h"

#include "backoff.h"
#include "daemon.h"
#include "logger.h"
#include "prefork.h"
#include "str.h"
#include "ticks.h"

#include <string.h>

#define COMPOSE_LIMIT_MS 30000	/* for rendering one mail */
#define DEADLINE_SLACK_MS 5000	/* the master's limit is later than ours */
#define MAIL_REFUSED_MS 60000	/* pause after a 4xx to MAIL FROM */

/* One session's state. */
struct delivery {
	struct worker *w;
	struct buf message;	/* the mail in hand */
};

static void set_deadline(struct worker *w, int64_t limit_ms)
{
	atomic_store(&w->slot->deadline_ms,
		     limit_ms ? ticks_ms() + limit_ms + DEADLINE_SLACK_MS : 0);
}

/*
 * Renders the job in hand into d->message.  Returns 0, or -1 after burying it.
 */
static int compose(struct delivery *d)
{
	struct worker *w = d->w;
	struct fault why;
	char reason[300];

	set_deadline(w, COMPOSE_LIMIT_MS);
	buf_clear(&d->message);
	if (compose_mail(w->composer, &w->envelope, &d->message, &why) == 0)
		return 0;
	(void)snprintf(reason, sizeof(reason), "poison: %s", why.text);
	job_bury(w, reason, NULL);
	return -1;
}

static struct sender_mail mail_of(const struct delivery *d)
{
	struct sender_mail mail = {
		.envelope_from = mailconf_envelope_from(d->w->conf),
		.recipient = d->w->envelope.to_email,
		.bytes = d->message.data,
		.len = d->message.len,
	};

	return mail;
}

/* I5, I6: asked right before the final dot. */
static int gate(void *user)
{
	struct delivery *d = user;
	struct worker *w = d->w;
	struct fault why;
	int go = queue_dot(w->q, w->job.id, w->job.token, &why);

	if (go == 1)
		return 0;
	if (go == -1) {
		job_trouble(w, "dot gate", &why);
		memcpy(w->unsent_id, w->job.id, sizeof(w->unsent_id));
		w->unsent_token = w->job.token;
	} else {
		log_warning("fenced off job=%s token=%lld", w->job.id,
			    (long long)w->job.token);
	}
	return -1;
}

static const char *domain_of(const char *address)
{
	const char *at = strchr(address, '@');

	return at ? at + 1 : "";
}

static void settle_sent(struct worker *w, const struct sender_result *result)
{
	struct queue_said said = job_said("", result);
	struct ring_entry *entry;
	char id[ENVELOPE_ID_MAX + 1];
	struct fault why;

	log_info("delivered job=%s to_domain=%s try=%d delay_ms=%lld code=%d",
		 w->job.id, domain_of(w->envelope.to_email),
		 w->job.attempts + 1,
		 (long long)(w->job.now_ms - w->job.admitted_ms +
			     ticks_ms() - w->begun_ms), result->code);
	memcpy(id, w->job.id, sizeof(id));
	/* The fact first, in memory that outlives this process. */
	entry = slots_ring_add(w->slot, id, w->job.token, result->text,
			       ticks_ms());
	if (job_ack_and_take(w, &said, &why) == -1)
		log_warning("ack failed, will be told again job=%s: %s", id,
			    why.text);
	else
		atomic_store(&entry->told, true);
}

static void defer(struct worker *w, int64_t delay_ms, enum queue_charge charge,
		  const struct sender_result *result)
{
	struct queue_said said = job_said("", result);
	char plain[160];
	struct fault why;

	if (queue_defer(w->q, &w->name, w->job.id, w->job.token, delay_ms,
			charge, &said, &why) == -1) {
		job_trouble(w, "defer", &why);
		return;
	}
	log_info("deferred job=%s to_domain=%s class=%s stage=%s try=%d "
		 "delay_ms=%lld reply=%s", w->job.id,
		 domain_of(w->envelope.to_email),
		 outcome_name(result->outcome), result->stage,
		 w->job.attempts + 1, (long long)delay_ms,
		 str_without_addresses(plain, sizeof(plain), result->text));
}

static void release(struct worker *w, const struct sender_result *result)
{
	struct queue_said said = job_said("", result);
	struct fault why;

	if (queue_release(w->q, &w->name, w->job.id, w->job.token, &said,
			  &why) == -1)
		job_trouble(w, "release", &why);
}

static int64_t retry_delay(const struct worker *w)
{
	return backoff_retry_ms(w->job.attempts + 1, w->conf->retry_min,
				w->conf->retry_max, backoff_dice());
}

/* The relay's trouble: the job waits, the breaker counts. */
static void settle_site(struct worker *w, const struct sender_result *result)
{
	bool config = result->outcome == OUTCOME_CONFIG;
	int64_t pause_ms = breaker_failure(&w->slots->relay[0].breaker, ticks_ms(),
					   w->conf->breaker_max, config,
					   backoff_dice());
	char said[160];

	(void)str_without_addresses(said, sizeof(said), result->text);
	if (config)
		log_error("mail server refuses us stage=%s pause_ms=%lld: %s",
			  result->stage, (long long)pause_ms, said);
	else if (pause_ms > 0)
		log_warning("mail server away stage=%s pause_ms=%lld: %s",
			    result->stage, (long long)pause_ms, said);
	else
		log_debug("site failure job=%s stage=%s: %s", w->job.id,
			  result->stage, said);
	if (!config && strcmp(result->stage, "MAIL") == 0)
		defer(w, MAIL_REFUSED_MS, QUEUE_CHARGE_NONE, result);
	else
		release(w, result);
}

static void settle_uncertain(struct worker *w,
			     const struct sender_result *result)
{
	struct queue_said said = job_said("", result);

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
	struct queue_said said = job_said("", result);
	char reason[200];

	(void)snprintf(reason, sizeof(reason), "rejected: %s", result->text);
	job_bury(w, reason, &said);
}

/* Whoever answers RCPT is there, whatever the answer. */
static bool is_relay_alive(enum outcome outcome)
{
	return outcome == OUTCOME_SENT || outcome == OUTCOME_TEMPORARY ||
	       outcome == OUTCOME_PERMANENT;
}

static void done(void *user, const struct sender_result *result)
{
	struct delivery *d = user;
	struct worker *w = d->w;

	switch (result->outcome) {
	case OUTCOME_SENT:
		settle_sent(w, result);
		break;
	case OUTCOME_SITE:
	case OUTCOME_CONFIG:
		settle_site(w, result);
		break;
	case OUTCOME_TEMPORARY:
		defer(w, retry_delay(w), QUEUE_CHARGE_ATTEMPT, result);
		break;
	case OUTCOME_PERMANENT:
		bury_rejected(w, result);
		break;
	case OUTCOME_UNCERTAIN:
		settle_uncertain(w, result);
		break;
	case OUTCOME_FENCED:
		/* Not sent, and no longer ours or not known to be: whoever has
		 * it, or our own recovery, goes on. */
		break;
	}
	if (result->outcome != OUTCOME_SENT)
		job_drop(w);	/* else the next one is in hand already */
	if (is_relay_alive(result->outcome) &&
	    breaker_success(&w->slots->relay[0].breaker))
		log_info("mail server is back");
}

static int next(void *user, struct sender_mail *mail)
{
	struct delivery *d = user;
	struct worker *w = d->w;
	struct fault why;

	set_deadline(w, w->conf->session_idle + COMPOSE_LIMIT_MS);
	while (!w->dirty && !prefork_stopping()) {
		if (!w->has_job &&
		    (w->conf->session_idle == 0 ||
		     job_take(w, (int)w->conf->session_idle, &why) != 1))
			return 0;
		if (compose(d) == 0) {
			*mail = mail_of(d);
			return 1;
		}
		job_drop(w);
	}
	return 0;
}

static void progress(void *user, int64_t limit_ms)
{
	struct delivery *d = user;

	set_deadline(d->w, limit_ms);
	proctitle_set("worker %u: sending %s", d->w->name.slot,
		      d->w->job.id);
}

void delivery_run(struct worker *w)
{
	static const struct sender_ops ops = {
		.gate = gate, .done = done, .next = next,
		.progress = progress,
	};
	struct delivery d = { .w = w, .message = BUF_INIT };

	/* A session that is full or over may leave a job in hand. */
	while (w->has_job) {
		if (compose(&d) == 0) {
			struct sender_mail mail = mail_of(&d);

			(void)sender_run(w->sender, &mail, &ops, &d);
		} else {
			/* The probe of an open breaker found nothing out. */
			breaker_unused(&w->slots->relay[0].breaker, ticks_ms());
			job_drop(w);
		}
	}
	set_deadline(w, 0);
	proctitle_set("worker %u: idle", w->name.slot);
	buf_release(&d.message);
}
