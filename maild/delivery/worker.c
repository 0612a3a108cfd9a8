/* SPDX-License-Identifier: MIT */
/* The worker process: claim, handle, again. */
#include "config.h"

#include "delivery/worker.h"

#include "base/crashpoint.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "daemon/outage.h"
#include "daemon/prefork.h"
#include "delivery/delivery.h"
#include "delivery/tokens.h"
#include "queue/dispatch.h"
#include "state/replay.h"

#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define CONNECT_TIMEOUT_MS 2000
#define COMMAND_TIMEOUT_MS 5000
#define CLAIM_WAIT_MS 5000	/* never 0, which is for ever: a client that
				   died while blocked still takes one job */
#define CLEAR_NAP_MS 50		/* between two checks whether we may claim */

struct rconn *worker_rconn(const struct mailconf *conf, int command_timeout_ms,
			   struct fault *why)
{
	const struct rconn_opts opts = mailconf_redis(
		conf, CONNECT_TIMEOUT_MS, command_timeout_ms);

	return rconn_new(&opts, why);
}

/*
 * What the relay took must be in Redis before anything is claimed: our own
 * untold mails always; after a restart of Redis also what we told it lately.
 * The dispatcher has done so for all of this host; but we may have gone on
 * talking for a moment to a Redis that had been replaced.
 */
static int replay(struct worker *w, bool restarted, struct fault *why)
{
	struct replay r = {
		.conf = w->conf, .board = w->board, .q = w->q,
		.instance = w->name.instance,
	};

	return replay_worker(&r, w->name.slot, restarted, why);
}

/*
 * Register, replay, reclaim: in this order, before any claim.  generation is
 * that of the data in Redis that was last worked on.  Returns 0; 1 if others
 * have yet to tell Redis what they sent, so that nothing may be claimed; or -1.
 */
static int recover(struct worker *w, char generation[QUEUE_GENERATION_MAX],
		   struct fault *why)
{
	const struct queue_said unsent = {
		.verdict = "reclaimed", .stage = "dot",
		.text = "not sent: the queue did not answer in time",
	};
	const struct queue_end end = {
		.worker = &w->name, .id = w->unsent_id,
		.token = w->unsent_token, .said = &unsent,
	};
	struct queue_reclaim_opts opts;
	char now[QUEUE_GENERATION_MAX];
	struct queue_reclaimed got;
	bool crashed = atomic_load(&w->score->crashed);
	bool restarted;

	if (rconn_open(w->r, why) == -1 ||
	    queue_beat(w->q, w->name.instance, why) == -1)
		return -1;
	CRASH_POINT("worker: registered");
	if (queue_generation(w->q, now, sizeof(now), why) == -1)
		return -1;
	restarted = strcmp(generation, now) != 0;
	/* The dispatcher replays for all of this host before it clears. */
	if (restarted && !scoreboard_is_cleared(w->board, now))
		return 1;
	if (replay(w, restarted, why) == -1)
		return -1;
	CRASH_POINT("worker: replayed");
	must(str_copy(generation, QUEUE_GENERATION_MAX, now));
	queue_epoch_use(w->q, queue_generation_epoch(now));
	if (w->unsent_id[0] &&
	    queue_release(w->q, &end, why) == -1)
		return -1;
	w->unsent_id[0] = '\0';
	opts = job_reclaim_opts(w->conf, &w->name, crashed, true);
	if (queue_reclaim(w->q, &opts, &got, why) == -1)
		return -1;
	CRASH_POINT("worker: reclaimed");
	atomic_store(&w->score->crashed, false);
	w->dirty = false;
	if (got.queued + got.unsent + got.uncertain > 0)
		log_info("reclaimed queued=%d unsent=%d uncertain=%d",
			 got.queued, got.unsent, got.uncertain);
	return 0;
}

/* Is Redis there, and all of ours in it in order?  False: not yet, and a pause
 * has been made. */
static bool is_ready(struct worker *w, struct outage *redis,
		     char generation[QUEUE_GENERATION_MAX])
{
	struct fault why;
	int late = 0;

	if (w->dirty || !rconn_is_open(w->r)) {
		score_phase_set(w->score, PHASE_CLAIMING, NULL, ticks_ms());
		late = recover(w, generation, &why);
	}
	if (late == -1) {
		bool is_told = atomic_load(&w->board->is_away_told);
		int nap_ms = outage_go_on_among(redis, is_told, why.text);

		(void)prefork_poll(NULL, 0, nap_ms);
		return false;
	}
	if (late == 1) {
		w->dirty = true;
		(void)prefork_poll(NULL, 0, CLEAR_NAP_MS);
		return false;
	}
	outage_end(redis, "redis");
	return true;
}

/* Says what the worker does while it has no job. */
static void phase_rest(struct worker *w, enum phase phase)
{
	if (atomic_load(&w->score->phase) != (int)phase)
		score_phase_set(w->score, phase, NULL, ticks_ms());
}

static void work(struct worker *w)
{
	struct outage redis = { .since_ms = 0 };
	char generation[QUEUE_GENERATION_MAX] = "";
	struct fault why;

	while (!prefork_stopping()) {
		int64_t wait_ms;

		if (!is_ready(w, &redis, generation))
			continue;
		wait_ms = relays_wait_ms(&w->relays);
		phase_rest(w, wait_ms > 0 ? PHASE_WAITING : PHASE_IDLE);
		if (wait_ms > 0) {
			(void)prefork_poll(NULL, 0, (int)wait_ms);
			continue;
		}
		switch (job_take(w, CLAIM_WAIT_MS, &why)) {
		case 1:
			delivery_run(w);
			break;
		case 0:
			relays_unused(&w->relays);
			break;
		default:
			relays_unused(&w->relays);
			if (why.class != FAULT_NONE)
				log_debug("claim failed: %s", why.text);
		}
	}
}

/* A claim that was cut off by the stop may have left a job in our list. */
static void give_back(struct worker *w)
{
	struct queue_reclaim_opts opts = job_reclaim_opts(w->conf, &w->name,
							  false, true);
	struct queue_reclaimed got;
	struct fault why;

	CRASH_POINT("worker: giving back");
	if (replay(w, false, &why) == -1 ||
	    queue_reclaim(w->q, &opts, &got, &why) == -1)
		log_warning("leaving without giving jobs back: %s", why.text);
}

int worker_run(const struct instance *instance, unsigned number)
{
	const struct mailconf *conf = instance->conf;
	struct compose_opts compose_opts = compose_opts_of(conf);
	struct sender_opts sender_opts = sender_opts_of(conf);
	struct marks *marks[RELAYS_MAX];
	struct worker w = {
		.conf = conf, .board = instance->board,
		.score = &instance->board->score[number],
		.name = { instance->name, number },
	};
	const struct fence fence = mailconf_fence(conf);
	struct fault why;
	int status = EX_CONFIG;

	atomic_store(&w.score->deadline_ms, 0);
	relays_init(&w.relays, conf, w.board, w.score);
	for (size_t i = 0; i < conf->relays.count; i++)
		marks[i] = &w.board->relay[w.relays.place[i]].marks;
	sender_opts.marks = marks;
	sender_opts.tokens = tokens_of(&w);
	atomic_store(&w.score->pid, (int)getpid());
	w.r = worker_rconn(conf, COMMAND_TIMEOUT_MS, &why);
	if (w.r)
		w.q = queue_new(w.r, conf->redis.prefix);
	if (w.q)
		queue_share_set(w.q, (int)conf->bulk_share);
	if (w.q)
		w.composer = composer_new(&compose_opts, &why);
	if (w.composer)
		composer_alert(w.composer);
	if (w.composer)
		w.sender = sender_new(&sender_opts, &why);
	if (w.sender && fence_child(&fence, &why) == 0) {
		status = 0;
		work(&w);
		give_back(&w);
	} else {
		log_error("cannot start: %s", why.text);
	}
	sender_free(w.sender);
	composer_free(w.composer);
	queue_free(w.q);
	rconn_free(w.r);
	return status;
}
