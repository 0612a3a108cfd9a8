/* SPDX-License-Identifier: MIT */
/* Carries envelopes from RabbitMQ to the queue's intake in Redis. */
#include "config.h"

#include "amqp/bridge.h"

#include "amqp/broker.h"
#include "amqp/judge.h"
#include "base/alloc.h"
#include "base/crashpoint.h"
#include "base/logger.h"
#include "base/ticks.h"
#include "daemon/alert.h"
#include "daemon/daemon.h"
#include "daemon/outage.h"
#include "daemon/prefork.h"
#include "queue/produce.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>

#define CONNECT_LIMIT_MS 2000
#define COMMAND_LIMIT_MS 2500	/* less than BROKER_TEND_MS */
#define GATHER_MS 5
#define IDLE_MS 1000
#define LOOK_MS 2000
#define TELL_MS 600000
#define STEP_LIMIT_MS 120000	/* names of all hosts may have to be found */

/* Messages in hand: taken from RabbitMQ, not acknowledged. */
struct batch {
	size_t taken;		/* all of them; the rest was refused */
	size_t count;		/* envelopes for Redis */
	struct rarg envelopes[QUEUE_BATCH_MAX];	/* owned */
	uint64_t last_tag;	/* of the latest one that may be acknowledged */
	int64_t since_ms;	/* ticks when the first one came */
	int64_t stuck_ms;	/* ticks of the first try that failed, or 0 */
};

struct bridge {
	const struct amqpconf *conf;
	struct bridge_board *board;
	struct rconn *r;
	struct queue *q;
	size_t host;		/* where RabbitMQ answered last */
	struct broker *in;	/* NULL = not connected */
	struct broker *out;	/* for what is refused; NULL = none yet */
	struct batch batch;
	bool is_full;		/* the intake was at its limit */
	int64_t told, tell_at_ms;
	struct outage redis, rabbit;
};

static void nap(int ms)
{
	(void)prefork_poll(NULL, 0, ms);	/* the loop asks why it ended */
}

static void batch_clear(struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		free((void *)(uintptr_t)batch->envelopes[i].data);
	*batch = (struct batch){ .taken = 0 };
}

static void disconnect(struct bridge *b)
{
	broker_close(b->out);
	broker_close(b->in);
	b->out = NULL;
	b->in = NULL;
}

/* ---- outages ------------------------------------------------------------ */

static int redis_away(struct bridge *b, const struct fault *why)
{
	if (why->class == FAULT_CONFIG ||
	    (why->class == FAULT_REJECT && !rconn_was_oom(b->r)))
		alert_raise_once("bridge-redis", "redis refuses the bridge: %s",
				 why->text);
	return outage_go_on(&b->redis, why->text);
}

/* What is in hand will come again. */
static void rabbit_away(struct bridge *b, const struct fault *why)
{
	int pause_ms;

	if (why->class == FAULT_CONFIG)
		alert_raise_once("bridge-rabbitmq",
				 "rabbitmq refuses the bridge: %s", why->text);
	pause_ms = outage_go_on(&b->rabbit, why->text);
	disconnect(b);
	b->host++;
	proctitle_set("bridge: waits for RabbitMQ");
	nap(pause_ms);
}

/* ---- to Redis ----------------------------------------------------------- */

/* Its messages are somebody else's, or will come again. */
static void give_back(struct bridge *b)
{
	log_warning("gave back messages=%zu: redis has been away for %" PRId64
		    " s", b->batch.taken, b->conf->give_back / 1000);
	disconnect(b);
	proctitle_set("bridge: waits for Redis");
}

static void acknowledge(struct bridge *b)
{
	struct fault why;

	CRASH_POINT("bridge: pushed");
	if (broker_ack(b->in, b->batch.last_tag, &why) == -1)
		rabbit_away(b, &why);
	else
		CRASH_POINT("bridge: acked");
}

/*
 * Redis does not take it.  The messages stay ours for a while; then they are
 * given back, and the copies here only serve to find out when Redis takes
 * something again: whoever comes twice is dropped by the id.
 */
static void stuck(struct bridge *b, const struct fault *why)
{
	int64_t now_ms = ticks_ms();
	int pause_ms = redis_away(b, why);

	if (!b->batch.stuck_ms)
		b->batch.stuck_ms = now_ms;
	if (now_ms - b->batch.stuck_ms > b->conf->message_age)
		batch_clear(&b->batch);	/* too old to be pushed unasked */
	else if (b->in && now_ms - b->batch.stuck_ms >= b->conf->give_back)
		give_back(b);
	nap(b->in ? pause_ms : LOOK_MS);
}

static void intake_watch(struct bridge *b, int64_t waiting)
{
	if (waiting < b->conf->intake_limit)
		return;
	log_warning("pauses: the intake holds %" PRId64 ", intake_limit is %"
		    PRId64, waiting, b->conf->intake_limit);
	b->is_full = true;
	disconnect(b);
}

static void hand_over(struct bridge *b)
{
	struct batch *batch = &b->batch;
	int64_t waiting = 0;
	struct fault why;

	CRASH_POINT("bridge: gathered");
	if (batch->count)
		waiting = queue_publish_all(b->q, batch->envelopes,
					    batch->count, &why);
	if (waiting < 0) {
		stuck(b, &why);
		return;
	}
	outage_end(&b->redis, "redis");
	if (b->in) {
		log_debug("passed messages=%zu refused=%zu", batch->count,
			  batch->taken - batch->count);
		atomic_fetch_add(&b->board->passed, (int64_t)batch->count);
		acknowledge(b);
	}
	batch_clear(batch);
	intake_watch(b, waiting);
}

/* ---- from RabbitMQ ------------------------------------------------------ */

/* 0 = it is kept there for good, -1. */
static int refuse(struct bridge *b, const struct judgement *j,
		  struct fault *why)
{
	size_t host = b->host;

	if (!b->out)
		b->out = broker_open(b->conf, &host, why);
	if (!b->out || broker_refuse(b->out, b->in, j->reason, why) == -1)
		return -1;
	CRASH_POINT("bridge: refused");
	log_warning("refused id=%s: %s", j->id, j->reason);
	atomic_fetch_add(&b->board->refused, 1);
	return 0;
}

static int take(struct bridge *b, const struct message *m, struct fault *why)
{
	struct batch *batch = &b->batch;
	struct judgement j;

	atomic_store(&b->board->deadline_ms, ticks_ms() + STEP_LIMIT_MS);
	must(batch->count < ARRAY_COUNT(batch->envelopes));
	if (judge_message(m, wall_ms(), b->conf->message_age, &j)) {
		batch->envelopes[batch->count++] = (struct rarg){
			alloc_textn(m->body, m->len), m->len };
	} else if (refuse(b, &j, why) == -1) {
		return -1;
	}
	if (batch->taken++ == 0)
		batch->since_ms = ticks_ms();
	batch->last_tag = m->tag;
	return 0;
}

static bool batch_is_full(const struct bridge *b)
{
	return b->batch.taken >= (size_t)b->conf->prefetch;
}

/* How long may still be waited for more? */
static int patience_ms(const struct bridge *b)
{
	int64_t left_ms;

	if (b->batch.taken == 0)
		return IDLE_MS;
	left_ms = b->batch.since_ms + GATHER_MS - ticks_ms();
	if (batch_is_full(b) || left_ms < 0)
		return 0;
	return (int)left_ms;
}

/*
 * Takes what has come, and keeps the heartbeats: RabbitMQ sends no more than
 * prefetch until something is acknowledged.  1 = hand it over now, 0, -1.
 */
static int gather(struct bridge *b, struct fault *why)
{
	struct pollfd fd = { .fd = broker_fd(b->in), .events = POLLIN };
	struct message m;
	int came;

	while ((came = broker_next(b->in, &m, why)) == 1)
		if (take(b, &m, why) == -1)
			return -1;
	if (came == -1)
		return -1;
	if (patience_ms(b) > 0)
		(void)prefork_poll(&fd, 1, patience_ms(b));
	return b->batch.taken > 0 && patience_ms(b) == 0;
}

/* First Redis, then RabbitMQ: nothing is taken that cannot be handed on. */
static void connect_both(struct bridge *b)
{
	/* After a pause there must be room for more than a few. */
	int64_t most = b->is_full ? b->conf->intake_limit / 10 * 9
				  : b->conf->intake_limit;
	struct fault why;
	int64_t waiting = queue_waiting(b->q, &why);

	if (waiting < 0) {
		nap(redis_away(b, &why));
		return;
	}
	outage_end(&b->redis, "redis");
	if (waiting >= most && waiting > 0) {
		if (!b->is_full)
			intake_watch(b, waiting);
		proctitle_set("bridge: waits for room in the intake");
		nap(LOOK_MS);
		return;
	}
	if (b->is_full)
		log_info("goes on: the intake holds %" PRId64, waiting);
	b->is_full = false;
	b->in = broker_open(b->conf, &b->host, &why);
	if (!b->in || broker_declare(b->in, &why) == -1 ||
	    broker_consume(b->in, &why) == -1) {
		rabbit_away(b, &why);
		return;
	}
	outage_end(&b->rabbit, "rabbitmq");
	log_info("consumes queue=%s from=%s", b->conf->queue,
		 broker_name(b->in));
	proctitle_set("bridge: consumes from %s", broker_name(b->in));
}

/* ---- the loop ----------------------------------------------------------- */

static void tell(struct bridge *b)
{
	int64_t now_ms = ticks_ms();
	int64_t passed = atomic_load(&b->board->passed);
	int64_t refused = atomic_load(&b->board->refused);
	int64_t all = passed + refused;

	if (all == b->told || now_ms < b->tell_at_ms)
		return;
	b->tell_at_ms = now_ms + TELL_MS;
	b->told = all;
	log_info("passed messages=%" PRId64 " refused=%" PRId64
		 " since=start", passed, refused);
}

static void step(struct bridge *b)
{
	struct fault why = { .class = FAULT_NONE };
	int ready = 1;

	if (!b->in && b->batch.taken == 0) {
		connect_both(b);
		return;
	}
	if (b->in)
		ready = gather(b, &why);
	/* What came before a fault is whole; if it is acknowledged in vain, it
	 * comes again. */
	if (ready != 0 && b->batch.taken > 0)
		hand_over(b);
	if (ready == -1)
		rabbit_away(b, &why);
}

int bridge_run(const struct amqpconf *conf, struct bridge_board *board)
{
	const struct fence fence = amqpconf_fence(conf);
	struct bridge b = { .conf = conf, .board = board };
	struct fault why;

	b.r = bridge_rconn(conf, &why);
	if (!b.r || fence_child(&fence, &why) == -1) {
		log_error("cannot run: %s", why.text);
		rconn_free(b.r);
		return EX_CONFIG;
	}
	b.q = queue_new(b.r, conf->redis.prefix);
	b.tell_at_ms = ticks_ms() + TELL_MS;
	while (!prefork_stopping()) {
		atomic_store(&board->deadline_ms, ticks_ms() + STEP_LIMIT_MS);
		step(&b);
		tell(&b);
	}
	if (b.in && b.batch.taken > 0 && !b.batch.stuck_ms)
		hand_over(&b);	/* what stays comes again */
	b.tell_at_ms = 0;
	tell(&b);
	disconnect(&b);
	batch_clear(&b.batch);
	queue_free(b.q);
	rconn_free(b.r);
	return 0;
}

struct rconn *bridge_rconn(const struct amqpconf *conf, struct fault *why)
{
	const struct rconn_opts opts = redisconf_opts(&conf->redis,
						      &conf->redis_secrets,
						      CONNECT_LIMIT_MS,
						      COMMAND_LIMIT_MS);

	return rconn_new(&opts, why);
}
