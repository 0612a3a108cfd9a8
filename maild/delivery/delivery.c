/* SPDX-License-Identifier: MIT */
/* From a begun job to its verdict: compose, send, tell the queue. */
#include "config.h"

#include "delivery/delivery.h"

#include "base/crashpoint.h"
#include "base/logger.h"
#include "base/ticks.h"
#include "daemon/daemon.h"
#include "daemon/prefork.h"
#include "delivery/settle.h"

#include <string.h>

#define COMPOSE_LIMIT_MS 30000	/* for rendering one mail */
#define DEADLINE_SLACK_MS 5000	/* the master's limit is later than ours */
#define RATE_WAIT_MS 1000	/* longest wait for our turn with a job in
				   hand */

static void say(struct worker *w, enum phase phase)
{
	score_phase_set(w->score, phase, w->has_job ? w->job.id : NULL,
			ticks_ms());
}

static void set_deadline(struct worker *w, int64_t limit_ms)
{
	atomic_store(&w->score->deadline_ms,
		     limit_ms ? ticks_ms() + limit_ms + DEADLINE_SLACK_MS : 0);
}

/* Renders the mail of the job in hand.  Returns 0, or -1 after burying it. */
static int compose(struct worker *w)
{
	struct fault why;

	set_deadline(w, COMPOSE_LIMIT_MS);
	say(w, PHASE_COMPOSING);
	buf_clear(&w->message);
	if (compose_mail(w->composer, &w->envelope, &w->message, &why) == 0)
		return 0;
	job_poison(w, &why);
	return -1;
}

static struct sender_mail mail_of(struct worker *w)
{
	struct sender_mail mail = {
		.envelope_from = w->return_path,
		.recipient = w->envelope.to_email,
		.envid = w->job.id,
		.bytes = w->message.data,
		.len = w->message.len,
	};

	returnpath_make(w->conf, w->job.id, w->return_path);
	CRASH_POINT("worker: composed");
	return mail;
}

/*
 * Asks for the dot while the end of the mail is being written; gate() takes the
 * answer.  Whoever dies in between was past the dot without having sent it;
 * that costs a person's work where such mails are held, so those are not asked
 * for.
 */
static void ahead(void *user)
{
	struct worker *w = user;

	if (queue_kind_is_in(w->conf->hold_kinds, w->envelope.kind))
		return;
	CRASH_POINT("worker: asking ahead");
	queue_dot_ahead(w->q, w->job.id, w->job.token);
	CRASH_POINT("worker: asked ahead");
}

/* Invariants 9 and 10: asked right before the final dot. */
static int gate(void *user)
{
	struct worker *w = user;
	struct fault why;
	int go;

	CRASH_POINT("worker: at the gate");
	go = queue_dot(w->q, w->job.id, w->job.token, &why);
	if (go == 1) {
		CRASH_POINT("worker: past the gate");
		return 0;
	}
	if (go == -1) {
		job_trouble(w, "dot gate", &why);
		memcpy(w->unsent_id, w->job.id, sizeof(w->unsent_id));
		w->unsent_token = w->job.token;
	} else {
		log_warning("fenced off job=%s token=%lld", w->job.id,
			    (long long)w->job.token);
		/* Its id may still be in our list, where nobody else looks. */
		w->dirty = true;
	}
	return -1;
}

static void done(void *user, const struct sender_result *result)
{
	settle(user, result);
}

/*
 * Waits for the mail's place in the relay's rate; the job is in hand.  Returns
 * 0, or -1 if that takes too long or we are to stop.
 */
static int wait_turn(struct worker *w)
{
	int64_t wait_ms = relays_take_place(&w->relays, RATE_WAIT_MS);

	if (wait_ms <= 0)
		return (int)wait_ms;
	say(w, PHASE_WAITING);
	set_deadline(w, RATE_WAIT_MS);
	(void)prefork_poll(NULL, 0, (int)wait_ms);
	return prefork_stopping() ? -1 : 0;
}

/* In a session without a job: is it worth waiting for one? */
static int take_next(struct worker *w)
{
	struct fault why;
	int64_t wait_ms;

	if (w->conf->session_idle == 0)
		return 0;
	if (!relays_may_go_on(&w->relays)) {
		/* Only for a rate whose next place comes soon. */
		wait_ms = pace_wait_ms(&relays_state(&w->relays)->pace,
				       relays_conf(&w->relays)->rate,
				       ticks_ms());
		if (wait_ms == 0 || wait_ms > w->conf->session_idle)
			return 0;
		say(w, PHASE_WAITING);
		(void)prefork_poll(NULL, 0, (int)wait_ms);
		if (!relays_may_go_on(&w->relays))
			return 0;
	}
	say(w, PHASE_IDLE);
	return job_take(w, (int)w->conf->session_idle, &why);
}

static int next(void *user, struct sender_mail *mail)
{
	struct worker *w = user;

	while (!w->dirty && !prefork_stopping()) {
		set_deadline(w, 2 * w->conf->session_idle + COMPOSE_LIMIT_MS);
		if (!w->has_job && take_next(w) != 1)
			return 0;
		if (settle_sets_aside(w))
			continue;
		if (compose(w) == 0) {
			/* A job that stays in hand begins the next session. */
			if (wait_turn(w) == -1)
				return 0;
			*mail = mail_of(w);
			return 1;
		}
		job_drop(w);
	}
	return 0;
}

static void progress(void *user, enum sender_step step, int64_t limit_ms)
{
	struct worker *w = user;

	set_deadline(w, limit_ms);
	say(w, step == SENDER_CONNECTS ? PHASE_CONNECTING : PHASE_TALKING);
	proctitle_set("worker %u: sending %s", w->name.slot, w->job.id);
}

static void waits(void *user, enum stage stage)
{
	struct worker *w = user;

	atomic_store(&w->score->stage, (int)stage);
}

static void took(void *user, enum stage stage, int64_t us)
{
	struct worker *w = user;

	stages_took(&relays_state(&w->relays)->stages, stage, us);
}

/* One session for the job in hand and those that follow. */
static void run_session(struct worker *w)
{
	const struct sender_ops ops = {
		.user = w, .ahead = ahead, .gate = gate, .done = done,
		.next = next, .progress = progress, .waits = waits,
		.took = took,
	};
	int relay = relays_enter(&w->relays);
	struct sender_mail mail;

	/* It was there when the job was claimed, or another one was. */
	if (relay == -1) {
		settle_release(w);
		return;
	}
	if (settle_sets_aside(w)) {
		/* Somebody else's turn, or perhaps ours again. */
	} else if (compose(w) == -1) {
		job_drop(w);
	} else if (wait_turn(w) == -1) {
		settle_release(w);
	} else {
		mail = mail_of(w);
		(void)sender_run(w->sender, (size_t)relay, &mail, &ops);
	}
	relays_leave(&w->relays);
}

void delivery_run(struct worker *w)
{
	buf_init(&w->message);
	/* A session that is full or over may leave a job in hand. */
	while (w->has_job)
		run_session(w);
	set_deadline(w, 0);
	proctitle_set("worker %u: idle", w->name.slot);
	buf_release(&w->message);
}
