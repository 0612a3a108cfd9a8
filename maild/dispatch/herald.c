/* SPDX-License-Identifier: MIT */
/* The master's words with Redis: beats, live state, what dead workers had. */
#include "config.h"

#include "dispatch/herald.h"

#include "base/alloc.h"
#include "base/crashpoint.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "daemon/daemon.h"
#include "delivery/job.h"
#include "dispatch/status.h"
#include "queue/dispatch.h"
#include "queue/figures.h"
#include "state/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEAT_MS 5000
#define STATUS_TTL_MS 15000
#define TALLY_TTL_S 86400	/* a day of silence is longer than any outage */
#define TALLY_LEFT_S 3600	/* after the last words of an instance */
#define START_MS 3000		/* the dispatcher has that long to find Redis */

struct herald {
	const struct instance *self;
	int64_t born_ms;		/* ticks_ms() */
	char address[SCOREBOARD_ADDRESS_MAX];	/* of r, "" = none */
	struct rconn *r;		/* NULL = not known where */
	struct queue *q;
	int64_t beat_at_ms;
	int64_t silent_until_ms;	/* after a failure */
	int pause_ms;			/* the last silence, 0 = none */
	bool beaten;			/* at least once */
	char line[160];			/* last told to the service manager */
};

struct herald *herald_new(const struct instance *instance)
{
	struct herald *h = alloc_zeroed(1, sizeof(*h));

	h->self = instance;
	h->born_ms = ticks_ms();
	return h;
}

void herald_free(struct herald *h)
{
	if (!h)
		return;
	herald_close(h);
	free(h);
}

void herald_close(struct herald *h)
{
	queue_free(h->q);
	rconn_free(h->r);
	h->q = NULL;
	h->r = NULL;
	h->address[0] = '\0';
}

void herald_abandon(struct herald *h)
{
	if (h->r)
		rconn_close(h->r);
}

/* ---- the connection ----------------------------------------------------- */

/* The workers speak of a Redis that is away; here it costs time. */
static void failed(struct herald *h, const char *what, const struct fault *why)
{
	h->pause_ms = h->pause_ms ? h->pause_ms * 2 : HERALD_PAUSE_MIN_MS;
	if (h->pause_ms > HERALD_PAUSE_MAX_MS)
		h->pause_ms = HERALD_PAUSE_MAX_MS;
	h->silent_until_ms = ticks_ms() + h->pause_ms;
	log_debug("%s failed: %s", what, why->text);
}

/* Goes to where the dispatcher is. */
static void follow(struct herald *h)
{
	char address[SCOREBOARD_ADDRESS_MAX];
	struct rconn_opts opts = mailconf_redis(h->self->conf, HERALD_LIMIT_MS,
						HERALD_LIMIT_MS);
	struct fault why;

	scoreboard_redis_read(h->self->board, address);
	if (strcmp(address, h->address) == 0)
		return;
	herald_close(h);
	h->silent_until_ms = 0;
	h->pause_ms = 0;
	memcpy(h->address, address, sizeof(h->address));
	/* A broken dispatcher may have left a name here, and a resolver would
	 * keep us waiting. */
	if (!rconn_is_literal(address))
		return;
	opts.address = address;
	h->r = rconn_new(&opts, &why);
	if (!h->r) {
		log_debug("cannot go to redis: %s", why.text);
		return;
	}
	h->q = queue_new(h->r, h->self->conf->redis.prefix);
}

/* May something be said now? */
static bool is_open(struct herald *h)
{
	struct fault why;

	follow(h);
	if (!h->r || ticks_ms() < h->silent_until_ms)
		return false;
	if (rconn_open(h->r, &why) == -1) {
		failed(h, "connect", &why);
		return false;
	}
	return true;
}

/* ---- what is said ------------------------------------------------------- */

struct pauses {
	struct scoreboard *board;
	bool paused[RELAYS_MAX];
};

static void hear(void *arg, const char *what)
{
	struct pauses *p = arg;
	int index;

	if (!str_starts_with(what, "relay:"))
		return;
	index = scoreboard_relay_find(p->board, what + strlen("relay:"));
	if (what[strlen("relay:")] != '\0' && index != -1)
		p->paused[index] = true;
}

static int tell(struct herald *h, struct fault *why)
{
	struct pauses pauses = { .board = h->self->board };
	char *json = status_json(h->self, ticks_ms());
	const struct queue_status_opts opts = {
		.instance = h->self->name, .json = json,
		.ttl_ms = STATUS_TTL_MS, .paused = hear, .arg = &pauses,
	};
	int result = queue_status_set(h->q, &opts, why);

	free(json);
	if (result == -1)
		return -1;
	for (int i = 0; i < RELAYS_MAX; i++)
		atomic_store(&h->self->board->relay[i].paused,
			     pauses.paused[i]);
	return 0;
}

/* What all workers have counted so far. */
static int count(struct herald *h, int ttl_s, struct fault *why)
{
	struct queue_tally rows[STAGES_ROWS];
	const struct queue_tally_opts opts = {
		.instance = h->self->name, .ttl_s = ttl_s,
		.rows = rows, .count = STAGES_ROWS,
	};

	for (int i = 0; i < RELAYS_MAX; i++) {
		char name[RELAY_NAME_MAX + 1];

		scoreboard_relay_name(h->self->board, i, name);
		if (name[0] == '\0')
			continue;
		stages_rows(&h->self->board->relay[i].stages, name, rows);
		if (queue_tally_tell(h->q, &opts, why) == 0)
			continue;
		if (why->class == FAULT_RETRY)
			return -1;
		/* Figures are no reason to withhold the rest. */
		log_debug("cannot tell what was counted: %s", why->text);
	}
	return 0;
}

static int beat(struct herald *h, struct fault *why)
{
	int64_t now = ticks_ms();

	if (h->beaten && now < h->beat_at_ms)
		return 0;
	CRASH_POINT("maild: beating");
	if (queue_beat(h->q, h->self->name, why) == -1)
		return -1;
	h->beaten = true;
	h->beat_at_ms = now + BEAT_MS;
	return count(h, TALLY_TTL_S, why);
}

/* One datagram when something has changed. */
static void tell_manager(struct herald *h, bool has_redis)
{
	char line[sizeof(h->line)];
	char state[sizeof(h->line) + 32];

	/* The dispatcher may not be there yet. */
	if (!has_redis && !h->beaten && ticks_ms() - h->born_ms < START_MS)
		return;
	status_line(h->self, ticks_ms(), line, sizeof(line));
	if (!has_redis) {
		size_t len = strlen(line);

		(void)snprintf(line + len, sizeof(line) - len,
			       ", waiting for redis");
	}
	if (strcmp(line, h->line) == 0)
		return;
	memcpy(h->line, line, sizeof(h->line));
	(void)snprintf(state, sizeof(state), "STATUS=%s", line);
	daemon_notify(state);
}

void herald_tend(struct herald *h)
{
	bool has_redis = is_open(h);
	struct fault why;

	if (has_redis &&
	    (beat(h, &why) == -1 || tell(h, &why) == -1)) {
		failed(h, "live state", &why);
		has_redis = false;
	}
	if (has_redis)
		h->pause_ms = 0;
	tell_manager(h, has_redis);
}

void herald_reclaim(struct herald *h, unsigned worker, bool crashed)
{
	struct replay r = {
		.conf = h->self->conf, .board = h->self->board,
		.instance = h->self->name,
	};
	struct queue_worker name = { h->self->name, worker };
	struct queue_reclaim_opts opts = job_reclaim_opts(h->self->conf,
							  &name, crashed, true);
	struct queue_reclaimed got;
	struct fault why;

	if (!is_open(h)) {
		log_debug("left to its next worker: what worker=%u had",
			  worker);
		return;
	}
	CRASH_POINT("maild: reclaiming");
	r.q = h->q;		/* only now: it may be another one */
	if (replay_ring(&r, worker, false, &why) == -1 ||
	    queue_reclaim(h->q, &opts, &got, &why) == -1) {
		failed(h, "reclaim", &why);
		log_warning("cannot reclaim of worker=%u yet: %s", worker,
			    why.text);
		return;
	}
	CRASH_POINT("maild: reclaimed");
	atomic_store(&h->self->board->score[worker].crashed, false);
	if (got.queued + got.unsent + got.uncertain > 0)
		log_info("reclaimed of worker=%u queued=%d unsent=%d "
			 "uncertain=%d", worker, got.queued, got.unsent,
			 got.uncertain);
}

void herald_leave(struct herald *h)
{
	struct fault why;

	if (is_open(h) &&
	    (count(h, TALLY_LEFT_S, &why) == -1 ||
	     queue_status_drop(h->q, h->self->name, &why) == -1 ||
	     queue_instance_forget(h->q, h->self->name, &why) == -1))
		log_debug("live state stays for a while: %s", why.text);
}
