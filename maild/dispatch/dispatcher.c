/* SPDX-License-Identifier: MIT */
/* The dispatcher process: admits, promotes, takes over from vanished hosts. */
#include "config.h"

#include "dispatch/dispatcher.h"

#include "base/crashpoint.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "daemon/alert.h"
#include "daemon/outage.h"
#include "daemon/prefork.h"
#include "delivery/worker.h"
#include "dispatch/peers.h"
#include "queue/dispatch.h"
#include "queue/operate.h"
#include "smtp/sender.h"
#include "state/replay.h"

#include <string.h>
#include <sysexits.h>

#define BATCH 100
#define COMMAND_TIMEOUT_MS 5000
#define INTAKE_WAIT_MS 1000	/* also how late a due retry may be seen */
#define FULL_NAP_MS 200		/* while ready is at its window */
#define PEERS_MS 5000		/* between two looks at the beats */
#define BEHIND_NAP_MS 200	/* while others have yet to replay */
#define PURGE_MS 60000		/* between two looks for old dead letters */

struct dispatcher {
	const struct mailconf *conf;
	struct scoreboard *board;
	const char *instance;
	struct rconn *r;
	struct queue *q;
	struct peers *peers;
	char generation[QUEUE_GENERATION_MAX];	/* of Redis' data, told what
				   this host sent; "" = none yet */
	bool cleared;		/* ... and all others did the same */
	int64_t since_ms;	/* when it was first seen */
	int64_t peers_at_ms, purge_at_ms;
	bool evicts;		/* redis does, and the alert was raised */
};

/*
 * Checks which data Redis has.  If it lost or rewound them, it is told again
 * which mails the relay took, before a republished job can be admitted
 * (doc/states.md).
 */
static int check_generation(struct dispatcher *d, struct fault *why)
{
	struct replay r = {
		.conf = d->conf, .board = d->board, .q = d->q,
		.instance = d->instance,
	};
	char now[QUEUE_GENERATION_MAX];

	if (queue_generation(d->q, now, sizeof(now), why) == -1)
		return -1;
	if (strcmp(now, d->generation) == 0)
		return 0;
	CRASH_POINT("dispatcher: another generation");
	d->cleared = false;
	scoreboard_clear(d->board, "");
	/* Also at the start: the dispatcher before us may have died just when
	 * Redis lost its data, and a master that is gone left a journal. */
	if (replay_all(&r, why) == -1 ||
	    queue_replayed_set(d->q, d->instance, now, why) == -1)
		return -1;
	CRASH_POINT("dispatcher: replayed");
	must(str_copy(d->generation, sizeof(d->generation), now));
	d->since_ms = ticks_ms();
	return 0;
}

/*
 * Another host may have sent what this Redis no longer knows of: wait until it
 * has said so, for as long as it counts as alive.  Returns 1 when all is told,
 * 0 if not yet, -1.
 */
static int check_peers(struct dispatcher *d, struct fault *why)
{
	int behind;

	if (d->cleared)
		return 1;
	behind = peers_behind(d->peers, d->generation, why);
	if (behind == -1)
		return -1;
	if (behind > 0 && ticks_ms() - d->since_ms < d->conf->host_lease)
		return 0;
	if (behind > 0)
		log_warning("not waiting any longer for other instances "
			    "count=%d", behind);
	d->cleared = true;
	scoreboard_clear(d->board, d->generation);
	return 1;
}

/* Workers that may be waiting for a job. */
static int count_idle(const struct dispatcher *d)
{
	int idle = 0;

	for (unsigned i = 0; i < QUEUE_SLOTS_MAX; i++)
		if (atomic_load(&d->board->score[i].phase) == PHASE_IDLE)
			idle++;
	return idle;
}

/* Forgets old dead letters, a few at a time. */
static int purge(struct dispatcher *d, int64_t now, struct fault *why)
{
	const struct queue_purge_opts opts = {
		.states = "X", .older_than_ms = d->conf->dead_memory,
		.max = BATCH,
	};
	int count;

	if (now < d->purge_at_ms)
		return 0;
	count = queue_purge(d->q, &opts, why);
	if (count == -1)
		return -1;
	if (count > 0)
		log_info("forgot old dead letters count=%d", count);
	d->purge_at_ms = count < BATCH ? now + PURGE_MS : now;
	return 0;
}

/*
 * A Redis that evicts keys loses jobs silently: nothing is taken from its
 * intake until that is changed.  Without an append-only file a restart loses
 * jobs, which only booking's outbox brings back.
 */
static int check_server(struct dispatcher *d, struct fault *why)
{
	struct queue_server server;

	if (queue_server_read(d->q, &server, why) == -1)
		return -1;
	if (!server.keeps_keys) {
		rconn_close(d->r);
		if (!d->evicts)
			alert_raise("redis-evicts", "redis %s evicts keys: no "
				    "job is taken until maxmemory-policy is "
				    "noeviction", d->conf->redis.address);
		d->evicts = true;
		return fault_set(why, FAULT_CONFIG,
				 "redis %s evicts keys: set maxmemory-policy "
				 "noeviction", d->conf->redis.address);
	}
	d->evicts = false;
	if (rconn_is_stray(d->r))
		log_warning("redis %s is a node of a cluster, and the right "
			    "one only until another one has the keys: write "
			    "redis = cluster:HOST:PORT,HOST:PORT",
			    d->conf->redis.address);
	if (!server.has_aof)
		log_warning("redis keeps no append-only file: a restart loses "
			    "what waits in it");
	return 0;
}

/* Moves what there is to move.  Returns 1 if the intake was left full, 0 when
 * all is done, -1 on fault. */
static int move_jobs(struct dispatcher *d, struct fault *why)
{
	struct queue_admit_opts opts = {
		.max = BATCH, .window = d->conf->ready_window,
		.epoch = queue_generation_epoch(d->generation),
		.bulk_kinds = d->conf->bulk_kinds,
	};

	for (;;) {
		struct queue_admitted got;

		CRASH_POINT("dispatcher: admitting");
		opts.idle = count_idle(d);
		if (queue_admit(d->q, &opts, &got, why) == -1)
			return -1;
		CRASH_POINT("dispatcher: admitted");
		if (got.taken == -1) {
			/* A new epoch: replay first, then admit. */
			if (check_generation(d, why) == -1)
				return -1;
			return 0;
		}
		if (got.malformed > 0)
			alert_raise("malformed",
				    "malformed envelopes set aside count=%d",
				    got.malformed);
		if (got.taken < BATCH && got.promoted < BATCH)
			return got.taken == 0;
		if (prefork_stopping())
			return 0;
	}
}

static void tell_address(struct dispatcher *d)
{
	char address[SCOREBOARD_ADDRESS_MAX];

	if (rconn_peer(d->r, address, sizeof(address)))
		scoreboard_redis_set(d->board, address);
}

/* One round; FAULT_NONE with -1 = asked to stop. */
static int round_of(struct dispatcher *d, struct fault *why)
{
	int64_t now = ticks_ms();
	int cleared;
	int full;
	int waiting;

	if (!rconn_is_open(d->r)) {
		if (rconn_open(d->r, why) == -1)
			return -1;
		tell_address(d);
		if (check_server(d, why) == -1 ||
		    check_generation(d, why) == -1)
			return -1;
	}
	if (now >= d->peers_at_ms) {
		d->peers_at_ms = now + PEERS_MS;
		CRASH_POINT("dispatcher: looking at peers");
		if (peers_check(d->peers, why) == -1)
			return -1;
	}
	cleared = check_peers(d, why);
	if (cleared == -1)
		return -1;
	if (cleared == 0) {
		(void)prefork_poll(NULL, 0, BEHIND_NAP_MS);
		return 0;
	}
	if (purge(d, now, why) == -1)
		return -1;
	full = move_jobs(d, why);
	if (full == -1)
		return -1;
	waiting = queue_intake_wait(d->q, INTAKE_WAIT_MS, why);
	if (waiting == -1)
		return -1;
	/* The last admit took nothing though the intake has something. */
	if (waiting == 1 && full == 1) {
		int again = move_jobs(d, why);

		if (again == -1)
			return -1;
		if (again == 1)
			(void)prefork_poll(NULL, 0, FULL_NAP_MS);
	}
	return 0;
}

int dispatcher_run(const struct instance *instance)
{
	const struct mailconf *conf = instance->conf;
	struct sender_opts limits = sender_opts_of(conf);
	struct peers_opts peers_opts = {
		.conf = conf, .instance = instance->name,
		.dot_ms = conf->host_lease + sender_mail_limit_ms(&limits),
	};
	struct dispatcher d = { .conf = conf, .board = instance->board,
				.instance = instance->name };
	const struct fence fence = mailconf_fence(conf);
	struct outage redis = { .since_ms = 0 };
	struct fault why;

	d.r = worker_rconn(conf, COMMAND_TIMEOUT_MS, &why);
	if (!d.r || fence_child(&fence, &why) == -1) {
		log_error("cannot start: %s", why.text);
		rconn_free(d.r);
		return EX_CONFIG;
	}
	d.q = queue_new(d.r, conf->redis.prefix);
	peers_opts.q = d.q;
	d.peers = peers_new(&peers_opts);
	while (!prefork_stopping()) {
		if (round_of(&d, &why) == 0) {
			outage_end(&redis, "redis");
			atomic_store(&d.board->is_away_told, false);
			continue;
		}
		if (why.class == FAULT_NONE)
			break;
		/* Nor may this spin while Redis refuses a script. */
		atomic_store(&d.board->is_away_told, true);
		(void)prefork_poll(NULL, 0, outage_go_on(&redis, why.text));
	}
	peers_free(d.peers);
	queue_free(d.q);
	rconn_free(d.r);
	return 0;
}
